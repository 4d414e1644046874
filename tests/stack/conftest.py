"""Wiring of the stack's own tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.stack.local import LocalStack

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def local_stack() -> Iterator[LocalStack]:
    """A whole local stack for the tests of one module; each leaves it running and healthy."""
    with LocalStack() as stack:
        yield stack
