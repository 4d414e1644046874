"""Requests through the gateway, timed, with the CPU time that its only worker spent on each."""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fixtures.stack.abilities import able
from fixtures.stack.base import Component, HasFigures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fixtures.stack.base import Stack

_RECEIVED_BYTES = 1 << 20
_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One request and its response.

    Attributes:
        received_bytes: Of the response, with its head and framing.
        elapsed_s: From the first byte sent to the last received.
        cpu_s: CPU time of the gateway's worker meanwhile, in ticks of 10 ms.
        rss_growth_bytes: Growth of the worker's resident memory from before to the highest seen.
    """

    received_bytes: int
    elapsed_s: float
    cpu_s: float
    rss_growth_bytes: int = 0

    @property
    def mb_per_s(self) -> float:
        """Throughput of the response, 10^6 bytes per second."""
        return self.received_bytes / self.elapsed_s / 1e6


@contextmanager
def byte_source(host: str, directory: Path) -> Iterator[str]:
    """Runs `byte_source.py` on a directory while the block runs; yields its URL."""
    script = Path(__file__).with_name("byte_source.py")
    with subprocess.Popen(
        [sys.executable, str(script), host, str(directory)], stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            yield f"http://{host}:{int(process.stdout.readline())}"
        finally:
            process.terminate()
            process.wait(_STOP_TIMEOUT_S)


def transfer(stack: Stack, path: str, body: bytes, *, watch_memory: bool = False) -> Transfer:
    """Sends one request over a connection of its own and reads the response to its end.

    Args:
        stack: With one gateway worker.
        path: With the query.
        body: JSON.
        watch_memory: Look at the worker's memory after every 4 MB, which costs time.
    """
    address = urlsplit(stack.addresses.gateway_url)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode()
    buffer = bytearray(_RECEIVED_BYTES)
    received, highest, looked_at = 0, 0, 0
    cpu_s, rss = _worker(stack)
    with socket.create_connection(
        (address.hostname or "", address.port or 80), timeout=_TIMEOUT_S
    ) as connection:
        started = time.perf_counter()
        connection.sendall(head)
        connection.sendall(body)
        count = connection.recv_into(buffer)
        assert buffer.startswith(b"HTTP/1.1 200 "), bytes(buffer[:200])
        while count:
            received += count
            if watch_memory and received - looked_at > 4 * _RECEIVED_BYTES:
                looked_at, highest = received, max(highest, _worker(stack)[1])
            count = connection.recv_into(buffer)
        elapsed_s = time.perf_counter() - started
    cpu_after_s, rss_after = _worker(stack)
    return Transfer(
        received_bytes=received,
        elapsed_s=elapsed_s,
        cpu_s=cpu_after_s - cpu_s,
        rss_growth_bytes=max(highest, rss_after) - rss,
    )


def median_throughput(transfers: Sequence[Transfer]) -> float:
    """10^6 bytes per second."""
    return statistics.median(one.mb_per_s for one in transfers)


def cpu_ms_per_mb(transfers: Sequence[Transfer], megabytes: float) -> float:
    """CPU time of the worker for each of so many megabytes, over all transfers."""
    return sum(one.cpu_s for one in transfers) / len(transfers) / megabytes * 1e3


def _worker(stack: Stack) -> tuple[float, int]:
    """CPU seconds and resident bytes of the only worker."""
    (worker,) = (one for one in able(stack, HasFigures).figures(Component.GATEWAY) if one.role == "worker")
    return worker.cpu_s, worker.rss_bytes
