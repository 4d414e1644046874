"""Fixture: one nginx with the plugin's modules per session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lua.modules import LuaModules

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def lua(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LuaModules]:
    """The plugin's Lua modules as functions."""
    with LuaModules(tmp_path_factory.mktemp("lua")) as modules:
        yield modules
