"""Answers that are hard to restore: placeholders and what only looks like them, in every kind of body, cut anywhere."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

ORIGINALS: Mapping[str, Sequence[bytes]] = {
    "ec2": [f"i-{number:08x}".encode() for number in range(1, 13)],
    "s3": [b"team-data", b"logs"],
    "arn": [rb"arn:aws:iam::123456789012:role\/app\/x", b"arn:aws:s3:::%1$1&{}"],
    "vpc": [b"vpc-0a1b2c3d"],
    "vpc_endpoint": [b"vpce-0a1b2c3d"],
    "literal": [b"AWS_EC2_001", b"AWS_LITERAL_001"],
    "security_group_rule": [b"sgr-0a1b2c3d"],
}
_PLACEHOLDERS = [
    "AWS_EC2_001",
    "AWS_EC2_0012",
    "AWS_EC2_012",
    "AWS_EC2_013",
    "AWS_EC2_1",
    "AWS_S3_002",
    "AWS_ARN_001",
    "AWS_ARN_002",
    "AWS_VPC_001",
    "AWS_VPC_ENDPOINT_001",
    "AWS_VPC_ENDPOINT_",
    "AWS_LITERAL_001",
    "AWS_LITERAL_002",
    "AWS_SG_RULE_001",
]
WORDS = [
    *_PLACEHOLDERS,
    "AWS_",
    "AWS",
    "A",
    "AWS_AWS_EC2_001",
    "AWS_EC2_000",
    "AWS_FOO_001",
    "AWS_EC2",
    " ",
    "text",
    "é",
    "\U0001f600",
    "\n",
    "1",
]


@dataclass(frozen=True)
class Answer:
    """A body, its media type, and the chunks that it comes in."""

    body: bytes
    media_type: str
    chunks: tuple[bytes, ...]


def _text(rng: Random) -> str:
    return "".join(rng.choices(WORDS, k=rng.randrange(8)))


def _cut(rng: Random, text: str) -> list[str]:
    """The text in up to four pieces."""
    edges = [0, *sorted(rng.choices(range(len(text) + 1), k=rng.randrange(4))), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(edges)]


class _Stream:
    """Writes events in one manner: their line ends, named or not, their data in one line or several."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.line_end = rng.choice(["\n", "\n", "\r\n", "\r"])
        self.is_named = rng.random() < 0.8
        self.is_ascii = rng.random() < 0.5
        self.separators = rng.choice([(",", ":"), (", ", ": ")])

    def event(self, data: Mapping[str, Any]) -> str:
        """One event, now and then with a comment in it or its data in several lines."""
        text = json.dumps(data, separators=self.separators, ensure_ascii=self.is_ascii)
        lines = [f"event: {data['type']}"] if self.is_named else []
        if self.rng.random() < 0.1:
            lines.append(f": {self.rng.choice(WORDS).strip()}")
        space = " " if self.rng.random() < 0.9 else ""
        if self.rng.random() < 0.1:
            text = text.replace("{", "{" + f"{self.line_end}data: ", 1)
        lines.append(f"data:{space}{text}")
        return self.line_end.join([*lines, "", ""])

    def between(self) -> str:
        """What may stand between any two events."""
        word = self.rng.choice(WORDS).strip()
        return self.rng.choice(
            [
                self.event({"type": "ping"}),
                f": {word}{self.line_end * 2}",
                f":{self.line_end * 2}",
                self.line_end,
                f"retry: 10{self.line_end * 2}",
                f"data: [{word}]{self.line_end * 2}",
                self.event(
                    {"type": "message_delta", "delta": {"stop_reason": None}, "usage": {"output_tokens": 3}}
                ),
            ]
        )

    def block(self, index: int) -> list[str]:
        """A content block: text, a tool's input, thinking, or thinking that is hidden."""
        kind = self.rng.choice(["text", "text", "tool_use", "tool_use", "thinking", "redacted_thinking"])
        deltas: list[dict[str, Any]] = []
        pieces = _cut(self.rng, _text(self.rng))
        if kind == "text":
            start: dict[str, Any] = {"text": self.rng.choice(["", "", "", *WORDS])}
            deltas = [{"type": "text_delta", "text": piece} for piece in pieces]
        elif kind == "tool_use":
            start = {"id": "toolu_1", "name": "look", "input": {}}
            written = json.dumps({self.rng.choice(_PLACEHOLDERS): _text(self.rng)}, ensure_ascii=False)
            deltas = [
                {"type": "input_json_delta", "partial_json": piece} for piece in _cut(self.rng, written)
            ]
        elif kind == "thinking":
            start = {"thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces]
            deltas.append({"type": "signature_delta", "signature": self.rng.choice(_PLACEHOLDERS)})
        else:
            start = {"data": self.rng.choice(_PLACEHOLDERS)}
        events = [{"type": "content_block_start", "index": index, "content_block": {"type": kind, **start}}]
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        if self.rng.random() < 0.85:
            events.append({"type": "content_block_stop", "index": index})
        return [self.event(event) for event in events]

    def whole(self) -> bytes:
        """Blocks one after another or interleaved, and an end of any kind."""
        rng = self.rng
        blocks = [self.block(index) for index in range(rng.randrange(5))]
        if rng.random() < 0.3:
            lanes = [iter(block) for block in blocks for _ in block]
            rng.shuffle(lanes)
            events = [next(lane) for lane in lanes]
        else:
            events = [event for block in blocks for event in block]
        with_more: list[str] = []
        for event in events:
            if rng.random() < 0.15:
                with_more.append(self.between())
            with_more.append(event)
        body = "".join([self.event({"type": "message_start", "message": {"id": "m"}}), *with_more])
        return body.encode() + self.end()

    def end(self) -> bytes:
        """A stop, an error, nothing, or an event that breaks off."""
        rng = self.rng
        stop = self.event({"type": "message_stop"})
        error = {"type": "overloaded_error", "message": rng.choice(WORDS)}
        delta = {"type": "text_delta", "text": _text(rng)}
        broken = self.event({"type": "content_block_delta", "index": 0, "delta": delta}).encode()
        return rng.choice(
            [
                stop.encode(),
                stop.encode(),
                self.event({"type": "error", "error": error}).encode(),
                b"",
                broken[: rng.randrange(len(broken.rstrip()))],
            ]
        )


def _json_text(rng: Random) -> bytes:
    content = {"content": [{"text": _text(rng)}, _text(rng)]}
    return json.dumps(content, ensure_ascii=rng.random() < 0.5).encode()


_BODIES: dict[str, Callable[[Random], bytes]] = {
    "text/plain": lambda rng: _text(rng).encode(),
    "application/json": _json_text,
    "text/event-stream": lambda rng: _Stream(rng).whole(),
}


def made_up(rng: Random) -> Answer:
    """A body that is cut anywhere; of three, two are streams."""
    media_type = rng.choice([*_BODIES, "text/event-stream", "text/event-stream", "text/event-stream"])
    return in_chunks(_BODIES[media_type](rng), media_type, rng)


def in_chunks(body: bytes, media_type: str, rng: Random) -> Answer:
    """A body in up to six chunks."""
    edges = [0, *sorted(rng.choices(range(len(body) + 1), k=rng.randrange(6))), len(body)]
    return Answer(body, media_type, tuple(body[a:b] for a, b in itertools.pairwise(edges)))
