"""Every clause has a test and a mutant, every test a clause, and the table in the documentation says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.clauses import contract
from fixtures.cli.traceability import DOCUMENT
from fixtures.harness import harness_folders
from fixtures.mutants.model import Change, Mutant
from fixtures.traceability.marks import TestMarks, UnreadableMark, read_tests
from fixtures.traceability.sources import sources
from fixtures.traceability.table import problems, render, rows

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_is_missing() -> None:
    tests, mutants = sources()
    assert list(problems(contract(), tests, mutants, harness=harness_folders())) == []


def test_the_documented_table_is_up_to_date() -> None:
    tests, mutants = sources()
    assert DOCUMENT.read_text(encoding="utf-8") == render(rows(contract(), tests, mutants)), (
        "out of date: run scripts/traceability"
    )


def whole() -> tuple[list[TestMarks], list[Mutant]]:
    """A test and a mutant for every clause."""
    tests = [
        TestMarks(file="tests/all/test_all.py", name=f"test_{clause}", clauses=(clause,), no_clause="")
        for clause in contract()
    ]
    mutants = [
        Mutant(
            name=f"{clause}-broken",
            clause=clause,
            title="broken",
            why="to be seen",
            tests=[f"tests/all/test_all.py::test_{clause}[1-x]"],
            change=[Change(file="system/kong/kong.yml", old="a", new="b")],
        )
        for clause in contract()
    ]
    return tests, mutants


def found(tests: list[TestMarks], mutants: list[Mutant]) -> list[str]:
    return list(problems(contract(), tests, mutants, harness=["unit"]))


def test_a_whole_table_has_no_problem() -> None:
    assert found(*whole()) == []


def test_a_clause_without_a_test_is_told() -> None:
    tests, mutants = whole()
    told = found([test for test in tests if test.clauses != ("F3",)], mutants)
    assert told == [
        "clause F3 has no test",
        "mutant F3-broken expects tests/all/test_all.py::test_F3[1-x], which does not exist",
    ]


def test_a_clause_without_a_mutant_is_told() -> None:
    tests, mutants = whole()
    told = found(tests, [mutant for mutant in mutants if mutant.clause != "F3"])
    assert told == ["clause F3 has no mutant: nothing shows that its tests can fail"]


@pytest.mark.parametrize(
    ("clauses", "no_clause", "told"),
    [
        (
            (),
            "",
            "tests/all/test_all.py::test_it names no clause; mark it clause(…), or no_clause with the reason",
        ),
        (("Z9",), "", "tests/all/test_all.py::test_it names Z9, which is no clause"),
        (("F1",), "why", "tests/all/test_all.py::test_it names a clause and says that it names none"),
    ],
)
def test_a_test_with_an_unfit_mark_is_told(clauses: tuple[str, ...], no_clause: str, told: str) -> None:
    tests, mutants = whole()
    unfit = TestMarks(file="tests/all/test_all.py", name="test_it", clauses=clauses, no_clause=no_clause)
    assert found([*tests, unfit], mutants) == [told]


def test_the_suites_tests_of_itself_need_no_clause() -> None:
    tests, mutants = whole()
    own = TestMarks(file="tests/unit/test_own.py", name="test_it", clauses=(), no_clause="")
    assert found([*tests, own], mutants) == []


def test_a_mutant_that_expects_a_test_of_another_clause_is_told() -> None:
    tests, mutants = whole()
    broken = {mutant.clause: mutant for mutant in mutants}
    astray = broken["F3"].model_copy(update={"name": "astray", "tests": broken["F4"].tests})
    assert found(tests, [*mutants, astray]) == [
        f"mutant astray expects {astray.tests[0]}, which does not name F3"
    ]


def test_a_mutant_that_leaks_may_be_caught_by_any_test() -> None:
    tests, mutants = whole()
    broken = {mutant.clause: mutant for mutant in mutants}
    leaky = broken["M1"].model_copy(update={"name": "leaky", "tests": broken["F4"].tests})
    assert found(tests, [*mutants, leaky]) == []


MODULE = """
import pytest
pytestmark = [pytest.mark.clause("F1"), pytest.mark.measures]

@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.clause("F2"))])
@pytest.mark.clause("F1", "F3")
def test_marked(x): ...

class TestIn:
    async def test_inner(self): ...

@pytest.mark.no_clause("because")
def test_none(): ...
"""


def test_marks_are_read_from_module_test_and_parameter(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(MODULE)
    read = {test.name: test for test in read_tests(tmp_path, tmp_path)}
    assert read["test_marked"].clauses == ("F1", "F2", "F3")
    assert read["test_inner"].clauses == ("F1",)
    assert read["test_none"].no_clause == "because"
    assert {test.file for test in read.values()} == {"test_it.py"}


def test_a_mark_that_has_to_be_computed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("@pytest.mark.clause(*SOME)\ndef test_it(): ...\n")
    with pytest.raises(
        UnreadableMark, match=r"^test_it.py:1: \*SOME in a clause mark must be a plain string$"
    ):
        list(read_tests(tmp_path, tmp_path))


def test_a_file_that_is_no_python_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(:\n")
    with pytest.raises(UnreadableMark, match=r"^test_it.py:1: no Python, so no marks: "):
        list(read_tests(tmp_path, tmp_path))
