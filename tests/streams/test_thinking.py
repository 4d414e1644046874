"""Thinking blocks reach the client as the upstream sent them, and the upstream as the client got them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.lab.prompts import MAX_TOKENS, MODEL
from system.upstream.protocol import (
    Answer,
    ContentBlock,
    RedactedThinkingBlock,
    Script,
    TextBlock,
    ThinkingBlock,
    ToolUseBlock,
)
from tests.restoring.scene import scene
from tests.streams.reading import block_texts

if TYPE_CHECKING:
    from fixtures.lab.exchange import Exchange
    from fixtures.lab.lab import Lab

THINKING = 'The user means AWS_EC2_001 or "AWS_EC2_002"; AWS_EC2_0'
SIGNATURE = "EqQBCgIYAhIM_AWS_EC2_001_1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds="
REDACTED = "EmwKAhgBEgy3va3pzix_AWS_EC2_001_AWS"
BLOCKS: list[ContentBlock] = [
    ThinkingBlock(thinking=THINKING, signature=SIGNATURE),
    RedactedThinkingBlock(data=REDACTED),
    TextBlock(text="It is AWS_EC2_001."),
    ToolUseBlock(name="look", input={"thinking": "AWS_EC2_001", "data": "AWS_EC2_002"}),
]


def _content(exchange: Exchange, *, stream: bool) -> list[dict[str, Any]]:
    """The blocks as a client keeps them for the next turn."""
    if not stream:
        content: list[dict[str, Any]] = exchange.json()["content"]
        return content
    texts = block_texts(exchange)
    starts = [e for e in exchange.stream_events if e["type"] == "content_block_start"]
    blocks = []
    for start in starts:
        index, block = start["index"], start["content_block"]
        for kind, member in [
            ("thinking_delta", "thinking"),
            ("signature_delta", "signature"),
            ("text_delta", "text"),
        ]:
            if (index, kind) in texts:
                block[member] = texts[index, kind]
        if (index, "input_json_delta") in texts:
            block["input"] = json.loads(texts[index, "input_json_delta"])
        blocks.append(block)
    return blocks


@pytest.mark.clause("M12", "U1")
@pytest.mark.parametrize("chunk_bytes", [None, pytest.param(1, marks=pytest.mark.thorough), 13])
@pytest.mark.parametrize(
    ("stream", "delta_chars"),
    [
        (False, 20),
        pytest.param(True, 1, marks=pytest.mark.thorough),
        (True, 7),
        pytest.param(True, 10_000, marks=pytest.mark.thorough),
    ],
)
def test_thinking_passes_both_ways_as_it_is(
    lab: Lab, stream: bool, delta_chars: int, chunk_bytes: int | None
) -> None:
    route, said = lab.route(), scene(lab, ec2=2, stream=stream)
    script = Script(answer=Answer.CONTENT, content=BLOCKS, delta_chars=delta_chars, chunk_bytes=chunk_bytes)
    content = _content(lab.post(route, said.prompt, script=script), stream=stream)
    first, second = (one.decode() for one in said.originals.values())
    thinking, redacted, text, tool = content
    assert (thinking["thinking"], thinking["signature"]) == (THINKING, SIGNATURE)
    assert redacted["data"] == REDACTED
    assert text["text"] == f"It is {first}."
    assert tool["input"] == {"thinking": first, "data": second}

    prompt = json.loads(said.prompt)
    turns = [
        *prompt["messages"],
        {"role": "assistant", "content": content},
        {"role": "user", "content": "And now?"},
    ]
    reply = lab.post(route, {"model": MODEL, "max_tokens": MAX_TOKENS, "messages": turns})
    thinking, redacted, text, tool = json.loads(reply.upstream.body)["messages"][1]["content"]
    assert (thinking["thinking"], thinking["signature"]) == (THINKING, SIGNATURE)
    assert redacted["data"] == REDACTED
    assert text["text"] == "It is AWS_EC2_001."
    assert tool["input"] == {"thinking": "AWS_EC2_001", "data": "AWS_EC2_002"}


@pytest.mark.clause("M12", "M1")
def test_an_identifier_that_a_client_puts_into_thinking_is_masked(lab: Lab) -> None:
    said = scene(lab, ec2=1)
    (identifier,) = (one.decode() for one in said.originals.values())
    block = {"type": "thinking", "thinking": f"{identifier} and AWS_EC2_001", "signature": "c2ln"}
    turns = [
        *json.loads(said.prompt)["messages"],
        {"role": "assistant", "content": [block]},
        {"role": "user", "content": "And now?"},
    ]
    exchange = lab.post(lab.route(), {"model": MODEL, "max_tokens": MAX_TOKENS, "messages": turns})
    (sent,) = json.loads(exchange.upstream.body)["messages"][1]["content"]
    assert sent == {**block, "thinking": "AWS_EC2_001 and AWS_EC2_001"}
