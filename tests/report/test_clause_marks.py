"""Marks are checked when tests are collected, and `--clause` selects by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.report.example import ExampleRun

THREE = """
import pytest
@pytest.mark.clause("F1")
def test_one(evidence): evidence.figure("a", 1)
@pytest.mark.clause("F1", "C3")
def test_two(evidence): evidence.figure("a", 1)
@pytest.mark.clause("K6")
class TestThree:
    def test_three(self): pass
def test_four(): pass
"""


BAD_MARKS = {
    'clause("F9")': "'F9' is no clause of docs/contract.md; did you mean F5 or F4 or F3?",
    'clause("f1")': "'f1' is no clause of docs/contract.md; did you mean F1 or ",
    'clause("F1", "Zürich")': "'Zürich' is no clause of docs/contract.md; known are M1, M2, ",
    "clause()": 'a clause mark takes ids and nothing else, such as clause("F1", "C3")',
    'clause("F1", reason="x")': 'a clause mark takes ids and nothing else, such as clause("F1", "C3")',
    "clause(1)": 'clause 1 is a int, not an id such as "F1"',
}


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["one process", "xdist"])
def test_marks_that_cannot_be_used_are_collection_errors(
    run_example: Callable[..., ExampleRun], options: tuple[str, ...]
) -> None:
    tests = [f"@pytest.mark.{mark}\ndef test_{number}(): pass\n" for number, mark in enumerate(BAD_MARKS)]
    example = run_example("import pytest\n" + "".join(tests), *options)
    assert example.exit_code in {pytest.ExitCode.INTERRUPTED, pytest.ExitCode.TESTS_FAILED}
    assert "1 error" in example.output
    for number, problem in enumerate(BAD_MARKS.values()):
        line = f"test_example.py::test_{number}: {problem}"
        assert line in example.output
        assert line in example.data["collection_errors"][0]["message"]


def test_an_unknown_clause_on_a_method_is_found(run_example: Callable[..., ExampleRun]) -> None:
    example = run_example(THREE.replace('"K6"', '"K66"'), "--no-report")
    assert "TestThree::test_three: 'K66' is no clause of docs/contract.md; did you mean K6" in example.output


@pytest.mark.parametrize(
    ("expression", "ran"), [("F1", "2/4"), ("C3,K6", "2/4"), ("F", "2/4"), ("K", "1/4"), ("M1", "0/4")]
)
def test_tests_are_selected_by_clause(
    run_example: Callable[..., ExampleRun], expression: str, ran: str
) -> None:
    example = run_example(THREE, "--clause", expression, "--collect-only", "-q")
    assert f"{ran} tests collected" in example.output.replace("no tests collected", "0/4 tests collected")


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["one process", "xdist"])
def test_a_clause_whose_tests_were_not_selected_is_not_judged(
    run_example: Callable[..., ExampleRun], options: tuple[str, ...]
) -> None:
    example = run_example(THREE, "--clause", "C3", *options)
    assert example.verdict("C3") == "passed"
    assert example.verdict("K6") == "not judged"
    assert example.table["K6"].reason == "1 test not selected"
    assert example.table["F1"].reason == "1 test not selected"


@pytest.mark.parametrize("expression", ["F9", "F1,"])
def test_an_unknown_clause_to_select_is_refused(
    run_example: Callable[..., ExampleRun], expression: str
) -> None:
    example = run_example(THREE, "--clause", expression)
    assert example.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: --clause: '" in example.output
    assert not (example.root / "reports").exists()
