"""Requests under faults are held against healthy ones of the same times, those afterwards against the first."""

from __future__ import annotations

import pytest

from fixtures.checkers import latency
from fixtures.checkers.base import State
from fixtures.history import OpType
from tests.judging.made import RECOVERY_S, STEADY_S, Run, Strike, made

pytestmark = pytest.mark.no_clause("the suite's own checker, on made histories")

STRIKES = tuple(Strike("wire_refuse", "wire", STEADY_S + 8.0 + 20.0 * number, 4.0) for number in range(3))
SLOW_S = 0.06
"""Beyond what a steady state of some milliseconds explains."""


def long_run() -> Run:
    """A steady state, and faults with calms between them."""
    return made(strikes=STRIKES, chaos_s=66.0)


def slow_down(run: Run, from_s: float, to_s: float, *, every: int = 20) -> None:
    """Some of the prompts begun then take long."""
    begun = {entry.process: entry.at_s for entry in run.of("request", OpType.INVOKE)}
    then = [e for e in run.of("request", OpType.OK) if from_s <= begun[e.process] < to_s]
    for entry in then[::every]:
        entry.value["latency_s"] = SLOW_S


def test_a_machine_that_became_slower_is_not_held_against_the_plugin() -> None:
    run = long_run()
    slow_down(run, STEADY_S + 2.0, run.ends_s - RECOVERY_S)
    verdict = latency.check_run(run.history())
    assert verdict.valid, str(verdict)


def test_slowness_under_faults_alone_is_found() -> None:
    run = long_run()
    for strike in STRIKES:
        slow_down(run, strike.at_s, strike.at_s + strike.lasts_s)
    verdict = latency.check_run(run.history())
    assert verdict.state is State.INVALID
    assert "requests above that" in verdict.reason


def test_slowness_that_outlasts_every_fault_is_found_afterwards() -> None:
    run = long_run()
    slow_down(run, STRIKES[0].at_s, run.ends_s)
    assert latency.check_afterwards(run.history()).state is State.INVALID


def stand_still(run: Run, from_s: float, to_s: float) -> None:
    """The gateway answers nobody then, whatever began is answered at the end."""
    begun = {entry.process: entry.at_s for entry in run.entries if entry.type is OpType.INVOKE}
    for entry in run.entries:
        if entry.type is OpType.OK and from_s <= begun.get(entry.process, 0.0) < to_s:
            entry.at_s = to_s
            entry.value["latency_s"] = to_s - begun[entry.process]


def test_a_gateway_that_is_blocked_again_and_again_under_faults_of_redis_is_found() -> None:
    run = long_run()
    for strike in STRIKES:
        for number in range(int(strike.lasts_s)):
            stand_still(run, strike.at_s + number, strike.at_s + number + 0.5)
    verdict = latency.check_run(run.history())
    assert verdict.state is State.INVALID
    assert verdict.value("set aside, since the machine served others") == 0


def test_what_controls_wait_for_under_other_faults_says_nothing_of_a_fault_of_redis() -> None:
    first, *others = STRIKES
    others = [Strike("upstream_freeze", "upstream", strike.at_s, strike.lasts_s) for strike in others]
    run = made(strikes=(first, *others), chaos_s=66.0)
    stand_still(run, first.at_s + 1.0, first.at_s + 1.5)
    for strike in others:
        stand_still(run, strike.at_s + 0.5, strike.at_s + 1.0)
        stand_still(run, strike.at_s + 2.0, strike.at_s + 2.5)
    verdict = latency.check_run(run.history())
    assert verdict.valid, str(verdict)
    assert int(verdict.value("set aside, since the machine served others")) > 30
