"""The sampler is the documented function, and its twin in Python is the same function."""

import hashlib
import itertools
import secrets

import pytest

from fixtures.sampling import is_sampled
from tests.event_modules.modules import run

RATES = [0.0, 0.001, 0.01, 0.1, 0.5, 0.999, 1.0]


@pytest.mark.clause("S2")
def test_the_twin_decides_like_the_plugin_at_every_rate() -> None:
    ids = [secrets.token_hex(16) for _ in range(2000)]
    answers = run([{"operation": "sampled", "request_ids": ids, "rate": rate} for rate in RATES])
    for rate, decided in zip(RATES, answers, strict=True):
        assert decided == [is_sampled(request_id, rate) for request_id in ids], f"rate {rate}"
    assert not any(answers[0])
    assert all(answers[-1])


@pytest.mark.clause("S2")
def test_both_agree_at_the_very_boundary_of_an_id() -> None:
    request_id = "21f440310fa6dae6c86a2d896ffeb91a"
    share = int(hashlib.md5(request_id.encode()).hexdigest()[:8], 16) / 2**32  # noqa: S324
    just_above = share + 2**-32
    answers = run(
        [{"operation": "sampled", "request_ids": [request_id], "rate": rate} for rate in (share, just_above)],
    )
    assert answers == [[False], [True]]
    assert not is_sampled(request_id, share)
    assert is_sampled(request_id, just_above)


@pytest.mark.clause("S2")
def test_a_raised_rate_keeps_the_requests_that_were_chosen() -> None:
    ids = [secrets.token_hex(16) for _ in range(2000)]
    chosen = [{request_id for request_id in ids if is_sampled(request_id, rate)} for rate in RATES]
    assert all(lower <= higher for lower, higher in itertools.pairwise(chosen))
