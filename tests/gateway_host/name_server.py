"""A DNS server on a UDP port of its own, which counts what it is asked."""

from __future__ import annotations

import socket
import struct
import threading
from typing import Self

from fixtures.stack.ports import HOST

_TYPE_A = 1
_NAME_ERROR = 3
_ANSWER = 0x8180
#: Docker's DNS says so, too.
_TTL_S = 600
_HEADER_BYTES = 12


class NameServer:
    """Answers A queries.

    Args:
        addresses: IPv4 address by name; other names do not exist. May change while the server runs.
    """

    def __init__(self, addresses: dict[str, str]) -> None:
        self.addresses = addresses
        self.asked: list[str] = []

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", (HOST, self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            query, client = self._socket.recvfrom(512)
            if not query:
                return
            self._socket.sendto(self._answer(query), client)

    def _answer(self, query: bytes) -> bytes:
        labels, at = [], _HEADER_BYTES
        while length := query[at]:
            labels.append(query[at + 1 : at + 1 + length].decode())
            at += 1 + length
        name = ".".join(labels)
        question = query[_HEADER_BYTES : at + 5]
        record_type = struct.unpack("!H", query[at + 1 : at + 3])[0]
        address = self.addresses.get(name)
        records = b""
        if record_type == _TYPE_A:
            self.asked.append(name)
            if address:
                records = struct.pack("!HHHIH", 0xC00C, _TYPE_A, 1, _TTL_S, 4) + socket.inet_aton(address)
        code = _ANSWER if address else _ANSWER | _NAME_ERROR
        return query[:2] + struct.pack("!HHHHH", code, 1, 1 if records else 0, 0, 0) + question + records
