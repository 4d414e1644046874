"""A lost event is booked where it was made, and a drop where the ledger can tell it belongs."""

from __future__ import annotations

import pytest

from fixtures.checkers import accounting
from fixtures.checkers.base import State
from fixtures.checkers.books import disturbances
from fixtures.history import OpType
from tests.judging.made import STEADY_S, Run, Strike, made

pytestmark = pytest.mark.no_clause("the suite's own checker, on made histories")

FIRST = Strike("wire_refuse", "wire", STEADY_S + 8.0, 4.0)
SECOND = Strike("wire_black_hole", "wire", STEADY_S + 22.0, 4.0)
"""Its disturbance begins 3.5 s after that of the first has ended. The tap hears all the time."""
SLOW = 60
"""More answers than either disturbance has drops to excuse them with."""


def struck_twice() -> Run:
    return made(strikes=(FIRST, SECOND), chaos_s=34.0)


def lose_late(run: Run, *, ended_s: float) -> None:
    """Answers that began in the first disturbance pass at `ended_s`, and their events are dropped then."""
    ids = set()
    late = [entry for entry in run.of("request", OpType.OK) if entry.at_s >= FIRST.at_s + 8 and
            entry.value["sampled"]][:SLOW]  # fmt: skip
    for entry in late:
        entry.at_s = ended_s
        ids.add(entry.value["request_id"])
    for entry in run.of("event"):
        event = entry.value["event"]
        if event["request_id"] in ids and event["event_type"] == "data_unmasked":
            run.entries.remove(entry)
    for entry in run.of("ledger"):
        if entry.at_s > ended_s:
            counters = entry.value["ledger"]["counters"]
            counters["events.published"] -= SLOW
            counters["events.dropped.unconfirmed"] += SLOW


def test_an_answer_that_began_in_one_disturbance_and_ended_in_the_next_loses_its_event_there() -> None:
    run = struck_twice()
    lose_late(run, ended_s=SECOND.at_s + 1)
    verdict = accounting.check(run.history())
    assert verdict.valid, str(verdict)


def test_an_event_that_is_lost_after_the_disturbance_in_which_its_request_began_is_lost_in_quiet() -> None:
    run = struck_twice()
    lose_late(run, ended_s=FIRST.at_s + 11)
    verdict = accounting.check(run.history())
    assert verdict.state is State.INVALID
    assert verdict.value("lost while nothing was faulted") == SLOW


def test_disturbances_between_which_the_ledger_was_not_read_share_their_drops() -> None:
    run = struck_twice()
    assert len(disturbances(run.history())) == 2
    run.entries = [
        entry for entry in run.entries if entry.f != "ledger" or not FIRST.at_s + 8 < entry.at_s < SECOND.at_s
    ]
    assert [names for _, names in disturbances(run.history())] == [("wire_black_hole", "wire_refuse")]


@pytest.mark.parametrize("resent", [0, 1])
def test_an_earlier_sending_may_have_emitted_under_an_id_that_nobody_learnt(resent: int) -> None:
    run = made()
    answered = next(entry for entry in run.of("request", OpType.OK) if entry.value["sampled"])
    answered.value["resent"] = resent
    ids = ("cut-off-1", "cut-off-2")
    for event_id, event_type in zip(ids, ("data_masked", "data_unmasked"), strict=True):
        event = {**run.of("event")[0].value["event"], "event_id": event_id, "event_type": event_type}
        value = {
            **run.of("event")[0].value,
            "event": {**event, "request_id": "of a sending that was cut off"},
        }
        run.note(answered.at_s, "event", "tap", value)
    for entry in run.of("ledger")[1:]:
        counters = entry.value["ledger"]["counters"]
        counters["events.sampled"] += 2
        counters["events.published"] += 2
    verdict = accounting.check(run.history())
    assert verdict.state is (State.VALID if resent else State.INVALID), str(verdict)
