"""Wiring of the backend's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backend.rig import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    try:
        yield rig
    finally:
        rig.close()
