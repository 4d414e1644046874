"""What is judged of an outage, by every clause that speaks of it; an outage that the machine spoilt is repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixtures.checkers import availability, latency, ledger_balance, log_storm
from fixtures.checkers.base import Allowance, State, conclude, none_expected
from fixtures.checkers.received import received_events
from fixtures.failures import ClauseViolated, Failure, RateMissed
from fixtures.report.evidence import Band, EventsPlot, LatencyPlot
from tests.outages.books import check_tap
from tests.outages.outage import (
    CONTROL,
    FURTHER_WARM_UP_REQUESTS,
    OUTAGE_REQUESTS,
    RESETS,
    live_through,
)
from tests.outages.recovery import GREETING_TIMEOUT_S, check_recovery

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fixtures.checkers.base import Verdict
    from fixtures.lab.lab import Lab, LabRoute
    from tests.outages.outage import Calm, Disturbance, Outage

# A fault may cut a worker's connection when it begins and when it ends.
_CUTS_PER_WORKER = 2
_TRIALS_MAX = 3
"""A busy machine may spoil one or two trials; on one that spoils three in a row nothing can be judged."""


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What a fault may do besides.

    Attributes:
        cut_on_the_way: See `check_tap`.
        cuts_per_worker: How many of its connections to Redis the fault may reset.
        redis_timeout_s: See `check_recovery`.
    """

    cut_on_the_way: int = 0
    cuts_per_worker: int = _CUTS_PER_WORKER
    redis_timeout_s: float = GREETING_TIMEOUT_S


def judge_outage(
    lab: Lab,
    route: LabRoute,
    fault: Disturbance,
    calm: Calm,
    allowed: Allowed,
    *,
    further: Sequence[LabRoute] = (),
) -> Outage:
    """Lives through an outage, shows it, and judges it by every clause, also when one of them is broken.

    When nothing was seen to be broken, and something could not be told, or the load could not be offered, it is lived
    through again, with the healthy traffic and the bearable rate found anew. A verdict that says something is never
    asked for twice.

    Args:
        lab: On the stack of `calm`.
        route: Where requests go.
        fault: What happens to Redis; may be injected more than once.
        calm: Gets the healthy requests, if it has none yet.
        allowed: What the fault may do besides.
        further: Where requests go as well, in turn.

    Raises:
        Failure: The first verdict that is invalid, else the first unknown one; the others are its notes.
        RateMissed: The load could not be offered, in the last trial either.
    """
    for spoilt in range(_TRIALS_MAX):
        is_last = spoilt + 1 == _TRIALS_MAX
        try:
            outage = live_through(lab, route, fault, calm, further=further)
        except RateMissed:
            if is_last:
                raise
        else:
            verdicts = _verdicts(outage, allowed)
            if _tell(verdicts) or is_last:
                break
        calm.forget()
    lab.evidence.figure("trials that the machine spoilt", spoilt + (not _tell(verdicts)))
    _show(lab, outage, next(verdict for _, verdict in verdicts if verdict.checker == latency.NAME))
    _require(lab, verdicts)
    return outage


def _tell(verdicts: Sequence[tuple[str, Verdict]]) -> bool:
    states = {verdict.state for _, verdict in verdicts}
    return State.UNKNOWN not in states or State.INVALID in states


def _verdicts(outage: Outage, allowed: Allowed) -> list[tuple[str, Verdict]]:
    requests_min = FURTHER_WARM_UP_REQUESTS + OUTAGE_REQUESTS
    faulty = outage.history.between(*outage.faulty_ns)
    return [
        ("F1", availability.check(outage.history, at_least=requests_min)),
        ("F1", latency.check(outage.healthy, faulty, control=CONTROL)),
        ("F3", _check_recovery(outage, allowed.redis_timeout_s)),
        ("F4", ledger_balance.check(outage.history)),
        ("F4", check_tap(outage.history, cut_on_the_way=allowed.cut_on_the_way)),
        ("F5", log_storm.check(outage.history, outage_s=outage.outage_s)),
        ("F5", _check_resets(outage, allowed.cuts_per_worker)),
    ]


def _require(lab: Lab, verdicts: Sequence[tuple[str, Verdict]]) -> None:
    failures: list[Failure] = []
    for clause, verdict in verdicts:
        try:
            lab.require(verdict, clause=clause)
        except Failure as failure:
            failures.append(failure)
    # What is broken comes before what could not be told.
    failures.sort(key=lambda failure: not isinstance(failure, ClauseViolated))
    if failures:
        for other in failures[1:]:
            failures[0].add_note(f"besides: {other}")
        raise failures[0]


def _check_recovery(outage: Outage, redis_timeout_s: float) -> Verdict:
    by_worker = {f"worker {worker}": seconds for worker, seconds in outage.recovery_s().items()}
    return check_recovery(outage.history, by_worker, gone_ns=outage.gone_ns, redis_timeout_s=redis_timeout_s)


def _check_resets(outage: Outage, cuts_per_worker: int) -> Verdict:
    """No more lines of nginx than connections were cut (clause F5; `docs/events.md` tells of them)."""
    lines = outage.history.ops(f="log", where=lambda op: op.value["component"] == RESETS)
    name = "lines of nginx about a reset connection"
    allowed = Allowance(name, cuts_per_worker * len(outage.workers), "one per connection that the fault cut")
    return conclude("reset lines", [none_expected(name, len(lines), [allowed])])


def _show(lab: Lab, outage: Outage, latencies: Verdict) -> None:
    def at(time_ns: int) -> float:
        return (time_ns - outage.start_ns) / 1e9

    band = Band(start_s=at(outage.faulty_ns[0]), end_s=at(outage.faulty_ns[1]), label=outage.name)
    pairs = [pair for pair in outage.history.pairs("request") if pair.completion is not None]
    named = {figure.name: figure.value for figure in latencies.measured}
    bound = named.get("bound from the healthy p99")  # an unknown verdict has none
    lab.evidence.plot(
        LatencyPlot(
            title=f"Requests while Redis is under {outage.name}",
            times_s=tuple(at(pair.invoke.time_ns) for pair in pairs),
            latencies_ms=tuple((pair.elapsed_ns or 0) / 1e6 for pair in pairs),
            failed=tuple(index for index, pair in enumerate(pairs) if not pair.ok),
            bands=(band,),
            bound_ms=bound if isinstance(bound, float) else None,
            bound_label="1.5 x healthy p99 + 5 ms",
        )
    )
    readings = outage.history.ops(f="ledger")
    lab.evidence.plot(
        EventsPlot(
            title=f"Events while Redis is under {outage.name}",
            received_s=tuple(at(event.received_ns) for event in received_events(outage.history)),
            ledger_s=tuple(at(op.time_ns) for op in readings),
            ledger=tuple(_curves([op.value["ledger"] for op in readings])),
            bands=(band,),
        )
    )
    lab.evidence.figure("outage", outage.outage_s, "s")
    lab.evidence.figure("offered load", outage.rate_per_s, "requests/s")


def _curves(readings: list[dict[str, dict[str, int]]]) -> Iterator[tuple[str, tuple[float, ...]]]:
    for name in ("sampled", "published"):
        yield name, tuple(float(reading["counters"][f"events.{name}"]) for reading in readings)
    dropped = [
        sum(count for name, count in reading["counters"].items() if name.startswith("events.dropped."))
        for reading in readings
    ]
    yield "dropped", tuple(map(float, dropped))
