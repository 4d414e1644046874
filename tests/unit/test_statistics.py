"""False-alarm rates and power are computed from the distributions, not tried out."""

import itertools
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fixtures.statistics import (
    ALPHA,
    POWER,
    exceedance_test,
    independence,
    quantile_interval,
    same_share,
    samples_to_bound,
    share_interval,
    share_test,
    slope,
    trend,
    trials_to_tell,
)

RATES = (0.001, 0.01, 0.1, 0.5, 0.9)


@pytest.mark.parametrize("trials", [1, 10, 1000, 20_000])
@pytest.mark.parametrize("share", RATES)
def test_a_right_share_fails_with_probability_alpha_at_most(trials: int, share: float) -> None:
    test = share_test(trials, share)
    false_alarm = stats.binom.cdf(test.low - 1, trials, share) + stats.binom.sf(test.high, trials, share)
    assert false_alarm <= ALPHA


@pytest.mark.parametrize("share", RATES)
def test_the_bounds_of_a_share_are_as_tight_as_alpha_allows(share: float) -> None:
    test = share_test(20_000, share)
    assert stats.binom.sf(test.high - 1, 20_000, share) > ALPHA / 2
    assert stats.binom.cdf(test.low, 20_000, share) > ALPHA / 2


@pytest.mark.parametrize("share", RATES)
def test_a_detectable_share_passes_with_probability_one_minus_power_at_most(share: float) -> None:
    test = share_test(20_000, share)
    assert test.detectable_high is not None
    assert test.detectable_high > share
    missed = stats.binom.cdf(test.high, 20_000, test.detectable_high)
    assert missed == pytest.approx(1 - POWER, rel=1e-6)
    if test.detectable_low is not None:
        assert test.detectable_low < share
        missed = stats.binom.sf(test.low - 1, 20_000, test.detectable_low)
        assert missed == pytest.approx(1 - POWER, rel=1e-6)


def test_rates_zero_and_one_are_exact() -> None:
    assert (share_test(100, 0.0).low, share_test(100, 0.0).high) == (0, 0)
    assert (share_test(100, 1.0).low, share_test(100, 1.0).high) == (100, 100)


def test_too_few_trials_admit_that_they_see_nothing() -> None:
    assert share_test(3, 0.5).detectable_high is None
    assert share_test(3, 0.5).detectable_low is None


def test_a_wrong_rate_needs_as_many_trials_as_stated() -> None:
    trials = trials_to_tell(0.1, 0.12)
    planned = share_test(trials, 0.1)
    assert planned.detectable_high is not None
    assert planned.detectable_high <= 0.12
    assert 10_000 < trials < 20_000
    assert trials_to_tell(0.1, 0.08) > 5_000
    with pytest.raises(ValueError, match="must differ"):
        trials_to_tell(0.1, 0.1)


@given(st.integers(1, 60), st.floats(0.01, 0.99))
@settings(max_examples=80, deadline=None)
def test_the_share_interval_covers_the_true_share(trials: int, share: float) -> None:
    alpha = 0.05
    missed = sum(
        stats.binom.pmf(count, trials, share)
        for count in range(trials + 1)
        if share not in share_interval(count, trials, alpha=alpha)
    )
    assert missed <= alpha + 1e-12


@given(st.integers(1, 400), st.sampled_from([0.5, 0.9, 0.99]))
@settings(max_examples=80, deadline=None)
def test_the_quantile_interval_covers_the_true_quantile(count: int, quantile: float) -> None:
    alpha = 0.01
    interval = quantile_interval(range(1, count + 1), quantile, alpha=alpha)
    # The r-th smallest of `count` uniform samples lies above the quantile when fewer than r are below it.
    low_rank = 0 if interval.low == -math.inf else int(interval.low)
    high_rank = count + 1 if interval.high == math.inf else int(interval.high)
    missed_low = stats.binom.cdf(low_rank - 1, count, quantile)
    missed_high = stats.binom.sf(high_rank - 1, count, quantile)
    assert missed_low <= alpha / 2
    assert missed_high <= alpha / 2


def test_the_upper_end_of_a_quantile_needs_the_stated_number_of_samples() -> None:
    needed = samples_to_bound(0.99)
    assert needed == 1444
    assert math.isfinite(quantile_interval(range(needed), 0.99).high)
    assert quantile_interval(range(needed - 1), 0.99).high == math.inf


def latencies(seed: int, count: int = 3000) -> list[float]:
    source = random.Random(seed)
    return [source.lognormvariate(math.log(0.003), 0.3) for _ in range(count)]


def test_equal_latencies_are_no_violation_whatever_the_seed() -> None:
    for seed in range(30):
        test = exceedance_test(latencies(seed), latencies(seed + 1000), factor=1.5, slack=0.005)
        assert test.decidable
        assert not test.violated


def test_a_violated_bound_is_proved_with_the_stated_power() -> None:
    healthy = latencies(1)
    shape = exceedance_test(healthy, healthy, factor=1.5, slack=0.005)
    assert shape.detectable_share is not None
    caught = 0
    for seed in range(200):
        source = random.Random(seed)
        outage = [0.5 if source.random() < shape.detectable_share else 0.003 for _ in range(3000)]
        caught += exceedance_test(healthy, outage, factor=1.5, slack=0.005).violated
    # The power is 0.999: of 200 runs, 197 or fewer are caught with probability 1e-3 of this test's fixed
    # seeds.
    assert caught >= 198


def test_a_few_slow_requests_within_the_promise_are_no_violation() -> None:
    outage = latencies(2)
    for at in range(0, 3000, 120):
        outage[at] = 1.0  # 0.83 %, the promise allows 1 %
    assert not exceedance_test(latencies(1), outage, factor=1.5, slack=0.005).violated


def test_too_few_requests_cannot_decide() -> None:
    assert not exceedance_test(latencies(1, 500), latencies(2), factor=1.5, slack=0.005).decidable
    assert not exceedance_test(latencies(1), latencies(2, 2), factor=1.5, slack=0.005).decidable
    with pytest.raises(ValueError, match="0 outage latencies"):
        exceedance_test([1.0], [], factor=1.5, slack=0.005)


def test_groups_with_one_rate_are_told_from_groups_with_two() -> None:
    assert same_share([(100, 1000), (104, 1000), (97, 1000)]) > 0.5
    assert same_share([(100, 1000), (220, 1000)]) < ALPHA
    assert same_share([(3, 10)]) == 1.0


def test_decisions_that_repeat_are_told_from_decisions_that_do_not() -> None:
    source = random.Random(1)
    first = [source.random() < 0.1 for _ in range(1000)]
    other = [source.random() < 0.1 for _ in range(1000)]
    assert independence(first, first) < ALPHA
    assert independence(first, [not decision for decision in first]) < ALPHA
    assert independence(first, other) > ALPHA


def test_a_trend_is_told_from_noise_with_outliers() -> None:
    source = random.Random(1)
    times = list(range(100))
    noise = [source.gauss(0, 1) for _ in times]
    noise[50] = 500.0
    assert 0 in slope(times, noise).interval
    assert slope(times, noise).stays_below(0.1)
    rising = slope(times, [value + 0.2 * at for at, value in enumerate(noise)])
    assert rising.grows()
    assert 0.2 in rising.interval
    with pytest.raises(ValueError, match="10 or more"):
        slope([1, 2], [1, 2])


def resembling(seed: int, likeness: float, count: int = 600) -> list[float]:
    """Noise in which each value keeps a share of the one before (autoregressive, first order), spread 1."""
    source = random.Random(seed)
    values, now = [], source.gauss(0, 1)
    for _ in range(count):
        now = likeness * now + source.gauss(0, math.sqrt(1 - likeness**2))
        values.append(now)
    return values


@pytest.mark.parametrize("likeness", [0.0, 0.5, 0.9, 0.97])
def test_the_interval_of_a_trend_holds_the_truth_however_alike_neighbours_are(likeness: float) -> None:
    times = [float(at) for at in range(600)]
    missed = sum(
        0.0 not in trend(times, resembling(seed, likeness), alpha=0.05).interval for seed in range(100)
    )
    # At 5 % each, more than 14 of 100 have a probability below 1e-4; the fixed seeds show how far it is kept.
    assert missed <= 14


def test_a_slope_that_ignores_likeness_would_be_wrong_far_more_often() -> None:
    times = [float(at) for at in range(600)]
    missed = sum(0.0 not in slope(times, resembling(seed, 0.97), alpha=0.05).interval for seed in range(50))
    assert missed > 25


def test_a_leak_is_found_under_a_saw_tooth() -> None:
    # 50 units a second below collections that take 5000 units away every 17 s, sampled for five minutes.
    times = [float(at) for at in range(300)]
    teeth = [at % 17 * 300.0 for at in range(300)]
    assert 0.0 in trend(times, teeth, reduce=min).interval
    found = trend(times, [tooth + 50 * at for at, tooth in enumerate(teeth)], reduce=min)
    assert found.grows(20)
    assert 50 in found.interval


def test_a_random_walk_has_no_trend_that_can_be_told() -> None:
    source = random.Random(3)
    walk = list(itertools.accumulate(source.gauss(0, 1) for _ in range(600)))
    assert not trend([float(at) for at in range(600)], walk).grows()


def test_what_never_changes_has_no_slope_at_all() -> None:
    flat = trend([float(at) for at in range(100)], [7.0] * 100)
    assert (flat.value, flat.interval.low, flat.interval.high) == (0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="10 or more"):
        trend([1.0, 2.0], [1.0, 2.0])


@pytest.mark.parametrize(("trials", "share"), [(0, 0.5), (10, 1.5), (10, -0.1)])
def test_impossible_plans_are_refused(trials: int, share: float) -> None:
    with pytest.raises(ValueError, match=r"must be"):
        share_test(trials, share)
