"""An upstream that sends one response piece by piece, each when the test says so."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from fixtures.stack.ports import HOST

#: Longer than any test waits for a piece; a test that forgets to release one ends all the same.
_RELEASE_TIMEOUT_S = 10.0


class Framing(StrEnum):
    """How the end of the response's body is marked."""

    CHUNKED = "chunked"
    CLOSE = "until close"
    LENGTH = "Content-Length"


@dataclass
class HeldUpstream:
    """Serves connections one after the other.

    Args:
        framing: of every response.
        pieces: body of every response; each is sent after one `release`.
    """

    framing: Framing = Framing.CHUNKED
    pieces: tuple[bytes, ...] = (b"one",)
    requests: list[bytes] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = socket.create_server((HOST, 0))
        self.port: int = self._server.getsockname()[1]
        self._released = threading.Semaphore(0)
        self.received = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        # Wakes accept(); what is still held is let go.
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.release(1000)
        self._thread.join()

    def release(self, count: int = 1) -> None:
        """Let the next pieces go."""
        self._released.release(count)

    def await_request(self) -> None:
        """Return when one more request has arrived.

        Raises:
            TimeoutError: none came.
        """
        if not self.received.acquire(timeout=_RELEASE_TIMEOUT_S):
            raise TimeoutError("no request reached the upstream")

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    self._answer(connection)
                except OSError:
                    continue

    def _answer(self, connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            data = connection.recv(65536)
            if not data:
                return
            request += data
        self.requests.append(request)
        self.received.release()
        connection.sendall(self._head())
        for piece in self.pieces:
            if not self._released.acquire(timeout=_RELEASE_TIMEOUT_S):
                return
            chunk = b"%x\r\n%s\r\n" % (len(piece), piece)
            connection.sendall(chunk if self.framing is Framing.CHUNKED else piece)
        if self.framing is Framing.CHUNKED:
            connection.sendall(b"0\r\n\r\n")

    def _head(self) -> bytes:
        length = sum(map(len, self.pieces))
        mark = {
            Framing.CHUNKED: b"Transfer-Encoding: chunked\r\n",
            Framing.CLOSE: b"Connection: close\r\n",
            Framing.LENGTH: b"Content-Length: %d\r\nConnection: close\r\n" % length,
        }[self.framing]
        return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + mark + b"\r\n"
