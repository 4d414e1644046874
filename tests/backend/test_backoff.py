"""Waiting times between attempts to connect."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system.backend.backoff import FIRST_S, Backoff


@pytest.mark.clause("K1")
@given(st.floats(0.1, 60), st.integers(0, 2**32), st.integers(1, 40))
def test_waits_double_up_to_the_cap_with_jitter_in_the_upper_half(
    max_s: float, seed: int, count: int
) -> None:
    backoff = Backoff(max_s, rng=random.Random(seed))
    for attempt in range(count):
        ceiling_s = min(FIRST_S * 2**attempt, max_s)
        assert ceiling_s / 2 <= backoff.next_wait_s() <= ceiling_s


@pytest.mark.clause("K1")
def test_waits_differ_between_clients() -> None:
    assert len({Backoff(1.0, rng=random.Random(seed)).next_wait_s() for seed in range(20)}) == 20


@pytest.mark.clause("K1")
def test_after_a_reset_the_shortest_wait_is_next() -> None:
    backoff = Backoff(60.0)
    for _ in range(10):
        backoff.next_wait_s()
    backoff.reset()
    assert backoff.next_wait_s() <= FIRST_S
