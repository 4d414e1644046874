"""A kill counts only when a test that names the clause judged against the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.mutants.trial import Outcome, Stage, run_trial
from tests.mutants_runner.small import SYSTEM, TESTS, thing

if TYPE_CHECKING:
    from fixtures.mutants.server import Server
    from fixtures.mutants.trial import Trial


def trial(server: Server, value: int, clause: str = "F1") -> Trial:
    stages = [Stage((TESTS,), ("--clause", clause)), Stage((TESTS,), only_if_green=True)]
    return run_trial(server, "small", clause, {SYSTEM: thing(value)}, stages)


def test_a_mutant_is_killed_by_a_test_of_its_clause(server: Server) -> None:
    result = trial(server, 10)
    assert result.outcome is Outcome.KILLED
    assert [verdict.nodeid for verdict in result.killers] == [f"{TESTS}::test_value_is_small"]
    assert result.first_red_s is not None
    assert 0 < result.first_red_s <= result.total_s
    assert result.ran == (TESTS,)


def test_a_mutant_that_nothing_sees_survives(server: Server) -> None:
    result = trial(server, 0)
    assert (result.outcome, result.killers, result.others) == (Outcome.SURVIVED, (), ())


def test_a_test_of_another_clause_does_not_kill(server: Server) -> None:
    result = trial(server, 1)
    assert result.outcome is Outcome.MISATTRIBUTED
    assert [verdict.nodeid for verdict in result.others] == [f"{TESTS}::test_value_is_even"]


@pytest.mark.parametrize(
    ("value", "clause", "outcome"),
    [
        (-2, "F1", Outcome.MISATTRIBUTED),
        (-2, "F4", Outcome.KILLED),
        (-4, "F1", Outcome.KILLED),
        (-4, "F4", Outcome.KILLED),
        (-6, "F1", Outcome.MISATTRIBUTED),
        (-6, "F4", Outcome.KILLED),
    ],
    ids=str,
)
def test_of_several_clauses_the_one_that_the_failure_names_counts(
    server: Server, value: int, clause: str, outcome: Outcome
) -> None:
    assert trial(server, value, clause).outcome is outcome


@pytest.mark.parametrize(
    ("value", "name", "message"),
    [
        (4, "test_fault", "InvalidFault: no effect"),
        (6, "test_stack", "StackError: the stack does not start"),
        (8, "test_time", "Failed: Timeout (>0.2s)"),
    ],
    ids=["fault without effect", "stack that does not start", "time limit"],
)
def test_what_is_no_judgement_does_not_kill(server: Server, value: int, name: str, message: str) -> None:
    result = trial(server, value)
    assert result.outcome is Outcome.MISATTRIBUTED
    [verdict] = result.others
    assert verdict.nodeid == f"{TESTS}::{name}"
    assert verdict.message.startswith(message)


def test_a_leak_kills_as_a_breach_of_m1_whatever_the_test_names(server: Server) -> None:
    result = run_trial(server, "small", "M1", {SYSTEM: thing(2)}, [Stage((TESTS,), ("--clause", "F3"))])
    assert result.outcome is Outcome.KILLED
    assert result.killers[0].clauses == ("F3", "M1")


def test_a_trial_without_tests_shows_nothing(server: Server) -> None:
    result = run_trial(server, "small", "F1", {SYSTEM: thing(10)}, [Stage((TESTS,), ("--clause", "B1"))])
    assert result.outcome is Outcome.BROKEN


def test_tests_that_cannot_be_imported_show_nothing(server: Server) -> None:
    result = run_trial(server, "small", "F1", {SYSTEM: "VALUE ="}, [Stage((TESTS,))])
    assert result.outcome is Outcome.BROKEN
    assert "SyntaxError" in result.output


def test_the_original_is_back_after_a_trial(server: Server) -> None:
    trial(server, 10)
    assert (server.room.directory / SYSTEM).read_text(encoding="utf-8") == thing(0)
    assert trial(server, 0).outcome is Outcome.SURVIVED
