"""Measures until every bound is judged, or time is up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from fixtures.failures import ClauseViolated
from fixtures.paired import HOLDS_CONFIDENCE, Ruling, excess
from fixtures.statistics import ALPHA
from fixtures.wait import Deadline
from tests.cost.experiment import OFF

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fixtures.paired import Excess
    from fixtures.report.recorder import Evidence
    from tests.cost.experiment import Blocks, Experiment


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A bound of an extra cost.

    Attributes:
        what: Is measured, in words.
        kind: Which of the experiment's kinds is held against monitoring switched off.
        cost: The cost of each block.
        bound: Relative: 0.05 for 5 %.
    """

    what: str
    kind: str
    cost: Callable[[Blocks], Sequence[float]]
    bound: float


def cpu(kind: str, bound: float) -> Promise:
    """CPU time of the gateway's worker."""
    return Promise(what=f"CPU time at {kind}", kind=kind, cost=lambda blocks: blocks.cpu_s, bound=bound)


def latency(kind: str, quantile: float, bound: float) -> Promise:
    """A quantile of latency, of each block."""
    return Promise(
        what=f"p{quantile * 100:.0f} at {kind}",
        kind=kind,
        cost=lambda blocks: blocks.quantiles_s(quantile),
        bound=bound,
    )


def judge(
    evidence: Evidence,
    experiment: Experiment,
    promises: Sequence[Promise],
    *,
    looks: Sequence[int],
    budget_s: float,
) -> None:
    """Measures until every promise is judged or one is broken, or time is up.

    Skips the test, as not judged, when the machine was too restless or too busy to tell.

    Args:
        evidence: Gets the figures.
        experiment: Measures.
        promises: What is judged.
        looks: After so many blocks it is looked whether more are needed.
        budget_s: Seconds after which the last look is taken.

    Raises:
        ClauseViolated: A cost provably reaches its bound.
    """
    found: dict[Promise, Excess] = {}
    deadline = Deadline(budget_s)
    for blocks in looks:
        goes_on = experiment.run(blocks, deadline)
        found = {promise: _excess(experiment, promise, len(looks)) for promise in promises}
        rulings = {excess.ruling for excess in found.values()}
        if not goes_on or Ruling.VIOLATED in rulings or Ruling.OPEN not in rulings:
            break
    for promise, excess_ in found.items():
        _record(evidence, experiment, promise, excess_)
    broken = [_told(promise, of) for promise, of in found.items() if of.ruling is Ruling.VIOLATED]
    if broken:
        raise ClauseViolated(f"monitoring costs too much: {broken[0]}", "\n".join(broken))
    still_open = [_told(promise, of) for promise, of in found.items() if of.ruling is Ruling.OPEN]
    if still_open:
        pytest.skip(f"not judged, this machine is too restless or too busy: {'; '.join(still_open)}")


def tell(evidence: Evidence, experiment: Experiment, promise: Promise) -> None:
    """Records what was measured, and judges nothing."""
    shift = _excess(experiment, promise, 1).shift
    evidence.figure(f"{promise.what}: more by", 100 * shift.value, "%")
    evidence.note(f"{promise.what}: {100 * shift.interval.low:+.1f} … {100 * shift.interval.high:+.1f} %")


def _excess(experiment: Experiment, promise: Promise, looks: int) -> Excess:
    base, other = (promise.cost(experiment.costs[kind]) for kind in (OFF, promise.kind))
    return excess(base, other, bound=promise.bound, looks=looks)


def _record(evidence: Evidence, experiment: Experiment, promise: Promise, found: Excess) -> None:
    what, interval = promise.what, found.shift.interval
    evidence.figure(f"{what}: more by", 100 * found.shift.value, "%")
    evidence.figure(
        f"{what}: more by at most ({HOLDS_CONFIDENCE:.0%} confidence, {experiment.blocks} pairs)",
        100 * interval.high,
        "%",
        bound=f"{100 * promise.bound:g} % is not provably reached",
        holds=found.ruling is not Ruling.VIOLATED,
        false_alarm=ALPHA,
    )
    evidence.figure(f"{what}: smallest cost that is found for certain", 100 * found.detectable, "%")


def _told(promise: Promise, found: Excess) -> str:
    interval = found.shift.interval
    return (
        f"{promise.what} is {found.shift.value:+.1%} ({interval.low:+.1%} … {interval.high:+.1%}), "
        f"the bound is {promise.bound:+.0%}"
    )
