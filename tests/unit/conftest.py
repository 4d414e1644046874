"""A Redis server and a small HTTP server for the tests of observers and workloads."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import threading
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
    """

    def __init__(self) -> None:
        self.status = 200
        self.silent = False
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._closing = asyncio.Event()
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
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0, backlog=1024)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._closing.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError), contextlib.closing(writer):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (
                        int(line[15:])
                        for line in head.lower().split(b"\r\n")
                        if line.startswith(b"content-length:")
                    ),
                    0,
                )
                await reader.readexactly(length)
                if self.silent:
                    await asyncio.Event().wait()
                writer.write(
                    b"HTTP/1.1 %d X\r\nContent-Length: 2\r\nX-Kong-Request-Id: id-%d\r\n\r\nok"
                    % (self.status, id(head))
                )
                await writer.drain()


@pytest.fixture
def tiny_server() -> Iterator[TinyServer]:
    """A running server."""
    with TinyServer() as server:
        yield server
