"""Imports go one way: tests → fixtures → wire protocols of system; judges import the history only."""

from pathlib import Path

import pytest

from fixtures.source_imports import imports_of

ROOT = Path(__file__).resolve().parents[2]

# What fixtures may know of the system under test: how to talk to it, never how it works.
WIRE_PROTOCOLS = ("system.upstream.protocol", "system.upstream.codings", "system.backend.protocol")

# What a judge may import from the suite: it must run on a stored history, without any stack.
JUDGE_IMPORTS = (
    "fixtures.history",
    "fixtures.checkers",
    "fixtures.distributions",
    "fixtures.statistics",
    "fixtures.sampling",
)


def imports_from(path: Path, room: str) -> list[str]:
    names = imports_of(path.read_text(encoding="utf-8"), path.relative_to(ROOT).parts[:-1])
    return [name for name in names if name == room or name.startswith(f"{room}.")]


def within(name: str, allowed: tuple[str, ...]) -> bool:
    """Whether `name` is one of `allowed`, inside one, or a package on the way to one."""
    return any(
        name == module or name.startswith(f"{module}.") or module.startswith(f"{name}.") for module in allowed
    )


def sources(*rooms: str) -> list[Path]:
    files = [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    assert files, f"no Python file below {', '.join(rooms)}: this test would prove nothing"
    return files


def test_the_system_knows_nothing_of_the_suite() -> None:
    wrong = [
        (str(path), name)
        for path in sources("system")
        for room in ("fixtures", "tests")
        for name in imports_from(path, room)
    ]
    assert wrong == []


def test_fixtures_know_only_the_wire_protocols_of_the_system_and_no_test() -> None:
    wrong = [
        (str(path), name)
        for path in sources("fixtures")
        for name in [*imports_from(path, "system"), *imports_from(path, "tests")]
        if not within(name, WIRE_PROTOCOLS)
    ]
    assert wrong == []


def test_judges_import_the_history_and_nothing_else_of_the_suite() -> None:
    judges = [
        *sources("fixtures/checkers"),
        ROOT / "fixtures/statistics.py",
        ROOT / "fixtures/distributions.py",
    ]
    wrong = [
        (str(path), name)
        for path in judges
        for name in imports_from(path, "fixtures")
        if not within(name, JUDGE_IMPORTS)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import fixtures.stack", ["fixtures.stack"]),
        ("from fixtures import stack", ["fixtures", "fixtures.stack"]),
        ("from .base import X", ["tests.house.base", "tests.house.base.X"]),
        ("def f():\n    from system.backend import app", ["system.backend", "system.backend.app"]),
    ],
)
def test_every_form_of_import_is_seen(source: str, names: list[str]) -> None:
    assert list(imports_of(source, ("tests", "house"))) == names
