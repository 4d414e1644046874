"""Pairs of measurements, side by side in an order drawn by lot, judged against a bound."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest

from fixtures.failures import ClauseViolated
from fixtures.paired import HOLDS_CONFIDENCE, Ruling, Shift, excess, shift
from fixtures.statistics import ALPHA

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from fixtures.lab.lab import Lab

# Pairs after which it is looked whether more are needed
LOOKS = (16, 32, 64)

Pair = tuple[float, float]


def pairs(run: Callable[[str], float], chance: random.Random, base: str, other: str) -> Iterator[Pair]:
    """What both cost, pair after pair: base, other."""
    keys = (base, other)
    for key in keys:
        run(key)  # code is compiled, memory is taken
    while True:
        found = {key: run(key) for key in chance.sample(keys, len(keys))}
        yield found[base], found[other]


def judge(lab: Lab, what: str, measured: Iterator[Pair], *, bound: float) -> None:
    """Judges how much more the second of each pair is; takes no more pairs than that needs.

    Raises:
        ClauseViolated: It is provably not below the bound.
    """
    found_in = functools.partial(excess, bound=bound, looks=len(LOOKS))
    taken: list[Pair] = []
    found = None
    for look in LOOKS:
        taken += [next(measured) for _ in range(look - len(taken))]
        found = found_in(*zip(*taken, strict=True))
        if found.ruling is not Ruling.OPEN:
            break
    assert found is not None
    told = f"{_told(what, found.shift, len(taken))}, the bound is {bound:+.0%}"
    lab.evidence.note(told)
    lab.evidence.figure(
        f"{what}: at most",
        100 * found.shift.interval.high,
        "%",
        bound=f"{100 * bound:g} % is not provably reached",
        holds=found.ruling is not Ruling.VIOLATED,
        false_alarm=ALPHA,
    )
    if found.ruling is Ruling.VIOLATED:
        raise ClauseViolated(f"the plugin costs too much: {what}", told)
    if found.ruling is Ruling.OPEN:
        pytest.skip(f"not judged, this machine is too restless or too busy: {told}")


def tell(lab: Lab, what: str, measured: Iterator[Pair]) -> None:
    """Notes how much more the second of each pair is; nothing is promised of it."""
    taken = [next(measured) for _ in range(LOOKS[0])]
    found = shift(*zip(*taken, strict=True), alpha=2 * (1 - HOLDS_CONFIDENCE))
    lab.evidence.note(_told(what, found, len(taken)))


def _told(what: str, found: Shift, count: int) -> str:
    interval = found.interval
    return f"{what}: {found.value:+.1%} ({interval.low:+.1%} … {interval.high:+.1%}) of {count} pairs"
