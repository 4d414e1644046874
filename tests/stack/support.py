"""What the tests of the stack share."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fixtures.stack.base import Component, StackOptions
from fixtures.stack.local import LocalStack
from fixtures.stack.ports import can_listen
from fixtures.stack.reaper import marked_processes, read_stat

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from fixtures.stack.base import Addresses

REDIS_ONLY = frozenset({Component.REDIS})


def redis_stack(*, base_directory: Path | None = None) -> LocalStack:
    """A stack of Redis alone, not yet started: up within some 20 ms."""
    return LocalStack(StackOptions(components=REDIS_ONLY), base_directory=base_directory)


def ports_of(addresses: Addresses) -> list[int]:
    """Every port that a stack listens on."""
    urls = (addresses.gateway_url, addresses.admin_url, addresses.backend_url, addresses.upstream_url)
    return [addresses.redis_port, *(port for url in urls if (port := urlsplit(url).port))]


def living(pids: Iterable[int]) -> list[int]:
    """Those that live; one that is dead but not yet waited for by its adopter does not."""
    return [pid for pid in pids if (stat := read_stat(pid)) and stat.state not in "ZX"]


def left_of(name: str, directory: Path, ports: list[int]) -> list[str]:
    """What a stack that is gone has left behind; an empty list when it is clean."""
    left = [f"process {process.pid}" for process in marked_processes(name)]
    left += [f"port {port}" for port in ports if not can_listen(port)]
    return left + ([f"directory {directory}"] if directory.exists() else [])
