"""A module of the plugin that raises an error is judged; a driver that does is a fault of the suite."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from fixtures.failures import ClauseViolated
from tests.event_modules import modules as event_modules
from tests.lua import modules as lua_modules

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = "system/kong/plugins/aws-masker"
ERROR = 'error("boom")\n'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what the drivers load."""
    root = tmp_path / "repository"
    shutil.copytree(lua_modules.ROOT / PLUGIN, root / PLUGIN)
    for modules, folder in ((lua_modules, "lua"), (event_modules, "event_modules")):
        (root / "tests" / folder).mkdir(parents=True)
        for name in ("driver.lua", "nginx.conf.template"):
            shutil.copy2(modules.HERE / name, root / "tests" / folder)
        monkeypatch.setattr(modules, "ROOT", root)
        monkeypatch.setattr(modules, "HERE", root / "tests" / folder)
    return root


@pytest.mark.parametrize(
    ("file", "verdict"),
    [
        (f"{PLUGIN}/scanner.lua", ClauseViolated),
        (f"{PLUGIN}/event.lua", ClauseViolated),
        ("tests/lua/driver.lua", RuntimeError),
        ("tests/event_modules/driver.lua", RuntimeError),
    ],
)
def test_who_raised_the_error_decides(
    root: Path, tmp_path: Path, file: str, verdict: type[Exception]
) -> None:
    path = root / file
    path.write_text(ERROR + path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(verdict, match="boom"):  # noqa: PT012  (which of both loads the file is not the point)
        with lua_modules.LuaModules(tmp_path):
            pass
        event_modules.run([])
