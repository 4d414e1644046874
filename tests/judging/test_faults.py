"""A run that did less than it had planned is never valid, and what was not injected explains nothing."""

from __future__ import annotations

import pytest

from fixtures.judging.judge import judge
from fixtures.judging.judgement import RunState
from tests.judging.made import REDIS_STOP, STEADY_S, Run, Strike, made

pytestmark = pytest.mark.no_clause("the suite's own checker, on made histories")

SLOW = Strike("upstream_slow", "upstream", STEADY_S + 19.0, 3.0)
WHY = "upstream_slow is not injected: upstream is not healthy before it"


def planned() -> Run:
    return made(strikes=(REDIS_STOP, SLOW))


def forget(run: Run, *, since: str = "inject") -> None:
    """Takes away what the second fault said of itself, from that on."""
    first = next(entry for entry in run.of(SLOW.fault) if entry.value["phase"] == since)
    run.entries = [entry for entry in run.entries if entry.f != SLOW.fault or entry.at_s < first.at_s]


def tell(run: Run, phase: str, error: str, *, after_s: float = 0.0) -> None:
    value = {"number": 1, "target": SLOW.target, "parameters": {}, "phase": phase, "error": error}
    run.note(SLOW.at_s + after_s, SLOW.fault, "nemesis", value)


def fail_request(run: Run, at_s: float) -> None:
    entry = next(entry for entry in run.of("request") if entry.at_s >= at_s and "status" in entry.value)
    entry.type = entry.type.FAIL
    entry.value.update(error="status 502", status=502)


def failed(run: Run) -> set[str]:
    return {clause.clause for clause in judge(run.history()).failed}


def test_a_fault_that_was_not_injected_leaves_the_run_unknown() -> None:
    run = planned()
    forget(run)
    tell(run, "not injected", WHY)
    judgement = judge(run.history())
    assert (judgement.state, judgement.failed) == (RunState.UNKNOWN, [])
    assert (
        f"1 of 2 planned faults were not injected: 1 upstream_slow; upstream_slow (1): {WHY}"
        in judgement.headline
    )


def test_a_fault_that_the_history_does_not_speak_of_leaves_the_run_unknown() -> None:
    run = planned()
    forget(run)
    judgement = judge(run.history())
    assert (judgement.state, judgement.failed) == (RunState.UNKNOWN, [])
    assert "1 upstream_slow; upstream_slow (1): the history does not speak of it" in judgement.headline


def test_a_fault_that_the_stack_lacks_is_withheld_and_spoils_nothing() -> None:
    run = planned()
    forget(run)
    run.about["stack"]["lacking"] = {SLOW.fault: "the stack runs no upstream"}
    judgement = judge(run.history())
    assert judgement.state is RunState.VALID, judgement.headline
    schedule = next(verdict for verdict in judgement.run if verdict.checker == "schedule")
    assert schedule.value("withheld, since the stack lacks them") == 1


def test_what_is_broken_without_a_fault_that_was_not_injected_is_broken() -> None:
    run = planned()
    forget(run)
    tell(run, "not injected", WHY)
    fail_request(run, REDIS_STOP.at_s + 1)
    assert {"F1", "L1"} <= failed(run)


def test_a_fault_that_was_not_injected_excuses_nothing() -> None:
    run = planned()
    fail_request(run, SLOW.at_s)
    assert "L1" not in failed(run)
    forget(run)
    tell(run, "not injected", WHY)
    assert "L1" in failed(run)


@pytest.mark.parametrize("spoken", ["not injected", "no effect"])
def test_what_is_broken_beside_a_fault_that_was_injected_by_half_is_unknown(spoken: str) -> None:
    run = planned()
    forget(run, since="effective")
    tell(run, spoken, "reset", after_s=0.02)
    tell(run, "gone", "", after_s=0.03)
    fail_request(run, REDIS_STOP.at_s + 1)
    judgement = judge(run.history())
    assert judgement.state is RunState.UNKNOWN
    assert "invalid fault: upstream_slow (1)" in judgement.headline


@pytest.mark.parametrize("cut_off", [False, True])
def test_a_run_that_ended_early_says_so_and_how_far_it_got(cut_off: bool) -> None:
    run = planned()
    forget(run)
    end = run.of("phase")[-1]
    if cut_off:
        run.entries.remove(end)
    else:
        end.value["reason"] = "interrupted"
    judgement = judge(run.history())
    how = "its file ends early" if cut_off else "interrupted"
    assert judgement.state is RunState.UNKNOWN
    assert f"the run did not end: {how}; 1 of 2 planned faults were begun" in judgement.headline
