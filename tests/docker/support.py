"""What the tests of the driver share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.images.wanted import wanted_images
from fixtures.stack.base import Component, StackOptions
from fixtures.stack.docker import DockerStack

if TYPE_CHECKING:
    from pathlib import Path

    from docker import DockerClient

    from fixtures.images.wanted import Images


def redis_stack(
    *, images: Images | None = None, base_directory: Path | None = None, keep: bool = False
) -> DockerStack:
    """A stack of Redis alone, not yet started: up within a second."""
    options = StackOptions(components=frozenset({Component.REDIS}))
    return DockerStack(options, images=images or wanted_images(), base_directory=base_directory, keep=keep)


def volumes_of(engine: DockerClient) -> set[str]:
    """Names of all volumes on the engine."""
    return {str(volume.name) for volume in engine.volumes.list()}
