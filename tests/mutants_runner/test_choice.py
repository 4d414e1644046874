"""Which mutants run."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from fixtures.errors import SuiteError
from fixtures.mutants.choose import changed_since, choose, one_per_clause, touched_by
from fixtures.mutants.model import Change, Mutant

if TYPE_CHECKING:
    from pathlib import Path


def mutant(name: str, clause: str, file: str, test: str) -> Mutant:
    change = [Change(file=f"system/{file}", old="a", new="b")]
    return Mutant(name=name, clause=clause, title="t", why="w", tests=[f"tests/{test}"], change=change)


MUTANTS = [
    mutant("one", "F1", "queue.lua", "queue/test_queue.py"),
    mutant("two", "F1", "event.lua", "test_events.py::test_shape"),
    mutant("three", "M3", "queue.lua", "test_sizes.py"),
]


def names(mutants: list[Mutant]) -> list[str]:
    return [chosen.name for chosen in mutants]


def test_all_run_unless_something_is_asked() -> None:
    assert names(choose(MUTANTS)) == ["one", "two", "three"]


def test_they_can_be_chosen_by_name_clause_and_group() -> None:
    assert names(choose(MUTANTS, names=["two"])) == ["two"]
    assert names(choose(MUTANTS, clauses="M3")) == ["three"]
    assert names(choose(MUTANTS, clauses="F")) == ["one", "two"]


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(SuiteError, match="no mutant 'four' in tests/mutants; there are 3"):
        choose(MUTANTS, names=["four"])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose tests import a checker, which reads a file, and a helper."""
    for name, text in {
        "conftest.py": "",
        "fixtures/checkers/balance.py": "",
        "fixtures/checkers/data/limits.json": "",
        "fixtures/unused.py": "",
        "tests/conftest.py": "",
        "tests/queue/test_queue.py": "from tests.queue import helper",
        "tests/queue/helper.py": "from fixtures.checkers import balance",
        "tests/test_events.py": "",
        "tests/test_sizes.py": "",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "chosen"),
    [
        ("system/queue.lua", ["one", "three"]),
        ("tests/test_events.py", ["two"]),
        ("tests/mutants/three.toml", ["three"]),
        ("tests/queue/helper.py", ["one"]),
        ("fixtures/checkers/balance.py", ["one"]),
        ("fixtures/checkers/data/limits.json", ["one"]),
        ("fixtures/checkers/removed.py", ["one"]),
        ("tests/conftest.py", ["one", "two", "three"]),
        ("pyproject.toml", ["one", "two", "three"]),
        ("fixtures/unused.py", []),
        ("README.md", []),
    ],
)
def test_a_change_chooses_what_it_touches(root: Path, changed: str, chosen: list[str]) -> None:
    (root / "pyproject.toml").touch()
    assert names(choose(MUTANTS, touched=touched_by({changed}, root))) == chosen


def test_changes_are_taken_from_git(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=n", "-c", "user.email=e@example.invalid")
        subprocess.run(["git", "-C", str(tmp_path), *identity, *arguments], check=True, capture_output=True)

    git("init")
    (tmp_path / "kept").write_text("1", encoding="utf-8")
    (tmp_path / "edited").write_text("1", encoding="utf-8")
    git("add", ".")
    git("commit", "-m", "all")
    (tmp_path / "edited").write_text("2", encoding="utf-8")
    (tmp_path / "new").write_text("1", encoding="utf-8")
    assert changed_since("HEAD", tmp_path) == {"edited", "new"}
    with pytest.raises(SuiteError, match=r"^--changed-since=nope: "):
        changed_since("nope", tmp_path)


def test_a_sample_has_one_mutant_of_each_clause_and_is_repeated_by_its_seed() -> None:
    sample = one_per_clause(MUTANTS, 7)
    assert [chosen.clause for chosen in sample] == ["F1", "M3"]
    assert sample == one_per_clause(MUTANTS, 7)
    assert {one_per_clause(MUTANTS, seed)[0].name for seed in range(20)} == {"one", "two"}
