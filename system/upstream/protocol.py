"""The wire protocol of the emulator's control side: what a test sends it and what it answers.

Everything under ``/_emulator/`` speaks JSON of these models, except two binary answers: the body of one
capture, and the export of many. The export is, per capture, one line of JSON (`CaptureMeta`), a newline, and
then exactly ``body_bytes`` bytes of body. It ends with the last capture, or with the one that brought it to
`EXPORT_BYTES_MAX`; its headers `LAST_HEADER` and `EVICTED_HEADER` carry the same figures as `CapturePage`, so
that a reader sees whether to ask again after the last index it got.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, NonNegativeInt, PositiveInt, model_validator

CONTROL_PREFIX = "/_emulator/"
SCRIPT_HEADER = "X-Emulator-Script"
DEFAULT_SCRIPT_ID = "default"
"""A script that is put under this id answers the requests that name none."""
LAST_HEADER = "X-Emulator-Last"
EVICTED_HEADER = "X-Emulator-Evicted"
EXPORT_BYTES_MAX = 64 * 1024 * 1024

# Set by `Script.framing` and the connection's own state; a script that overrode them would break its own
# framing.
FRAMING_HEADERS = frozenset({"connection", "content-length", "transfer-encoding"})

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class Answer(StrEnum):
    """What the answer's content is made of."""

    ECHO_TEXT = "echo_text"
    """A message whose text is the text of the request's last user message."""
    ECHO_BODY = "echo_body"
    """The request's body bytes as they came, as the HTTP body, with the request's content type."""
    TEXT = "text"
    """A message with the text `Script.text`."""
    SIZE = "size"
    """A message with `Script.size_bytes` bytes of filler text."""
    CONTENT = "content"
    """A message with the blocks of `Script.content`."""
    RAW = "raw"
    """The bytes of `Script.raw` as the HTTP body."""
    ERROR = "error"
    """An error as the API documents it: `Script.error_type` or `Script.status` says which."""


class Framing(StrEnum):
    """How the end of an HTTP body is told."""

    CONTENT_LENGTH = "content_length"
    CHUNKED = "chunked"
    CLOSE = "close"


class BreakKind(StrEnum):
    """How a connection breaks: an orderly FIN, or a RST."""

    CLOSE = "close"
    RESET = "reset"


class _Model(BaseModel):
    """Frozen, refuses unknown fields; bytes travel as base64 (standard or URL-safe alphabet)."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


class TextBlock(_Model):
    """A ``text`` content block."""

    type: Literal["text"] = "text"
    text: str


class ToolUseBlock(_Model):
    """A ``tool_use`` content block; streamed, its input arrives as ``input_json_delta`` pieces."""

    type: Literal["tool_use"] = "tool_use"
    id: str = "toolu_emulated"
    name: str
    input: dict[str, JsonValue]


class ThinkingBlock(_Model):
    """A ``thinking`` content block; streamed as ``thinking_delta`` pieces and one ``signature_delta``."""

    type: Literal["thinking"] = "thinking"
    thinking: str
    signature: str


class RedactedThinkingBlock(_Model):
    """A ``redacted_thinking`` content block; streamed whole in its ``content_block_start``."""

    type: Literal["redacted_thinking"] = "redacted_thinking"
    data: str


ContentBlock = Annotated[
    TextBlock | ToolUseBlock | ThinkingBlock | RedactedThinkingBlock, Field(discriminator="type")
]


class Script(_Model):
    """How the emulator answers the requests that name this script; every field is optional.

    Byte offsets count bytes of the HTTP body as it is sent: after `content_encoding`, without chunk framing.
    `cuts` at or beyond the end of the body have no effect; `hold_after_bytes` and `break_after_bytes` then
    act after the whole body, before the end that chunked framing would tell.
    """

    answer: Answer = Answer.ECHO_TEXT
    text: str | None = None
    size_bytes: NonNegativeInt | None = None
    content: list[ContentBlock] | None = None
    echo_mark: str | None = Field(default=None, min_length=1)
    """Wherever it stands in a string or key of `content`, the text of the last user message takes its place."""
    sign_thinking: bool = False
    """Thinking blocks of `content` get a signature over their text. A request that echoes a block with such a
    signature and another text is refused, as the API does."""
    raw: bytes | None = None
    prefix_text: str = ""
    """Put before the text of `echo_text`, `text` and `size`."""
    suffix_text: str = ""
    """Put after it."""

    status: int | None = Field(default=None, ge=200, le=599)
    error_type: str | None = None
    error_message: str | None = None
    headers: dict[str, str | None] = {}
    """Added to the answer's headers or put in their place; ``None`` removes one."""

    stream: bool | None = None
    """Server-sent events or one JSON body; unset: as the request's ``stream`` says."""
    delta_chars: PositiveInt = 20
    """Characters of text (or of tool input JSON) in one delta."""
    ping_every: NonNegativeInt = 0
    """A ping after each so many deltas; 0: only the one after the first ``content_block_start``."""

    strict: bool | None = None
    """Whether the API's rules (path, method, size, shape) are checked; unset: on ``/v1/`` paths, if the
    answer is a message."""
    require_key: bool | None = None
    """Whether a request without ``x-api-key`` is refused; unset: as the server's ``UPSTREAM_REQUIRE_KEY``
    says, on ``/v1/`` paths."""

    framing: Framing | None = None
    """Unset: chunked for server-sent events, Content-Length otherwise."""
    content_encoding: Literal["gzip", "deflate", "br", "zstd"] | None = None
    """The latter two store their text as it is."""
    trailers: dict[str, str] = {}
    """Sent behind the body where the framing is chunked."""
    cuts: list[PositiveInt] = []
    """Offsets, ascending, at which the body is cut into pieces that are sent apart."""
    chunk_bytes: PositiveInt | None = None
    """Cuts at every multiple of it."""
    first_byte_delay_s: float = Field(default=0.0, ge=0.0, le=600.0)
    """Time between the request's last byte and the response's first."""
    chunk_delay_s: float = Field(default=0.0, ge=0.0, le=600.0)
    """Time between pieces. With neither `cuts` nor `chunk_bytes`, each server-sent event is a piece."""

    endless: bool = False
    """After the body, filler goes on in pieces, `chunk_delay_s` apart, until the script is released or taken out."""

    hold: bool = False
    """Nothing is sent until the script is released."""
    hold_after_bytes: NonNegativeInt | None = None
    """The head and so many bytes are sent; the rest waits until the script is released."""
    break_before_head: bool = False
    """The connection breaks instead of an answer."""
    break_after_bytes: NonNegativeInt | None = None
    """The connection breaks after so many bytes of body have been handed to the kernel."""
    break_kind: BreakKind = BreakKind.CLOSE

    @model_validator(mode="after")
    def _fields_fit_each_other(self) -> Self:
        source = {
            Answer.TEXT: "text",
            Answer.SIZE: "size_bytes",
            Answer.CONTENT: "content",
            Answer.RAW: "raw",
        }
        for answer, field in source.items():
            given = getattr(self, field) is not None
            if given != (self.answer is answer):
                raise ValueError(f'"{field}" and answer "{answer.value}" belong together')
        if self.cuts != sorted(set(self.cuts)):
            raise ValueError('"cuts" must be ascending offsets, none twice')
        for name, value in self.headers.items():
            if not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value or "")):
                raise ValueError(f"header {name!r} has a name or value that HTTP does not allow")
        if framing := FRAMING_HEADERS.intersection(name.lower() for name in self.headers):
            raise ValueError(f'header "{min(framing)}" is set by "framing"')
        if self.answer is Answer.ERROR and self.error_type is None and self.status is None:
            raise ValueError('answer "error" needs "error_type" or "status"')
        if self.endless and self.framing not in {Framing.CHUNKED, Framing.CLOSE}:
            raise ValueError('"endless" needs "framing" to be "chunked" or "close"')
        hold, end = self.hold_after_bytes, self.break_after_bytes
        if hold is not None and end is not None and hold > end:
            raise ValueError('"hold_after_bytes" must not lie beyond "break_after_bytes"')
        return self


class ScriptState(_Model):
    """A script and what became of it."""

    id: str
    script: Script
    requests: NonNegativeInt
    """Requests that named it."""
    waiting: NonNegativeInt
    """Answers that it holds back now."""
    released: bool


class CaptureMeta(_Model):
    """One request as it reached the emulator, without its body."""

    index: PositiveInt
    """1, 2, 3 … in order of arrival of the request's end, without gaps."""
    monotonic_ns: int
    """CLOCK_MONOTONIC when the last byte was read; comparable between the processes of one machine."""
    wall_s: float
    """Seconds since the epoch at the same moment."""
    method: str
    target: str
    http_version: str
    headers: list[tuple[str, str]]
    """In the order and spelling of the wire, decoded as Latin-1; whitespace before a value is not kept."""
    body_bytes: NonNegativeInt
    script: str | None
    connection: PositiveInt
    """Which connection brought it, numbered from 1 in order of acceptance."""
    complete: bool
    """False: the connection ended inside the request, or what came was not HTTP (the body then holds the
    bytes that were not understood)."""


class CapturePage(_Model):
    """A part of the list of captures."""

    captures: list[CaptureMeta]
    last: NonNegativeInt
    """Index of the newest capture ever made; 0 if none."""
    evicted: NonNegativeInt
    """Captures given up for want of space, ever."""


class Health(_Model):
    """The emulator's own figures."""

    status: Literal["ok"] = "ok"
    pid: int
    connections_open: NonNegativeInt
    captures_last: NonNegativeInt
    captures_kept: NonNegativeInt
    captures_kept_bytes: NonNegativeInt
    captures_evicted: NonNegativeInt
    scripts: NonNegativeInt


class Released(_Model):
    """The answer to a release."""

    released: NonNegativeInt
    """Answers that were waiting and are sent now."""


class ControlError(_Model):
    """The body of every refusal on the control side."""

    error: str
    """One line: what, which value, what would be right."""
