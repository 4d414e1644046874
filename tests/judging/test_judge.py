"""A run that went as it should is valid; each planted defect breaks the clause it breaks, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.checkers.base import State
from fixtures.history import History, OpType
from fixtures.judging import plan
from fixtures.judging.facts import NotJudgeable
from fixtures.judging.judge import judge
from fixtures.judging.judgement import ClauseState, RunState
from tests.judging.made import REDIS_STOP, STEADY_S, Entry, Run, Strike, made

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.judging.judgement import Judgement

QUIET_S = STEADY_S + 19.0
"""No fault is near."""


def near(entries: list[Entry], at_s: float) -> Entry:
    return next(entry for entry in entries if entry.at_s >= at_s)


def failed(judgement: Judgement) -> list[str]:
    return [clause.clause for clause in judgement.failed]


def test_a_run_as_it_should_be_is_valid_and_counted() -> None:
    judgement = judge(made().history())
    assert judgement.state is RunState.VALID, judgement.headline
    states = {clause.clause: clause.state for clause in judgement.clauses}
    assert {name for name, state in states.items() if state is ClauseState.NOT_JUDGED} == {"B4", "C5", "L2"}
    counts = judgement.counts
    assert counts["faults by kind"] == {"redis_stop": 1}
    assert counts["operations"]["ok"] == counts["operations"]["requests"] == 5720
    fates = counts["events by fate"]
    assert fates["attempted"] == fates["received"] + fates["lost"] == 7628
    assert 0 < fates["lost"] <= fates["dropped: unconfirmed"]
    assert counts["allowed anomalies"] == {"drops: unconfirmed": fates["dropped: unconfirmed"]}


def answer(at_s: float, **change: object) -> Callable[[Run], None]:
    def plant(run: Run) -> None:
        near(run.of("request", OpType.OK), at_s).value.update(change)

    return plant


def refuse(at_s: float, error: str) -> Callable[[Run], None]:
    def plant(run: Run) -> None:
        entry = near(run.of("request", OpType.OK), at_s)
        entry.type = OpType.FAIL
        entry.value.update(error=error, status=502, intact=False)

    return plant


def lose_event(at_s: float) -> Callable[[Run], None]:
    def plant(run: Run) -> None:
        run.entries.remove(near(run.of("event"), at_s))

    return plant


def leave_unsampled(run: Run) -> None:
    monitored = [entry for entry in run.of("request", OpType.OK) if entry.value["sampled"]]
    near(monitored, QUIET_S).value["sampled"] = False


def repeat_event(run: Run) -> None:
    entry = near(run.of("event"), QUIET_S)
    run.note(entry.at_s + 1e-6, "event", "tap", entry.value)


def misstate_event(run: Run) -> None:
    event: dict[str, Any] = near(run.of("event"), QUIET_S).value["event"]
    kinds = event["details"]["patterns"]
    masked = event["event_type"] == "data_masked"
    assert masked
    event["details"] = {**event["details"], "pattern_count": sum(kinds.values()) + 1}


def delay_batch(run: Run) -> None:
    batched = [entry for entry in run.of("event") if entry.value["channel"] == "suite:batched"]
    near(batched, QUIET_S).value["event"]["timestamp"] -= 1.8


def hide_events(run: Run) -> None:
    run.of("ledger")[-1].value["ledger"]["counters"]["events.published"] -= 1


def storm(run: Run) -> None:
    text = "[aws-masker] could not send events to 127.0.0.1:6379: refused; 3 events wait"
    for at_s in (1.0, 2.5):
        value = {"component": "gateway", "level": "error", "pid": 100, "characters": 9, "text": text}
        run.note(REDIS_STOP.at_s + at_s, "log", "logs", value)


def come_back_late(run: Run, *, waiting: int = 40) -> None:
    end_s = REDIS_STOP.at_s + REDIS_STOP.lasts_s
    for entry in run.of("ledger"):
        if end_s <= entry.at_s < end_s + 5.0:
            entry.value["ledger"]["workers"][1]["waiting"] = waiting
    for entry in run.of("event"):
        if end_s <= entry.at_s < end_s + 5.0 and entry.value["event"]["source"]["worker"] == 1:
            entry.at_s = end_s + 5.0 + (entry.at_s - end_s) / 1e6  # all at once, in their order


def open_more(run: Run) -> None:
    near(run.of("redis"), QUIET_S).value["publishers"] = 3


def grow(run: Run) -> None:
    for entry in run.of("figures"):
        if entry.value["pid"] == 100 and entry.at_s > QUIET_S:
            entry.value["rss_bytes"] += 80 * 1_048_576


def slow_down(run: Run) -> None:
    for number, entry in enumerate(run.of("request", OpType.OK)):
        if REDIS_STOP.at_s < entry.at_s < REDIS_STOP.at_s + REDIS_STOP.lasts_s and number % 10 == 0:
            entry.value["latency_s"] = 0.2


def drop(at_s: float, cause: str) -> Callable[[Run], None]:
    def plant(run: Run) -> None:
        for entry in run.of("ledger"):
            if entry.at_s > at_s:
                counters = entry.value["ledger"]["counters"]
                counters["events.published"] -= 2
                counters[f"events.dropped.{cause}"] = counters.get(f"events.dropped.{cause}", 0) + 2

    return plant


def leave_backend(run: Run) -> None:
    run.of("backend")[-1].value["health"] = {"status": "degraded", "redis": {"subscribed": False}}


DEFECTS: list[tuple[str, Callable[[Run], None], set[str]]] = [
    ("an identifier reaches the upstream", answer(QUIET_S, leaks=1), {"M1"}),
    ("an answer holds another's identifier", answer(QUIET_S, foreign=1), {"U7"}),
    ("the upstream receives other bytes", answer(QUIET_S, masked=False), {"M5", "M7"}),
    ("a placeholder stays", answer(QUIET_S, residual=1), {"U1", "U3"}),
    ("a request fails while Redis is away", refuse(REDIS_STOP.at_s + 1, "status 502"), {"F1", "L1", "U1", "U3"}),
    ("requests are slow while Redis is away", slow_down, {"F1"}),
    ("an event is lost for no reason", lose_event(QUIET_S), {"E2", "F4", "S2", "E6"}),
    ("an event comes twice", repeat_event, {"E2", "F4", "S2", "E6"}),
    ("an event of nobody", lambda run: near(run.of("event"), QUIET_S).value["event"].update(request_id="x"),
     {"E2", "F4", "S2"}),
    ("an unsampled request emits", leave_unsampled, {"E2", "F4", "S2"}),
    ("an event states other counts", misstate_event, {"E5"}),
    ("an event waits too long", delay_batch, {"B1", "B2", "B3"}),
    ("the ledger does not balance", hide_events, {"F4"}),
    ("events are dropped for no reason", drop(QUIET_S, "queue_full"), {"F2"}),
    ("the log storms", storm, {"F5"}),
    ("a worker's events come back late", come_back_late, {"F3"}),
    ("a third connection", open_more, {"C1"}),
    ("a worker keeps memory", grow, {"F2"}),
    ("the backend stays away", leave_backend, {"K1", "K5"}),
]  # fmt: skip


@pytest.fixture(autouse=True)
def few_validations(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand validations take most of a second; that they are enough is another test's business."""
    monkeypatch.setattr(plan, "MESSAGES_JUDGED_MAX", 50)


@pytest.fixture(scope="module")
def sound() -> Run:
    return made()


@pytest.mark.parametrize(("plant", "clauses"), [d[1:] for d in DEFECTS], ids=[d[0] for d in DEFECTS])
def test_a_planted_defect_breaks_its_clauses_and_no_other(
    plant: Callable[[Run], None], clauses: set[str]
) -> None:
    run = made()
    plant(run)
    judgement = judge(run.history())
    assert set(failed(judgement)) == clauses, judgement.headline
    assert judgement.state is RunState.INVALID


@pytest.mark.parametrize(
    ("fault", "error", "name"),
    [
        ("upstream_error", "status 529", "the upstream's own failure"),
        ("upstream_endless", "too long", "an answer without end"),
    ],
)
def test_what_a_fault_explains_is_allowed_and_counted(fault: str, error: str, name: str) -> None:
    strike = Strike(fault, "upstream", QUIET_S, 3.0)
    run = made(strikes=(REDIS_STOP, strike))
    refuse(QUIET_S + 1, error)(run)
    judgement = judge(run.history())
    assert judgement.state is RunState.VALID, judgement.headline
    assert judgement.counts["allowed anomalies"][f"availability: {name}"] == 1
    outside = made(strikes=(REDIS_STOP, strike))
    refuse(QUIET_S + 5, error)(outside)
    assert judge(outside.history()).state is RunState.INVALID


@pytest.mark.parametrize("error", ["timeout", "reset", "closed", "refused"])
def test_a_flood_of_connections_is_no_excuse(error: str) -> None:
    run = made(strikes=(REDIS_STOP, Strike("gateway_connection_flood", "gateway", QUIET_S, 3.0)))
    refuse(QUIET_S + 1, error)(run)
    assert {"C5", "L1"} <= set(failed(judge(run.history())))


def test_a_worker_may_lose_what_waits_when_it_ends_without_redis() -> None:
    run = made()
    drop(REDIS_STOP.at_s + 1, "worker_lost")(run)
    judgement = judge(run.history())
    assert judgement.counts["allowed anomalies"]["drops: worker_lost"] == 2
    assert "F2" not in failed(judgement)
    outside = made()
    drop(QUIET_S, "worker_lost")(outside)
    assert "F2" in failed(judge(outside.history()))


def test_a_worker_without_requests_need_not_come_back() -> None:
    run = made()
    come_back_late(run, waiting=0)
    assert judge(run.history()).state is RunState.VALID


@pytest.mark.parametrize(("fault", "holds"), [("network_loss", True), ("redis_stop", False)])
def test_an_event_may_come_behind_later_ones_only_where_bytes_are_late(fault: str, holds: bool) -> None:
    strike = Strike(fault, "redis", REDIS_STOP.at_s, REDIS_STOP.lasts_s)
    run = made(strikes=(strike,))
    source = {"worker": 1, "boot": f"1{1:015x}"}
    events = [e for e in run.of("event") if source.items() <= e.value["event"]["source"].items()]
    first = next(at for at, entry in enumerate(events) if entry.at_s > REDIS_STOP.at_s + REDIS_STOP.lasts_s)
    # The last one before the fault's end was given up, and executed when a later one had been.
    events[first].at_s, events[first + 1].at_s = events[first + 1].at_s, events[first].at_s
    judgement = judge(run.history())
    late = judgement.counts["allowed anomalies"].get("gaps: executed after it was given up", 0)
    assert (judgement.state is RunState.VALID, late) == ((True, 1) if holds else (False, 0))
    assert ("E6" in failed(judgement)) is not holds


def nemesis(run: Run, phase: str) -> Entry:
    return next(entry for entry in run.of("redis_stop") if entry.value["phase"] == phase)


def test_a_fault_without_effect_leaves_the_run_unknown() -> None:
    run = made()
    nemesis(run, "effective").value.update(phase="no effect", error="nothing")
    judgement = judge(run.history())
    assert (judgement.state, failed(judgement)) == (RunState.UNKNOWN, [])
    assert "invalid fault: redis_stop" in judgement.headline


def test_a_fault_that_stays_leaves_the_run_unknown() -> None:
    run = made()
    nemesis(run, "gone").value.update(phase="still there", error="refused")
    judgement = judge(run.history())
    assert judgement.state is RunState.UNKNOWN
    assert "clean-up failed: redis_stop" in judgement.headline


@pytest.mark.parametrize(("restart_s", "told"), [(0.0, "redis_stop (0) after 1.60 s"), (5.0, "none")])
def test_a_fault_that_is_undone_late_is_told(restart_s: float, told: str) -> None:
    run = made()
    healing = nemesis(run, "heal")
    healing.at_s -= 1.5
    healing.value["restart_s"] = restart_s
    judgement = judge(run.history())
    assert judgement.state is RunState.VALID
    faults = next(verdict for verdict in judgement.run if verdict.checker == "faults")
    assert faults.value("undone later than after 1 s") == told


def test_what_holds_whatever_happens_is_broken_under_an_unproved_fault_too() -> None:
    run = made()
    nemesis(run, "effective").value.update(phase="no effect", error="nothing")
    answer(QUIET_S, leaks=1)(run)
    refuse(QUIET_S, "status 502")(run)
    judgement = judge(run.history())
    assert "M1" in failed(judgement)
    availability = next(verdict for verdict in judgement.verdicts if verdict.checker == "availability")
    assert availability.state is State.UNKNOWN
    assert "proves nothing" in availability.reason


def test_a_run_that_was_broken_off_is_unknown() -> None:
    run = made()
    run.entries = [entry for entry in run.entries if entry.at_s < QUIET_S]
    judgement = judge(run.history())
    assert (judgement.state, failed(judgement)) == (RunState.UNKNOWN, [])
    assert "ends early" in judgement.headline


def test_a_generator_that_missed_its_rate_leaves_the_run_unknown() -> None:
    run = made()
    for entry in run.of("offered"):
        entry.value["sent"] = entry.value["planned"] * 0.9
    assert judge(run.history()).state is RunState.UNKNOWN


@pytest.mark.parametrize("f", ["event", "ledger", "request", "leak", "phase"])
def test_a_run_that_lacks_what_is_to_be_judged_is_never_valid(f: str) -> None:
    run = made()
    run.entries = [entry for entry in run.entries if entry.f != f]
    assert judge(run.history()).state is not RunState.VALID


def test_no_checker_calls_a_run_valid_in_which_nothing_happened() -> None:
    run = made()
    run.entries = []
    judgement = judge(run.history())
    assert judgement.state is RunState.UNKNOWN
    speaking = {
        "gaps",
        "leak",
        "isolation",
        "accounting",
        "counts",
        "recovery",
        "memory",
        "connections",
        "latency",
    }
    unknown = {verdict.checker for verdict in judgement.verdicts if verdict.state is State.UNKNOWN}
    assert speaking <= unknown


def test_a_malformed_event_is_no_crash_but_unknown() -> None:
    run = made()
    del near(run.of("event"), QUIET_S).value["event"]["source"]
    judgement = judge(run.history())
    assert judgement.state is not RunState.VALID
    assert any("the checker crashed" in verdict.reason for verdict in judgement.verdicts)


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({}, "of the kind None, only 'chaos'"),
        ({"kind": "chaos", "contract": "0" * 16}, "made under the contract '0000000000000000'"),
    ],
)
def test_a_history_of_something_else_is_refused(about: dict[str, Any], message: str) -> None:
    with pytest.raises(NotJudgeable, match=message):
        judge(History(about))


def test_a_header_that_lacks_something_is_refused_by_its_name(sound: Run) -> None:
    about = {**sound.about, "stack": {}}
    with pytest.raises(NotJudgeable, match="KeyError 'workers'"):
        judge(History(about))
