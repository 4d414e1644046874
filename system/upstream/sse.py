"""A message as server-sent events, in the documented order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from system.upstream.messages_api import tokens_in
from system.upstream.protocol import RedactedThinkingBlock, TextBlock, ThinkingBlock, ToolUseBlock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from system.upstream.messages_api import Message
    from system.upstream.protocol import ContentBlock


def events(message: Message, *, delta_chars: int, ping_every: int) -> Iterator[bytes]:
    """Yield the events of a message, each with its blank line.

    Args:
        message: What to say.
        delta_chars: Characters in one delta.
        ping_every: A ping after so many deltas; 0: only the one after the first block's start.
    """
    yield _event("message_start", message=message.envelope())
    pinged = False
    deltas = output_bytes = 0
    for index, block in enumerate(message.content):
        start, parts = _opening(block), _deltas(block, delta_chars)
        yield _event("content_block_start", index=index, content_block=start)
        if not pinged:
            pinged = True
            yield _event("ping")
        for delta in parts:
            event = _event("content_block_delta", index=index, delta=delta)
            output_bytes += len(event)
            yield event
            deltas += 1
            if ping_every and deltas % ping_every == 0:
                yield _event("ping")
        yield _event("content_block_stop", index=index)
    ending = {"stop_reason": message.stop_reason, "stop_sequence": None}
    yield _event("message_delta", delta=ending, usage={"output_tokens": tokens_in(output_bytes)})
    yield _event("message_stop")


def _event(name: str, **data: object) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), to_json({"type": name, **data}))


def _opening(block: ContentBlock) -> dict[str, Any]:
    empty: dict[str, Any]
    match block:
        case TextBlock():
            empty = {"text": ""}
        case ToolUseBlock():
            empty = {"input": {}}
        case ThinkingBlock():
            empty = {"thinking": "", "signature": ""}
        case RedactedThinkingBlock():
            empty = {}
    return block.model_dump() | empty


def _deltas(block: ContentBlock, delta_chars: int) -> Iterator[dict[str, str]]:
    match block:
        case TextBlock(text=text):
            for part in _split(text, delta_chars):
                yield {"type": "text_delta", "text": part}
        case ToolUseBlock(input=tool_input):
            yield {"type": "input_json_delta", "partial_json": ""}
            for part in _split(json.dumps(tool_input, ensure_ascii=False), delta_chars):
                yield {"type": "input_json_delta", "partial_json": part}
        case ThinkingBlock(thinking=thinking, signature=signature):
            for part in _split(thinking, delta_chars):
                yield {"type": "thinking_delta", "thinking": part}
            yield {"type": "signature_delta", "signature": signature}
        case RedactedThinkingBlock():
            return


def _split(text: str, size: int) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]
