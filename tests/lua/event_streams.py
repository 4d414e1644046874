"""Streams of the Messages API as bytes, and what a client reads in them: independent of the plugin."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PING = b'event: ping\ndata: {"type": "ping"}\n\n'
STOP = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
_TEXT_MEMBERS = {"text_delta": "text", "input_json_delta": "partial_json"}
# Behind these, what was said of a block is all of it.
_END_ALL = {"message_start", "message_stop", "error"}


@dataclass(frozen=True)
class Event:
    """One event of a stream, and its bytes."""

    name: str
    data: str
    raw: bytes

    def json(self) -> Any:
        """The data parsed; None when that is not possible."""
        try:
            return json.loads(self.data)
        except ValueError:
            return None

    @property
    def delta(self) -> tuple[int, str, str] | None:
        """Index, type and text of a delta that has text to be restored."""
        data = self.json()
        if not isinstance(data, dict) or data.get("type") != "content_block_delta":
            return None
        member = _TEXT_MEMBERS.get(data["delta"]["type"])
        return (data["index"], data["delta"]["type"], data["delta"][member]) if member else None


def event(data: Mapping[str, Any], *, line_end: str = "\n", named: bool = True) -> bytes:
    """The bytes of an event that is named after the type of its data."""
    lines = [f"event: {data['type']}"] if named else []
    lines += [f"data: {json.dumps(data, separators=(',', ':'), ensure_ascii=False)}", "", ""]
    return line_end.join(lines).encode()


def start(index: int, block: Mapping[str, Any] | None = None) -> bytes:
    """The event that opens a block, of text unless it is given."""
    block = block or {"type": "text", "text": ""}
    return event({"type": "content_block_start", "index": index, "content_block": block})


def delta(index: int, text: str, delta_type: str = "text_delta", **manner: Any) -> bytes:
    """A delta of a block; `manner` as for `event`."""
    member = _TEXT_MEMBERS.get(delta_type, delta_type.removesuffix("_delta"))
    data = {"type": "content_block_delta", "index": index, "delta": {"type": delta_type, member: text}}
    return event(data, **manner)


def stop(index: int) -> bytes:
    """The event that closes a block."""
    return event({"type": "content_block_stop", "index": index})


def read(stream: bytes) -> list[Event]:
    """The whole events of a stream, as the standard parts them (https://html.spec.whatwg.org, 9.2.6)."""
    events: list[Event] = []
    name, raw = "", b""
    data: list[str] = []
    for line in re.findall(rb"[^\r\n]*(?:\r\n|\r|\n)", stream):
        raw += line
        field, _, value = line.rstrip(b"\r\n").decode().partition(":")
        value = value.removeprefix(" ")
        if line in {b"\r\n", b"\r", b"\n"}:
            if data:
                events.append(Event(name, "\n".join(data), raw))
            name, data, raw = "", [], b""
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)
    return events


def texts(events: Sequence[Event]) -> dict[tuple[int, int, str], str]:
    """What a client puts together: (index, how often the block began or ended before, type) → text."""
    found: dict[tuple[int, int, str], str] = {}
    turns: dict[int, int] = {}
    all_turns = 0
    for one in events:
        data = one.json()
        if not isinstance(data, dict):
            continue
        if data.get("type") in _END_ALL:
            all_turns += 1
        elif data.get("type") in {"content_block_start", "content_block_stop"}:
            turns[data["index"]] = turns.get(data["index"], 0) + 1
        elif one.delta:
            index, delta_type, text = one.delta
            key = (index, all_turns * 1000 + turns.get(index, 0), delta_type)
            found[key] = found.get(key, "") + text
    return found


def others(events: Sequence[Event]) -> list[bytes]:
    """The bytes of all events but the deltas that have text."""
    return [one.raw for one in events if one.delta is None]
