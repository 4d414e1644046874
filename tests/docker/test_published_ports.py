"""Tests reach components without the engine's forwarders, which end for good under load; people on 127.0.0.1."""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.stack.ports import HOST
from fixtures.stack.probes import redis_reply
from tests.docker.support import redis_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

# In one process: each start sweeps the engine, which others would see.
pytestmark = pytest.mark.xdist_group("docker")

CONNECTIONS = 50


def handles_of_forwarders(port: int) -> int:
    """How many files the processes have open that forward a port of this machine."""

    def handles() -> Iterator[int]:
        for process in Path("/proc").glob("[0-9]*"):
            # It ends meanwhile, or is somebody else's.
            with suppress(OSError):
                words = (process / "cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
                if words[0].endswith("docker-proxy") and str(port) in words:
                    yield len(list((process / "fd").iterdir()))

    return sum(handles())


def test_the_connections_of_tests_take_nothing_of_the_engine(engine: DockerClient) -> None:
    assert engine.ping()
    with redis_stack() as stack, ExitStack() as held:
        addresses = stack.addresses
        if addresses.redis_host == HOST:
            pytest.skip("the engine runs on another machine")
        before = handles_of_forwarders(addresses.redis_port)
        for _ in range(CONNECTIONS):
            connection = socket.create_connection((addresses.redis_host, addresses.redis_port), timeout=5)
            held.enter_context(connection)
            connection.sendall(b"PING\r\n")
            assert connection.recv(7) == b"+PONG\r\n"
        assert handles_of_forwarders(addresses.redis_port) == before


def test_a_component_answers_on_loopback_too(engine: DockerClient) -> None:
    assert engine.ping()
    with redis_stack() as stack:
        assert redis_reply(HOST, stack.addresses.redis_port) == "+PONG"
