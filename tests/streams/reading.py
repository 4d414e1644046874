"""What a client makes of a stream's events."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fixtures.lab.exchange import Exchange

_MEMBERS = {
    "text_delta": "text",
    "input_json_delta": "partial_json",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
}


def block_texts(exchange: Exchange) -> dict[tuple[int, str], str]:
    """Index of a block and type of its deltas → their texts, joined."""
    found: dict[tuple[int, str], str] = {}
    for event in exchange.stream_events:
        if event.get("type") == "content_block_delta":
            kind = event["delta"]["type"]
            key = (event["index"], kind)
            found[key] = found.get(key, "") + event["delta"][_MEMBERS[kind]]
    return found


def without_deltas(stream: bytes) -> list[bytes]:
    """The bytes of all events that are no deltas of text, in order."""
    changing = (b'"text_delta"', b'"input_json_delta"')
    return [event for event in stream.split(b"\n\n") if event and not any(kind in event for kind in changing)]
