"""A client that shows what arrives, when it arrives."""

from __future__ import annotations

import socket
from typing import Self

from fixtures.stack.ports import HOST

_ARRIVAL_TIMEOUT_S = 5.0
_RECEIVE_BYTES = 65536


class RawClient:
    """One connection with one request on it."""

    def __init__(self, port: int, path: str) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=_ARRIVAL_TIMEOUT_S)
        request = f"GET {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n"
        self._socket.sendall(request.encode())
        self.data = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._socket.close()

    def read_until(self, text: bytes) -> None:
        """Read until the text has arrived.

        Raises:
            TimeoutError: it did not arrive.
            EOFError: the connection ended before.
        """
        self._socket.settimeout(_ARRIVAL_TIMEOUT_S)
        while text not in self.data:
            received = self._socket.recv(_RECEIVE_BYTES)
            if not received:
                raise EOFError(f"the response ended without {text!r}: {self.data!r}")
            self.data += received

    def read_to_end(self) -> bytes:
        """The whole response."""
        self._socket.settimeout(_ARRIVAL_TIMEOUT_S)
        while received := self._socket.recv(_RECEIVE_BYTES):
            self.data += received
        return self.data

    def stays_silent(self, window_s: float) -> bool:
        """Whether nothing arrives during the whole window."""
        self._socket.settimeout(window_s)
        try:
            received = self._socket.recv(_RECEIVE_BYTES)
        except TimeoutError:
            return True
        self.data += received
        return False
