"""The official SDK puts together what it streams through the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.lab.prompts import MAX_TOKENS, MODEL
from fixtures.lazy import lazy_module
from system.upstream import protocol
from system.upstream.protocol import Answer, Script
from tests.restoring.scene import scene

if TYPE_CHECKING:
    import anthropic
    from pydantic import JsonValue

    from fixtures.lab.lab import Lab
else:
    anthropic = lazy_module("anthropic")

pytestmark = pytest.mark.xdist_group("sdk")  # in one process: the SDK takes a second to import

TEXT = 'I look at AWS_EC2_001 and "AWS_PRIVATE_IP_001", then AWS_EC2_00'
INPUT: dict[str, JsonValue] = {"ids": ["AWS_EC2_002", "AWS_EC2_003"], "AWS_EC2_001": "AWS_EC2_001", "n": 2}
BLOCKS: list[protocol.ContentBlock] = [
    protocol.ThinkingBlock(thinking="AWS_EC2_001?", signature="c2lnbmF0dXJl"),
    protocol.TextBlock(text=TEXT),
    protocol.ToolUseBlock(name="describe", input=INPUT),
]


@pytest.mark.clause("U1", "U2", "M12")
@pytest.mark.parametrize("chunk_bytes", [pytest.param(None, marks=pytest.mark.thorough), 5])
@pytest.mark.parametrize("delta_chars", [1, 3, 6])
def test_text_and_tool_input_over_many_deltas_are_restored_for_the_sdk(
    lab: Lab, delta_chars: int, chunk_bytes: int | None
) -> None:
    lab.apply()
    said = scene(lab, ec2=3, private_ip=1)
    script = Script(
        answer=Answer.CONTENT, content=BLOCKS, delta_chars=delta_chars, ping_every=4, chunk_bytes=chunk_bytes
    )
    prompt = " ".join(identifier.decode() for identifier in said.originals.values())
    with (
        lab.upstream.scripted(script) as handle,
        anthropic.Anthropic(
            api_key="test-key",
            base_url=lab.stack.addresses.gateway_url,
            default_headers=handle.headers,
            max_retries=0,
        ) as client,
        client.messages.stream(
            model=MODEL, max_tokens=MAX_TOKENS, messages=[{"role": "user", "content": prompt}]
        ) as stream,
    ):
        streamed = "".join(stream.text_stream)
        message: anthropic.types.Message = stream.get_final_message()

    def clear(text: str) -> str:
        return said.restored(text.encode()).decode()

    thinking, text, tool = message.content
    assert isinstance(thinking, anthropic.types.ThinkingBlock)
    assert (thinking.thinking, thinking.signature) == ("AWS_EC2_001?", "c2lnbmF0dXJl")
    assert isinstance(text, anthropic.types.TextBlock)
    assert text.text == streamed == clear(TEXT)
    assert isinstance(tool, anthropic.types.ToolUseBlock)
    ids = [clear("AWS_EC2_002"), clear("AWS_EC2_003")]
    assert tool.input == {"ids": ids, clear("AWS_EC2_001"): clear("AWS_EC2_001"), "n": 2}
