"""The verdict per clause, in every file of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.clauses import contract

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.report.example import ExampleRun


@pytest.mark.parametrize(
    ("clause", "verdict"),
    [
        ("F1", "passed"),
        ("S3", "passed"),
        ("A3", "passed (no figures)"),
        ("B3", "failed"),
        ("E2", "failed"),
        ("F5", "invalid"),
        ("F3", "invalid"),
        ("K1", "skipped"),
        ("K6", "failed"),
        ("L1", "passed"),
        ("U3", "failed"),
        ("M1", "not judged"),
        ("P4", "not judged"),
    ],
)
def test_every_clause_has_the_verdict_of_its_tests(example: ExampleRun, clause: str, verdict: str) -> None:
    assert example.verdict(clause) == verdict


def test_every_clause_of_the_contract_has_a_row(example: ExampleRun) -> None:
    assert list(example.table) == list(contract())


def test_no_clause_without_a_test_passes(example: ExampleRun) -> None:
    tested = {"F1", "S3", "A3", "B3", "E2", "F5", "F3", "K1", "K6", "L1", "U3"}
    others = {clause: row.verdict for clause, row in example.table.items() if clause not in tested}
    assert set(others.values()) == {"not judged"}


def test_a_row_shows_tests_reason_and_figures(example: ExampleRun) -> None:
    failed = example.table["B3"]
    assert failed.tests == "test_fails"
    assert "a batch waited too long" in failed.reason
    assert failed.figures == "longest wait 1.31 s ≤ 1.2"
    assert example.table["F1"].figures == "p99 4.5 ms < 9.4"


def test_a_figure_shows_only_for_the_clause_it_speaks_for(example: ExampleRun) -> None:
    assert "longest wait" not in example.table["E2"].figures


def test_a_pass_says_what_was_skipped(example: ExampleRun) -> None:
    assert example.table["L1"].reason == "1 of 2 tests skipped"


def test_a_failing_run_ends_red_and_names_its_clauses_in_the_terminal(example: ExampleRun) -> None:
    assert example.exit_code == 1
    assert "  4 failed: U3 E2 B3 K6" in example.output
    assert "  2 invalid: F3 F5" in example.output
    assert f"report: {example.root.resolve()}/reports/" in example.output


def test_evidence_against_a_clause_outweighs_a_passing_test(contradicted: ExampleRun) -> None:
    assert contradicted.verdict("C1") == "failed"
    assert contradicted.verdict("E6") == "failed"
    assert contradicted.verdict("B1") == "passed"
    assert contradicted.table["C1"].reason == "connections = 9 is not ≤ 2"
    assert contradicted.table["E6"].reason == "checker gaps: lost = 3, must be 0"
    assert contradicted.table["E6"].figures == "gaps: lost 3 0"


def test_what_proves_nothing_is_no_pass(contradicted: ExampleRun) -> None:
    assert contradicted.verdict("F4") == "invalid"
    assert contradicted.verdict("F2") == "invalid"
    assert contradicted.table["F2"].reason == "the load reached 40 % of the stated rate"


def test_a_run_whose_evidence_contradicts_its_passes_ends_red(contradicted: ExampleRun) -> None:
    assert contradicted.exit_code == 1
    assert "5 passed" in contradicted.output
    assert (
        "test_forgets_to_assert_a_figure passed although its evidence speaks against that"
        in contradicted.output
    )
    assert contradicted.data["status"] == "tests failed"


LEAK = """
import pytest
from fixtures.failures import LeakFound

@pytest.mark.clause("E1")
def test_leaks(evidence):
    evidence.figure("events", 0)
    raise LeakFound("1 identifier found in clear in the log")

@pytest.mark.clause("M1")
def test_sees_nothing(evidence):
    evidence.figure("requests", 1)
"""


def test_a_leak_is_held_against_m1_whatever_its_test_is_about(
    run_example: Callable[..., ExampleRun],
) -> None:
    leak = run_example(LEAK)
    assert {clause: leak.verdict(clause) for clause in ("E1", "M1")} == {"E1": "failed", "M1": "failed"}


SEVERAL = """
import pytest
from fixtures.checkers.base import Figure, conclude
from fixtures.failures import ClauseViolated

pytestmark = pytest.mark.clause("F1", "F4")

def test_violated():
    raise ClauseViolated("lost", clause="F4")

def test_figure(evidence):
    evidence.figure("slow", 1, at_most=2, clause="F1")
    assert evidence.figure("lost", 3, at_most=2, clause="F4").holds

def test_checker(evidence):
    verdict = conclude("balance", [Figure("lost", 3, bound="0", holds=False)], [])
    evidence.verdict(verdict, clause="F4")
    assert verdict.valid

def test_group():
    raise ExceptionGroup("both", [ClauseViolated("lost", clause="F4"), ClauseViolated("slow", clause="F1")])

def test_figure_and_violated(evidence):
    evidence.figure("slow", 3, at_most=2, clause="F1")
    raise ClauseViolated("lost", clause="F4")

def test_unsure(evidence):
    evidence.figure("lost", 3, at_most=2, clause="F4")
    assert evidence.figure("rest", 3, at_most=2).holds

def test_plain():
    assert False

def test_tool(evidence):
    evidence.figure("lost", 3, at_most=2, clause="F4")
    raise OSError("gone")
"""


def test_a_failure_names_the_clause_that_it_is_about(run_example: Callable[..., ExampleRun]) -> None:
    several = run_example(SEVERAL)
    broken = {test["nodeid"].partition("::")[2]: test["broken"] for test in several.data["tests"]}
    assert broken == {
        "test_violated": ["F4"],
        "test_figure": ["F4"],
        "test_checker": ["F4"],
        "test_group": ["F4", "F1"],
        "test_figure_and_violated": ["F1", "F4"],
        "test_unsure": [],
        "test_plain": [],
        "test_tool": [],
    }
    assert "breaks F4, F1" in several.html
    assert "Failed; names F1, F4; breaks F4." in several.markdown
    assert ("broken", "F4") in [
        (entry.attrib["name"], entry.attrib["value"]) for entry in several.junit.iter("property")
    ]
