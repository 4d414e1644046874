"""The official SDK works against the emulator, whole and streamed."""

import anthropic
import pytest
from anthropic.types import RedactedThinkingBlock, TextBlock, ThinkingBlock, ToolUseBlock

from system.upstream import protocol
from system.upstream.protocol import Answer, Script
from tests.upstream.emulator import Emulator

MODEL = "claude-sonnet-5"
SAID = 'Restart i-0abc; "quoted" \\ back, naïve — 東京 🗼'
BLOCKS: list[protocol.ContentBlock] = [
    protocol.ThinkingBlock(thinking="Let me look at it step by step.", signature="c2lnbmF0dXJl"),
    protocol.RedactedThinkingBlock(data="b3BhcXVl"),
    protocol.TextBlock(text="I ask the tool."),
    protocol.ToolUseBlock(id="toolu_1", name="describe", input={"ids": ["AWS_EC2_001"], "n": 2, "ü": None}),
]


def stream_types(sdk: anthropic.Anthropic, headers: dict[str, str] | None = None) -> list[str]:
    with sdk.messages.create(
        model=MODEL,
        max_tokens=64,
        messages=[{"role": "user", "content": SAID}],
        stream=True,
        extra_headers=headers,
    ) as events:
        return [event.type for event in events]


def test_a_message_echoes_the_last_user_text(sdk: anthropic.Anthropic) -> None:
    message = sdk.messages.create(
        model=MODEL,
        max_tokens=64,
        system="Be brief.",
        messages=[
            {"role": "user", "content": "first"},
            {"role": "assistant", "content": "second"},
            {
                "role": "user",
                "content": [{"type": "text", "text": SAID}, {"type": "text", "text": "and more"}],
            },
        ],
    )
    assert message.content == [TextBlock(type="text", text=f"{SAID}\nand more")]
    assert (message.model, message.role, message.stop_reason) == (MODEL, "assistant", "end_turn")
    assert message.usage.input_tokens > 0
    assert message.usage.output_tokens > 0
    assert message._request_id is not None
    assert message._request_id.startswith("req_")


def test_a_tool_result_is_echoed_when_the_turn_has_no_other_text(sdk: anthropic.Anthropic) -> None:
    message = sdk.messages.create(
        model=MODEL,
        max_tokens=64,
        messages=[
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "toolu_1",
                        "content": [{"type": "text", "text": SAID}],
                    }
                ],
            }
        ],
    )
    assert message.content == [TextBlock(type="text", text=SAID)]


@pytest.mark.parametrize("delta_chars", [1, 7, 10_000])
def test_a_stream_has_the_same_text(sdk: anthropic.Anthropic, emulator: Emulator, delta_chars: int) -> None:
    with (
        emulator.client.scripted(Script(delta_chars=delta_chars, ping_every=3)) as script,
        sdk.messages.stream(
            model=MODEL,
            max_tokens=64,
            messages=[{"role": "user", "content": SAID}],
            extra_headers=script.headers,
        ) as stream,
    ):
        pieces = list(stream.text_stream)
        final = stream.get_final_message()
    assert "".join(pieces) == SAID
    assert len(pieces) == -(-len(SAID) // delta_chars)
    assert final.content[0].type == "text"
    assert final.content[0].text == SAID
    assert final.stop_reason == "end_turn"
    assert final.usage.output_tokens > 1


def test_a_stream_has_the_documented_order_of_events(sdk: anthropic.Anthropic) -> None:
    types = stream_types(sdk)
    deltas = types.count("content_block_delta")
    assert deltas > 1
    # The SDK itself keeps pings from its callers.
    assert [name for name in types if name != "ping"] == [
        "message_start",
        "content_block_start",
        *["content_block_delta"] * deltas,
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


@pytest.mark.parametrize("streamed", [False, True])
def test_every_kind_of_content_block_reaches_the_sdk(
    sdk: anthropic.Anthropic, emulator: Emulator, streamed: bool
) -> None:
    script = Script(answer=Answer.CONTENT, content=BLOCKS, delta_chars=3)
    with emulator.client.scripted(script) as handle:
        create = {
            "model": MODEL,
            "max_tokens": 64,
            "messages": [{"role": "user", "content": "go"}],
            "extra_headers": handle.headers,
        }
        if streamed:
            with sdk.messages.stream(**create) as stream:  # type: ignore[arg-type]
                message: anthropic.types.Message = stream.get_final_message()
        else:
            message = sdk.messages.create(**create)  # type: ignore[call-overload]
    thinking, redacted, text, tool = message.content
    assert isinstance(thinking, ThinkingBlock)
    assert (thinking.thinking, thinking.signature) == ("Let me look at it step by step.", "c2lnbmF0dXJl")
    assert isinstance(redacted, RedactedThinkingBlock)
    assert redacted.data == "b3BhcXVl"
    assert isinstance(text, TextBlock)
    assert text.text == "I ask the tool."
    assert isinstance(tool, ToolUseBlock)
    assert (tool.id, tool.name) == ("toolu_1", "describe")
    assert tool.input == {"ids": ["AWS_EC2_001"], "n": 2, "ü": None}
    assert message.stop_reason == "tool_use"


def test_count_tokens_answers(sdk: anthropic.Anthropic) -> None:
    count = sdk.messages.count_tokens(model=MODEL, messages=[{"role": "user", "content": SAID}])
    assert count.input_tokens > 0


def test_a_text_script_frames_its_text(sdk: anthropic.Anthropic, emulator: Emulator) -> None:
    script = Script(answer=Answer.TEXT, text="AWS_EC2_001", prefix_text="before ", suffix_text=" after")
    with emulator.client.scripted(script) as handle:
        message = sdk.messages.create(
            model=MODEL,
            max_tokens=64,
            messages=[{"role": "user", "content": "go"}],
            extra_headers=handle.headers,
        )
    assert message.content == [TextBlock(type="text", text="before AWS_EC2_001 after")]


@pytest.mark.parametrize("size_bytes", [0, 1, 26, 27, 28, 1_000_000])
def test_a_size_script_has_exactly_so_many_bytes(
    sdk: anthropic.Anthropic, emulator: Emulator, size_bytes: int
) -> None:
    with emulator.client.scripted(Script(answer=Answer.SIZE, size_bytes=size_bytes)) as handle:
        message = sdk.messages.create(
            model=MODEL,
            max_tokens=64,
            messages=[{"role": "user", "content": "go"}],
            extra_headers=handle.headers,
        )
    assert isinstance(message.content[0], TextBlock)
    assert len(message.content[0].text) == size_bytes
