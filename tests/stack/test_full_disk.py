"""A disk without room for a stack is one clear line, with every driver; nothing is left running."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from fixtures.errors import StackError
from fixtures.images.wanted import wanted_images
from fixtures.stack.base import StackOptions
from fixtures.stack.docker import DockerStack
from fixtures.stack.local import LocalStack
from tests.stack.rigs import engine_with_images, left_on
from tests.stack.support import REDIS_ONLY, left_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.stack.rigs import AnyStack

SIZE_BYTES = 64 << 10


def fill(path: Path) -> None:
    """Writes until there is no more room."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system in memory on which not one byte is free."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_BYTES}", "full", str(disk)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a file system can be mounted by root only")
    try:
        fill(disk / "ballast")
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def require_refused(stack: AnyStack) -> None:
    with pytest.raises(StackError, match="No space left on device; make room there") as refused:
        stack.start()
    assert "\n" not in str(refused.value)
    assert left_of(stack.name, stack.directory, []) == []


def test_processes_are_not_started(full_disk: Path) -> None:
    require_refused(LocalStack(StackOptions(components=REDIS_ONLY), base_directory=full_disk))


@pytest.mark.engine
@pytest.mark.xdist_group("docker")
def test_containers_are_not_started(full_disk: Path) -> None:
    options = StackOptions(components=REDIS_ONLY)
    with engine_with_images() as engine:
        stack = DockerStack(options, images=wanted_images(), base_directory=full_disk)
        require_refused(stack)
        assert left_on(engine, stack.name) == []
