"""Wiring: no engine, or no images for it, no tests of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.errors import StackError
from fixtures.images.choose import choose_image
from fixtures.images.engine import connect
from fixtures.images.wanted import wanted_images
from fixtures.stack.docker import DockerStack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerClient]:
    """The engine; tests that need it are skipped where it, or an image, cannot be had."""
    try:
        client = connect()
    except StackError as error:
        pytest.skip(str(error))
    try:
        images = wanted_images()
        for wanted in (images.kong, images.redis, images.python):
            choose_image(client, wanted)
    except StackError as error:
        client.close()
        pytest.skip(str(error))
    yield client
    client.close()


@pytest.fixture(scope="module")
def whole(engine: DockerClient) -> Iterator[DockerStack]:  # noqa: ARG001  (asked for so that it can skip)
    """A whole stack for the tests of one module; each leaves it running and healthy."""
    with DockerStack(images=wanted_images()) as stack:
        yield stack
