"""Waiting for a receiver that does not read leaves it the processor."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from system.upstream import receiver

pytestmark = pytest.mark.no_clause("the emulator's own machinery")

LOOKS_MAX = 100
"""In a second: 20 without a pause, and then in steps that grow to 20 ms. In steps of 0.2 ms it would be thousands."""


@pytest.mark.parametrize("at_once", [True, False])
def test_a_receiver_that_does_not_read_is_looked_at_seldom(
    monkeypatch: pytest.MonkeyPatch, *, at_once: bool
) -> None:
    looks = 0
    look = receiver._unread_bytes

    def counted(*where: Any) -> int | None:
        nonlocal looks
        looks += 1
        return look(*where)

    monkeypatch.setattr(receiver, "_unread_bytes", counted)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as reader,
        server.accept()[0] as own,
    ):
        own.sendall(b"unread")
        assert asyncio.run(receiver.has_read(own, at_once=at_once)) is False
        assert 10 < looks < LOOKS_MAX
        assert reader.recv(100) == b"unread"
        assert asyncio.run(receiver.has_read(own, at_once=at_once)) is True
