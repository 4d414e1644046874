"""A Redis server and a small HTTP server for the tests of observers and workloads."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from fixtures.wait import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class RedisServer:
    """A Redis server of its own, which can be stopped and started on its port."""

    def __init__(self, directory: Path) -> None:
        self.host = "127.0.0.1"
        with socket.socket() as probe:
            probe.bind((self.host, 0))
            self.port: int = probe.getsockname()[1]
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and returns when it answers."""
        self._process = subprocess.Popen(
            [
                "redis-server",
                "--port",
                str(self.port),
                "--save",
                "",
                "--bind",
                self.host,
                "--dir",
                self._directory,
            ],
            stdout=subprocess.DEVNULL,
        )
        with redis.Redis(port=self.port, retry=Retry(NoBackoff(), 0)) as client:
            eventually(
                client.ping,
                timeout_s=10,
                what="an answer of redis-server",
                transient=(redis.ConnectionError,),
            )

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It runs not while the block does; who connects meanwhile is let in and not answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Kills it; harmless when repeated."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A running server."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


class TinyServer:
    """Answers every HTTP request with 200 and `ok`, unless told otherwise.

    Attributes:
        status: Of the answers.
        silent: Takes requests and never answers.
        url: Where it listens.
        deserted: Its last connection was lost.
    """

    def __init__(self) -> None:
        self.status = 200
        self.silent = False
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._closing = asyncio.Event()
        self.deserted = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    def __enter__(self) -> TinyServer:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()
        self._loop.close()

    def freeze(self, seconds: float) -> None:
        """Answers nothing for a while, then everything that waited."""
        frozen = threading.Event()

        def block() -> None:
            frozen.set()
            threading.Event().wait(seconds)

        self._loop.call_soon_threadsafe(block)
        assert frozen.wait(10)

    async def _serve(self) -> None:
        connections: set[_Connection] = set()
        listener = await self._loop.create_server(
            lambda: _Connection(self, connections), "127.0.0.1", 0, backlog=1024
        )
        self.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._closing.wait()
        listener.close()
        if connections:
            self.deserted.clear()
            for connection in connections:
                connection.abort()
            await self.deserted.wait()


class _Connection(asyncio.Protocol):
    def __init__(self, server: TinyServer, connections: set[_Connection]) -> None:
        self._server, self._connections = server, connections
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._connections.add(self)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._connections.discard(self)
        if not self._connections:
            self._server.deserted.set()

    def abort(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, end, body = self._data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if not end or len(body) < (int(length[1]) if length else 0):
            return
        self._data = b""
        if not self._server.silent:
            head_lines = (
                f"HTTP/1.1 {self._server.status} X",
                "Content-Length: 2",
                f"X-Kong-Request-Id: id-{id(head)}",
            )
            answer = "\r\n".join((*head_lines, "", "ok"))
            self._transport.write(answer.encode())


@pytest.fixture
def tiny_server() -> Iterator[TinyServer]:
    """A running server."""
    with TinyServer() as server:
        yield server
