"""The sliding window of event lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system.backend.rate_limit import SlidingWindow

WINDOW = 10


def granted_at(limit: int, steps: list[int]) -> tuple[list[int], list[int]]:
    """Times (whole ticks, so that the arithmetic is exact) at which a permit was given and refused."""
    now = 0
    window = SlidingWindow(limit, window_s=WINDOW, clock=lambda: now)
    given_at: list[int] = []
    refused_at: list[int] = []
    for step in steps:
        now += step
        (given_at if window.permit() else refused_at).append(now)
    return given_at, refused_at


@pytest.mark.clause("K3")
@given(st.integers(0, 6), st.lists(st.integers(0, 12), max_size=200))
def test_no_span_of_a_window_holds_more_than_the_limit(limit: int, steps: list[int]) -> None:
    given_at, refused_at = granted_at(limit, steps)
    for start in {*given_at, *refused_at}:
        assert sum(start <= time < start + WINDOW for time in given_at) <= limit


@pytest.mark.clause("K3")
@given(st.integers(1, 6), st.lists(st.integers(0, 12), max_size=200))
def test_a_permit_is_refused_only_when_the_window_before_it_is_full(limit: int, steps: list[int]) -> None:
    given_at, refused_at = granted_at(limit, steps)
    for refused in refused_at:
        assert sum(refused - WINDOW < time <= refused for time in given_at) == limit
