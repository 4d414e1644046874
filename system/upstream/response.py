"""One HTTP response before it is sent, and the bytes that frame it."""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from itertools import pairwise
from typing import TYPE_CHECKING

from system.upstream.codings import encoder
from system.upstream.protocol import Framing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


@dataclass(slots=True)
class Response:
    """Status, headers (names in lower case, without framing headers) and whole body.

    Attributes:
        boundaries: Offsets inside the body, ascending, where a piece ends: one per server-sent event.
    """

    status: int
    headers: dict[str, str]
    body: bytes | memoryview
    boundaries: Sequence[int] = field(default=())

    @property
    def bodiless(self) -> bool:
        """Whether HTTP forbids a body with this status."""
        return self.status in _BODILESS

    def pieces(self, cuts: Sequence[int]) -> Iterator[memoryview]:
        """Yield the body cut at ascending offsets; offsets outside it are ignored."""
        body = memoryview(self.body)
        inside = (cut for cut in cuts if 0 < cut < len(body))
        for start, end in pairwise((0, *inside, len(body))):
            if start < end:
                yield body[start:end]

    def encode(self, encoding: str) -> None:
        """Encode the body, see `codings`; each piece can be decoded on its own arrival."""
        compressor = encoder(encoding)
        encoded = bytearray()
        boundaries = []
        for piece in self.pieces(self.boundaries):
            if encoded:
                encoded += compressor.flush(zlib.Z_SYNC_FLUSH)
                boundaries.append(len(encoded))
            encoded += compressor.compress(piece)
        encoded += compressor.flush()
        self.body = bytes(encoded)
        self.boundaries = boundaries
        self.headers["content-encoding"] = encoding

    def head(self, framing: Framing, *, keep_alive: bool, http_1_0: bool) -> bytes:
        """Return status line and headers, with the ones that framing and the connection's future need."""
        headers = self.headers
        lines = [_status_line(self.status), f"date: {_http_date(int(time.time()))}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if not self.bodiless:
            if framing is Framing.CONTENT_LENGTH:
                lines.append(f"content-length: {len(self.body)}")
            elif framing is Framing.CHUNKED:
                lines.append("transfer-encoding: chunked")
        if not keep_alive:
            lines.append("connection: close")
        elif http_1_0:
            lines.append("connection: keep-alive")
        lines.append("\r\n")
        return "\r\n".join(lines).encode("latin-1")


def chunk(piece: bytes | memoryview) -> tuple[bytes, bytes | memoryview, bytes]:
    """Frame a piece, which must not be empty, as one HTTP chunk."""
    return b"%x\r\n" % len(piece), piece, b"\r\n"


def last_chunk(trailers: Mapping[str, str]) -> bytes:
    """End a chunked body."""
    lines = ["0", *(f"{name}: {value}" for name, value in trailers.items()), "\r\n"]
    return "\r\n".join(lines).encode("latin-1")


@lru_cache(maxsize=600)
def _status_line(status: int) -> str:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unnamed"
    return f"HTTP/1.1 {status} {phrase}"


@lru_cache(maxsize=1)
def _http_date(epoch_s: int) -> str:
    return formatdate(epoch_s, usegmt=True)
