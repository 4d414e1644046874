"""The distributions are those of `scipy.stats`."""

from __future__ import annotations

import pytest
from scipy import stats

from fixtures.distributions import (
    beta_quantile,
    binomial_quantile,
    binomial_tail,
    binomial_upper_quantile,
)

SHARES = [1e-3, 0.01, 0.1, 0.5, 0.9, 0.99]
PROBABILITIES = [5e-7, 1e-3, 0.05, 0.5]


@pytest.mark.parametrize("trials", [1, 2, 10, 600, 1460, 100_000])
def test_quantiles_and_tails_are_the_same(trials: int) -> None:
    for share in SHARES:
        count = int(trials * share)
        assert binomial_tail(count, trials, share) == pytest.approx(
            stats.binom.sf(count, trials, share), rel=1e-9
        )
        assert binomial_tail(-1, trials, share) == 1
        for probability in PROBABILITIES:
            assert binomial_quantile(probability, trials, share) == stats.binom.ppf(
                probability, trials, share
            )
            assert binomial_upper_quantile(probability, trials, share) == stats.binom.isf(
                probability, trials, share
            )
            assert beta_quantile(probability, count + 1, trials - count + 1) == pytest.approx(
                stats.beta.ppf(probability, count + 1, trials - count + 1), rel=1e-9
            )
