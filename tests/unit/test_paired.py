"""Paired costs: the interval holds the truth, a breach is found, and what cannot be told is not told."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy

from fixtures.paired import Ruling, excess, shift
from fixtures.statistics import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence


def pairs(
    count: int, *, extra: float, noise: float, seed: int, stalls: float = 0.0
) -> tuple[Sequence[float], Sequence[float]]:
    """Costs of pairs on a machine that drifts, and stalls for a share of the measurements."""
    chance = np.random.default_rng(seed)
    drift = np.exp(np.cumsum(chance.normal(0, 0.02, count)))

    def measured(factor: float) -> list[float]:
        stalled = 1 + 20 * (chance.random(count) < stalls)
        return list(factor * drift * stalled * np.exp(chance.normal(0, noise, count)))

    return measured(1.0), measured(1 + extra)


@pytest.mark.parametrize("stalls", [0.0, 0.1])
def test_the_interval_misses_the_truth_as_seldom_as_it_says(stalls: float) -> None:
    alpha, runs = 0.1, 400
    missed = sum(
        0.05 not in shift(*pairs(20, extra=0.05, noise=0.1, seed=seed, stalls=stalls), alpha=alpha).interval
        for seed in range(runs)
    )
    assert missed <= scipy.stats.binom.isf(1e-6, runs, alpha)


def test_the_interval_is_wilcoxons() -> None:
    base, other = pairs(12, extra=0.2, noise=0.1, seed=3)
    found = shift(base, other, alpha=0.05)
    # 13 of the 78 means are left out at each end: the table's critical value of 12 pairs at 5 %.
    ratios = sorted(math.log(b / a) for a, b in zip(base, other, strict=True))
    means = sorted((x + y) / 2 for n, x in enumerate(ratios) for y in ratios[n:])
    assert found.interval.low == pytest.approx(math.expm1(means[13]))
    assert found.interval.high == pytest.approx(math.expm1(means[-14]))


def test_too_few_pairs_tell_nothing() -> None:
    base, other = pairs(5, extra=10, noise=0.01, seed=1)
    found = excess(base, other, bound=0.05)
    assert found.ruling is Ruling.OPEN
    assert found.shift.interval == Interval(-1, math.inf)
    assert math.isinf(found.detectable)


@pytest.mark.parametrize(
    ("extra", "noise", "ruling"),
    [
        (0.0, 0.02, Ruling.HOLDS),
        (0.2, 0.02, Ruling.VIOLATED),
        (0.05, 0.02, Ruling.OPEN),
        (0.0, 0.5, Ruling.OPEN),
    ],
    ids=["cheap", "dear", "at the bound", "too restless"],
)
def test_a_bound_is_judged_where_it_can_be(extra: float, noise: float, ruling: Ruling) -> None:
    for seed in range(5):
        assert excess(*pairs(60, extra=extra, noise=noise, seed=seed), bound=0.05).ruling is ruling


def test_a_cost_of_the_stated_size_is_found() -> None:
    stated = excess(*pairs(40, extra=0.0, noise=0.05, seed=8), bound=0.05).detectable
    found = [
        excess(*pairs(40, extra=stated, noise=0.05, seed=seed), bound=0.05).ruling for seed in range(100)
    ]
    assert found.count(Ruling.VIOLATED) >= 95


@pytest.mark.parametrize(("base", "other"), [([], []), ([1.0], [1.0, 2.0]), ([0.0], [1.0])])
def test_what_is_no_pair_of_costs_is_refused(base: list[float], other: list[float]) -> None:
    with pytest.raises(ValueError, match="must be as many, 1 or more, and all above 0"):
        shift(base, other, alpha=0.1)
