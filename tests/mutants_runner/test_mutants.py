"""Mutants as data: each applies exactly once, and names tests and clauses that exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.clauses import contract
from fixtures.mutants.model import BadMutant, Change, Mutant, load, load_all
from tests.mutants_runner.small import ROOT

if TYPE_CHECKING:
    from pathlib import Path

MUTANTS = list(load_all(ROOT / "tests" / "mutants"))
MUTANT = Mutant(
    name="small",
    clause="F1",
    title="a value is too large",
    why="values grow",
    tests=["tests/test_thing.py"],
    change=[Change(file="system/thing.py", old="= 0", new="= 10")],
)


def write(root: Path, text: str) -> None:
    (root / "system").mkdir()
    (root / "system" / "thing.py").write_text(text, encoding="utf-8")


def test_a_mutant_is_applied(tmp_path: Path) -> None:
    write(tmp_path, "VALUE = 0\n")
    assert MUTANT.texts(tmp_path) == {"system/thing.py": "VALUE = 10\n"}


@pytest.mark.parametrize(("text", "count"), [("VALUE = 1\n", 0), ("VALUE = 0\nOTHER = 0\n", 2)])
def test_a_mutant_that_does_not_apply_exactly_once_is_refused(tmp_path: Path, text: str, count: int) -> None:
    write(tmp_path, text)
    with pytest.raises(BadMutant, match=f"small: old text stands {count} times in system/thing.py, not once"):
        MUTANT.texts(tmp_path)


def test_a_mutant_of_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadMutant, match=r"small: system/thing\.py does not exist"):
        MUTANT.texts(tmp_path)


def test_changes_of_one_file_add_up(tmp_path: Path) -> None:
    write(tmp_path, "VALUE = 0\n")
    second = Change(file="system/thing.py", old="VALUE", new="AMOUNT")
    mutant = MUTANT.model_copy(update={"change": [*MUTANT.change, second]})
    assert mutant.texts(tmp_path) == {"system/thing.py": "AMOUNT = 10\n"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("clause = ", "Invalid value"),
        ('clause = "F1"', "Field required"),
        ('clause = "f1"\ntitle = "x"\nwhy = "x"\ntests = ["x"]\nchange = []', "String should match pattern"),
    ],
)
def test_a_file_that_is_no_mutant_is_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadMutant, match=f"(?s)wrong.toml: .*{message}"):
        load(path)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_recorded_mutant_applies_and_names_what_exists(mutant: Mutant) -> None:
    assert mutant.texts(ROOT)
    assert mutant.clause in contract()
    assert mutant.name.startswith(f"{mutant.clause}-")
    missing = [file for file in mutant.test_files if not (ROOT / file).is_file()]
    assert missing == []
