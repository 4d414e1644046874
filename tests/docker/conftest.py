"""Wiring: no engine, or no images for it, no tests of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.images.wanted import wanted_images
from fixtures.stack.docker import DockerStack
from tests.stack.rigs import engine_with_images

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerClient]:
    """The engine; tests that need it are skipped where it, or an image, cannot be had."""
    with engine_with_images() as client:
        yield client


@pytest.fixture(scope="module")
def whole(engine: DockerClient) -> Iterator[DockerStack]:  # noqa: ARG001  (asked for so that it can skip)
    """A whole stack for the tests of one module; each leaves it running and healthy."""
    with DockerStack(images=wanted_images()) as stack:
        yield stack
