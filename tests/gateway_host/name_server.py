"""A DNS server on a UDP port of its own, which counts what it is asked."""

from __future__ import annotations

import socket
import threading
from typing import Self

from fixtures.stack.name_server import TYPE_A, answer, question_of
from fixtures.stack.ports import HOST

#: Docker's DNS says so, too.
_TTL_S = 600


class NameServer:
    """Answers A queries.

    Args:
        addresses: IPv4 address by name; other names do not exist. May change while the server runs.
        host: Where it listens.
    """

    def __init__(self, addresses: dict[str, str], *, host: str = HOST) -> None:
        self.addresses = addresses
        self.asked: list[str] = []
        self._host = host
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET

    def __enter__(self) -> Self:
        self._socket = socket.socket(self._family, socket.SOCK_DGRAM)
        self._socket.bind((self._host, 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        with socket.socket(self._family, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", (self._host, self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            query, client = self._socket.recvfrom(512)
            if not query:
                return
            question = question_of(query)
            told = answer(query, self.addresses, ttl_s=_TTL_S)
            assert question is not None
            assert told is not None
            if question.record_type == TYPE_A:
                self.asked.append(question.name)
            self._socket.sendto(told, client)
