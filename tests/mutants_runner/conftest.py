"""Fixtures: the repository in miniature, and a warm process for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.mutants.server import Server
from fixtures.stack.reaper import MARKER
from fixtures.stack.reaper_client import ReaperClient
from tests.mutants_runner.small import TESTS, make_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def small_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository in miniature."""
    return make_root(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def server(small_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A warm process of it."""
    directory = tmp_path_factory.mktemp("rooms")
    (directory / MARKER).touch()
    reaper = ReaperClient(f"test-{directory.name}")
    server = Server(small_root, directory / "room", [TESTS], reaper=reaper)
    try:
        server.await_ready()
        yield server
    finally:
        server.close()
        reaper.dismiss()
