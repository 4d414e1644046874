"""A client that costs little beside what it measures: one connection, one request after the other."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from fixtures.failures import ClauseViolated

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_S = 30.0


class Caller:
    """Sends prepared requests.

    Args:
        url: Of the gateway.
        body: JSON, the same for all.
        paths: Where it may be sent.
    """

    def __init__(self, url: str, body: bytes, paths: tuple[str, ...]) -> None:
        address = urlsplit(url)
        self._requests: Mapping[str, bytes] = {
            path: (
                f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            ).encode()
            + body
            for path in paths
        }
        self._connection = socket.create_connection(
            (address.hostname or "", address.port or 80), timeout=_TIMEOUT_S
        )
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._replies = self._connection.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._replies.close()
        self._connection.close()

    def call(self, path: str) -> float:
        """Sends one request and reads its response to the end; returns how many seconds both took.

        Raises:
            ClauseViolated: It failed.
        """
        started_s = time.perf_counter()
        self._connection.sendall(self._requests[path])
        status = self._replies.readline()
        if b" 200 " not in status:
            raise ClauseViolated(f"a request was answered with {status[:40]!r}")
        length: int | None = None
        while (line := self._replies.readline()) not in {b"\r\n", b""}:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if length is None:
            while size := int(self._replies.readline(), 16):
                self._replies.read(size + 2)
            self._replies.readline()
        else:
            self._replies.read(length)
        return time.perf_counter() - started_s
