"""What is published while the tap is away may be missed; what was asked for, numbered or counted otherwise may not."""

from __future__ import annotations

from collections import Counter

import pytest

from fixtures.checkers import accounting
from fixtures.checkers.base import State
from fixtures.checkers.missing import holes
from fixtures.judging.judge import judge
from fixtures.judging.judgement import RunState
from tests.judging.made import REDIS_STOP, STEADY_S, Entry, Run, Strike, made

pytestmark = pytest.mark.no_clause("the suite's own checker, on made histories")

BACK_S = REDIS_STOP.at_s + REDIS_STOP.lasts_s
"""Redis is there again; what had waited is published 0.3 s later."""
RELOAD = Strike("gateway_reload", "gateway", REDIS_STOP.at_s - 8.0, 9.0)
"""Overlaps with the outage. Of queues that end with their workers the numbers do not tell."""


def deaf(run: Run, until_s: float) -> int:
    """The tap subscribes again no sooner than that, and misses what was published before; returns how much."""
    next(entry for entry in run.of("tap") if entry.at_s > BACK_S).at_s = until_s
    return lose(run, [entry for entry in run.of("event") if REDIS_STOP.at_s < entry.at_s < until_s])


def lose(run: Run, events: list[Entry]) -> int:
    """Takes out the messages of these events; returns how many events that were."""
    lost = {entry.value["message"] for entry in events}
    before = len(run.of("event"))
    run.entries = [
        entry
        for entry in run.entries
        if entry.f not in {"event", "message"}
        or entry.value["message" if entry.f == "event" else "number"] not in lost
    ]
    return before - len(run.of("event"))


def lose_between(run: Run, from_s: float, to_s: float) -> int:
    return lose(run, [entry for entry in run.of("event") if from_s <= entry.at_s < to_s])


def broken(run: Run) -> set[str]:
    return {clause.clause for clause in judge(run.history()).failed}


def test_what_was_published_while_the_tap_was_away_is_allowed_and_counted() -> None:
    run = made()
    missed = deaf(run, BACK_S + 0.6)
    judgement = judge(run.history())
    assert judgement.state is RunState.VALID, judgement.headline
    assert judgement.counts["events by fate"]["lost while nobody listened"] == missed > 500


def test_numbers_tell_nothing_where_queues_may_have_ended() -> None:
    run = made(strikes=(RELOAD, REDIS_STOP))
    missed = deaf(run, BACK_S + 0.6)
    numbered: Counter[str] = Counter()
    for entry in run.of("event"):  # the workers that come after the reload number anew
        source = entry.value["event"]["source"]
        if entry.at_s > BACK_S:
            source["boot"] = source["boot"].replace("0", "e")
            numbered[source["boot"]] += 1
            source["seq"] = numbered[source["boot"]]
    verdict = accounting.check(run.history())
    assert verdict.valid, str(verdict)
    assert verdict.value("lost while nobody listened") == missed > 500


def test_what_a_tap_missed_before_it_knew_that_it_was_deaf_is_allowed() -> None:
    knew_s = RELOAD.at_s + 4
    run = made(strikes=(RELOAD,))
    run.note(knew_s, "tap", "tap", {"state": "lost", "error": "ConnectionResetError"})
    run.note(knew_s + 0.1, "tap", "tap", {"state": "subscribed"})
    missed = lose_between(run, knew_s - 1.5, knew_s + 0.1)
    verdict = accounting.check(run.history())
    assert verdict.valid, str(verdict)
    assert verdict.value("lost while nobody listened") == missed > 200


def test_what_was_published_after_the_tap_was_back_is_not() -> None:
    run = made()
    # Made while Redis was away, and received in the order of their numbers before they were taken out here.
    backlog = [entry for entry in run.of("event") if BACK_S + 0.3 < entry.at_s < BACK_S + 0.4]
    lose(run, backlog[-120:-40])
    assert broken(run) == {"E2", "F4", "S2"}


@pytest.mark.parametrize("strikes", [(REDIS_STOP,), (RELOAD, REDIS_STOP)], ids=["redis", "gateway-too"])
def test_what_was_asked_for_after_the_tap_was_back_is_not(strikes: tuple[Strike, ...]) -> None:
    run = made(strikes=strikes)
    lose_between(run, BACK_S + 1.5, BACK_S + 2.0)
    assert broken(run) == {"E2", "F4", "S2"}


def test_more_than_was_published_meanwhile_is_not() -> None:
    outage = Strike("redis_stop", "redis", STEADY_S + 26.0, 4.0)
    run = made(strikes=(Strike("gateway_reload", "gateway", STEADY_S + 1, 26.0), outage), chaos_s=44.0)
    lost = lose_between(run, STEADY_S + 1, outage.at_s)
    verdict = accounting.check(run.history())
    assert verdict.state is State.INVALID, str(verdict)
    assert 0 < int(verdict.value("lost while nobody listened")) < lost / 2


def test_an_absence_without_an_end_excuses_what_was_lost_since() -> None:
    run = made()
    lose_between(run, BACK_S, run.ends_s + 10)
    run.entries = [entry for entry in run.entries if entry.f != "tap" or entry.at_s < BACK_S]
    assert not {"E2", "F4", "S2"} & broken(run)


def test_a_number_that_came_late_is_not_missing() -> None:
    run = made()
    missing = sum(hole.count for hole in holes(run.history()))
    source = {"worker": 1, "boot": f"1{1:015x}"}
    backlog = [entry for entry in run.of("event") if entry.at_s > BACK_S + 0.3]
    first, second, third = [e for e in backlog if source.items() <= e.value["event"]["source"].items()][:3]
    first.at_s, third.at_s = third.at_s, first.at_s
    assert lose(run, [second]) == 1
    assert sum(hole.count for hole in holes(run.history())) == missing + 1
