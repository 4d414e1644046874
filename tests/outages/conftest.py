"""Wiring of the tests of outages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.stack.base import Component
from tests.outages.outage import Calm

if TYPE_CHECKING:
    from fixtures.pytest_plugin.stack import MakeStack


@pytest.fixture(scope="package")
def calm(make_package_stack: MakeStack) -> Calm:
    """One stack for all outages of the group `outages`, and what its healthy traffic was like."""
    # Without the backend the tap is the only subscriber, so Redis's own count of receivers says when it was away.
    return Calm(make_package_stack(components=frozenset(Component) - {Component.BACKEND}))
