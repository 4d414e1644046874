"""HTTP/1.x on one connection: bytes in, whole requests out, answers in the order of the requests."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol, cast

import httptools

if TYPE_CHECKING:
    from collections.abc import Coroutine

_PARTS_MAX = 16
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(slots=True)
class Request:
    """One request; byte strings are as they came, chunked bodies are joined."""

    connection: int
    method: str = ""
    target: bytes = b""
    http_version: str = ""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    keep_alive: bool = False
    complete: bool = False

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition(b"?")[0].decode("latin-1")

    def header(self, name: bytes) -> str | None:
        """Return the first header called ``name`` (lower case), without whitespace around it, or None."""
        for candidate, value in self.headers:
            if candidate.lower() == name:
                return value.decode("latin-1").strip()
        return None


class Service(Protocol):
    """What a connection serves."""

    def received(self, request: Request) -> None:
        """Take note of a request, whole or not, before anything is answered."""

    def respond(self, request: Request, connection: Connection) -> Coroutine[None, None, None] | None:
        """Write the answer at once and return None, or return what will write it."""

    def opened(self, connection: Connection) -> None:
        """Take note of a new connection."""

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""


class Connection(asyncio.Protocol):
    """Server side of one connection: keep-alive, pipelining, ``Expect: 100-continue``, breaking on demand."""

    def __init__(self, number: int, service: Service) -> None:
        self.number = number
        self._service = service
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._request: Request | None = None
        self._chunks: list[bytes] = []
        self._ready: deque[Request] = deque()
        self._task: asyncio.Task[None] | None = None
        self._continue_due = False
        self._finished = False
        self._flushed: asyncio.Future[None] | None = None

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send each write at once, and count as written only what the kernel took."""
        self._transport = transport = cast(asyncio.Transport, transport)  # what create_server passes
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport.set_write_buffer_limits(high=0)
        self._service.opened(self)

    def data_received(self, data: bytes) -> None:
        """Parse; serve what became whole."""
        if self._finished:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # No upgrade is offered: the request itself is answered, what follows would be another protocol.
            self._finish()
        except httptools.HttpParserError:
            self._end_unfinished(data)
            self._finish()
        self._advance()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Note a request that was cut off; stop answering."""
        if self._request is not None:
            self._end_unfinished()
        self._ready.clear()
        if self._task is not None:
            self._task.cancel()
        self.resume_writing()
        self._service.closed(self)

    def pause_writing(self) -> None:
        """Bytes wait for the kernel."""
        if self._flushed is None:
            self._flushed = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """The kernel took all."""
        if self._flushed is not None and not self._flushed.done():
            self._flushed.set_result(None)
        self._flushed = None

    # httptools' side

    def on_message_begin(self) -> None:
        """Start a request."""
        self._request = Request(self.number)
        self._chunks = []

    def on_url(self, part: bytes) -> None:
        """Take a part of the target."""
        self._current.target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._current.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Take what the head says."""
        request = self._current
        request.method = self._parser.get_method().decode("latin-1")
        request.http_version = self._parser.get_http_version()
        self._continue_due = (request.header(b"expect") or "").lower() == "100-continue"

    def on_body(self, chunk: bytes) -> None:
        """Take a part of the body."""
        self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        """Queue the request for its answer."""
        request = self._current
        request.complete = True
        request.keep_alive = self._parser.should_keep_alive()
        self._queue(b"".join(self._chunks))

    # the service's side

    @property
    def socket(self) -> socket.socket:
        """The connection's socket, to be asked, not to be written to."""
        return cast(socket.socket, self._transport.get_extra_info("socket"))

    def write(self, *parts: bytes | memoryview) -> None:
        """Send parts together."""
        # uvloop writes few large parts without a copy, but drops the connection on a million small ones.
        self._transport.writelines(parts if len(parts) <= _PARTS_MAX else (b"".join(parts),))

    async def flush(self) -> None:
        """Wait until the kernel took everything written; returns also when the connection is lost."""
        if self._flushed is not None:
            await self._flushed

    def close(self) -> None:
        """End in good order, after what was written."""
        self._finished = True
        self._transport.close()

    def reset(self) -> None:
        """End with a RST: what the kernel still holds is thrown away."""
        self._finished = True
        linger = struct.pack("ii", 1, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()

    # inside

    @property
    def _current(self) -> Request:
        assert self._request is not None  # noqa: S101 - the parser calls on_message_begin first
        return self._request

    @property
    def _busy(self) -> bool:
        return self._task is not None or bool(self._ready)

    def _finish(self) -> None:
        self._finished = True
        if self._ready:
            self._ready[-1].keep_alive = False

    def _queue(self, body: bytes) -> None:
        request = self._current
        request.body = body
        self._request = None
        self._chunks = []
        self._continue_due = False
        self._service.received(request)
        self._ready.append(request)

    def _end_unfinished(self, rest: bytes = b"") -> None:
        if self._request is None:
            self._request = Request(self.number)
        self._queue(b"".join(self._chunks) + rest)

    def _advance(self) -> None:
        while self._ready and self._task is None:
            request = self._ready.popleft()
            answer = self._service.respond(request, self)
            if answer is not None:
                self._task = asyncio.get_running_loop().create_task(answer)
                self._task.add_done_callback(partial(self._answered, request))
            elif not self._keeps(request):
                self.close()
        if self._continue_due and not self._busy:
            self._continue_due = False
            self.write(_CONTINUE)

    def _keeps(self, request: Request) -> bool:
        return request.keep_alive and not (self._finished and not self._ready)

    def _answered(self, request: Request, task: asyncio.Task[None]) -> None:
        self._task = None
        if task.cancelled() or self._transport.is_closing():
            return
        if task.exception() is not None:
            self.reset()
            task.result()
        if not self._keeps(request):
            self.close()
            return
        self._advance()
