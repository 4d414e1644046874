"""The short check: which mutants, and what makes it red."""

from __future__ import annotations

import pytest

from fixtures.mutants.check import faults, one_per_group
from fixtures.mutants.kill_table import Row
from fixtures.mutants.trial import Outcome, Trial
from fixtures.mutants.verdicts import Shown, Verdict
from tests.mutants_runner.test_choice import mutant
from tests.mutants_runner.test_mutants import MUTANTS


def trial(outcome: Outcome, *shown: Shown) -> Trial:
    others = tuple(Verdict(nodeid="test", clauses=(), shown=what, at_s=0.0) for what in shown)
    return Trial(name="small", outcome=outcome, others=others, total_s=1.0, cpu_s=1.0, ran=())


def rows(*trials: Trial) -> list[Row]:
    killed = [trial(Outcome.KILLED)] * 6
    return [Row(mutant=mutant("small", "F1", "x", "y"), trial=each) for each in (*killed, *trials)]


def test_one_mutant_of_each_group_is_drawn_and_always_the_same() -> None:
    drawn = one_per_group(MUTANTS, [])
    assert [chosen.clause[0] for chosen in drawn] == sorted({known.clause[0] for known in MUTANTS})
    assert drawn == one_per_group(MUTANTS[::-1], [])


@pytest.mark.parametrize("unfit", ["tests/test_costs.py::test_cpu", "tests/test_costs.py::test_other"])
def test_a_mutant_whose_tests_measure_is_left_out(unfit: str) -> None:
    mutants = [
        mutant("costly", "P1", "x", "test_costs.py"),
        mutant("one", "P2", "x", "test_costs.py::test_cpu[1]"),
        mutant("calm", "P3", "x", "test_calm.py"),
    ]
    assert one_per_group(mutants[:1] + mutants[2:], [unfit]) == mutants[2:]
    left = one_per_group(mutants[1:2], [unfit])
    assert left == ([] if unfit.endswith("cpu") else mutants[1:2])


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (trial(Outcome.SURVIVED), ["small: survived"]),
        (trial(Outcome.MISATTRIBUTED, Shown.NOTHING, Shown.VIOLATED), ["small: misattributed"]),
        (trial(Outcome.MISATTRIBUTED, Shown.NOTHING), []),
        (trial(Outcome.BROKEN), []),
        (trial(Outcome.KILLED), []),
    ],
    ids=["not caught", "caught by another clause", "tools failed", "cut off", "caught"],
)
def test_only_what_a_test_should_have_caught_is_a_fault(found: Trial, fault: list[str]) -> None:
    assert faults(rows(found)) == fault


def test_a_check_that_hardly_shows_anything_is_a_fault_itself() -> None:
    [fault] = faults(rows(*[trial(Outcome.BROKEN)] * 4))
    assert fault == "6 of 10 trials showed anything: the check itself does not work here"
