"""A repository in miniature: a system of one line, tests that judge it, and the suite's own fixtures."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SYSTEM = "system/thing.py"
TESTS = "tests/test_thing.py"

_TEST_TEXT = """
import time

import pytest

from fixtures.errors import ComponentExited, ConfigRefused, StackError
from fixtures.failures import ClauseViolated, InvalidFault, LeakFound
from system.thing import VALUE


@pytest.mark.clause("F1")
def test_value_is_small():
    assert VALUE < 10


@pytest.mark.clause("F2")
def test_value_is_even():
    assert VALUE % 2 == 0


@pytest.mark.clause("F1")
def test_fault():
    if VALUE == 4:
        raise InvalidFault("no effect")


@pytest.fixture
def stack():
    if VALUE == 6:
        raise StackError("the stack does not start")
    if VALUE == -8:
        log = "nginx: [error] init_by_lua error: queue.lua:3: no field 'x'\\nstack traceback:\\n\\t[C]: in ?"
        raise ComponentExited("gateway", status=1, last_lines=log)
    if VALUE == -10:
        raise ComponentExited("gateway", status=-9, last_lines="killed")
    if VALUE == -12:
        raise ComponentExited("redis", status=1, last_lines="Can't open the log file")
    if VALUE == -14:
        raise ConfigRefused(400, "max_request_size: expected an integer")


@pytest.mark.clause("F1")
def test_stack(stack):
    pass


@pytest.mark.clause("F1")
@pytest.mark.timeout(0.2)
def test_time():
    if VALUE == 8:
        time.sleep(5)


@pytest.mark.clause("F1", "F4")
def test_several(evidence):
    if VALUE == -2:
        raise ClauseViolated("lost", clause="F4")
    if VALUE == -4:
        raise ClauseViolated("lost")
    if VALUE == -6:
        assert evidence.figure("lost", VALUE, at_least=-4, clause="F4").holds


@pytest.mark.clause("F1")
def test_hangs():
    if VALUE == -16:
        time.sleep(60)


@pytest.mark.clause("F3")
def test_leak():
    if VALUE == 2:
        raise LeakFound("found")
"""


def make_root(directory: Path) -> Path:
    """Makes it; the value of its system is 0, and all tests pass."""
    for name in ("fixtures", "docs"):
        shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy2(ROOT / name, directory / name)
    # The wire protocols, which fixtures import.
    for name in ("upstream", "backend"):
        package = directory / "system" / name
        package.mkdir(parents=True)
        shutil.copy2(ROOT / "system" / name / "protocol.py", package)
        shutil.copy2(ROOT / "system" / name / "__init__.py", package)
    (directory / "system" / "__init__.py").write_text("", encoding="utf-8")
    (directory / SYSTEM).write_text(thing(0), encoding="utf-8")
    (directory / "scripts").mkdir()
    (directory / "tests").mkdir()
    (directory / "tests" / "__init__.py").write_text("", encoding="utf-8")
    (directory / TESTS).write_text(_TEST_TEXT, encoding="utf-8")
    return directory


def thing(value: int) -> str:
    """The system's text."""
    return f"VALUE = {value}\n"
