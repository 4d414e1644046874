"""Waiting ends at once when it can, and says what it waited for when it cannot."""

from __future__ import annotations

import time

import pytest

from fixtures.errors import ComponentExited, TimedOut
from fixtures.wait import Deadline, eventually


def test_the_first_true_result_is_returned() -> None:
    results = iter([None, "", 0, "found", "later"])
    assert eventually(lambda: next(results), timeout_s=5, what="a result") == "found"


def test_the_probe_is_called_once_even_without_time() -> None:
    assert eventually(lambda: "at once", timeout_s=0, what="a result") == "at once"


def test_a_missed_deadline_tells_what_how_long_and_what_was_seen_last() -> None:
    started_s = time.monotonic()
    with pytest.raises(TimedOut, match=r"waited 0\.[12]\d s for the moon; last seen: \[\]"):
        eventually(list, timeout_s=0.1, what="the moon")
    assert time.monotonic() - started_s >= 0.1


def test_a_listed_exception_is_retried_and_becomes_the_cause() -> None:
    def probe() -> bool:
        raise ConnectionRefusedError("nobody there")

    with pytest.raises(TimedOut, match="last seen: ConnectionRefusedError: nobody there") as missed:
        eventually(probe, timeout_s=0.05, what="a server", transient=(OSError,))
    assert isinstance(missed.value.__cause__, ConnectionRefusedError)


def test_an_exception_that_is_not_listed_ends_the_wait() -> None:
    calls = []

    def probe() -> bool:
        calls.append(1)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        eventually(probe, timeout_s=5, what="anything", transient=(OSError,))
    assert calls == [1]


def test_a_wait_for_something_dead_ends_at_once() -> None:
    def still_alive() -> None:
        raise ComponentExited("redis", status=1, last_lines="")

    started_s = time.monotonic()
    with pytest.raises(ComponentExited):
        eventually(lambda: False, timeout_s=30, what="redis", still_alive=still_alive)
    assert time.monotonic() - started_s < 15


def test_a_long_last_value_is_shortened() -> None:
    def probe() -> bool:
        raise OSError("x" * 10_000)

    with pytest.raises(TimedOut, match=r"… \(10009 characters\)$") as missed:
        eventually(probe, timeout_s=0, what="anything", transient=(OSError,))
    assert len(str(missed.value)) < 1000


def test_a_deadline_counts_down_and_refuses_negative_time() -> None:
    assert Deadline(0).expired
    deadline = Deadline(60)
    assert not deadline.expired
    assert 59 < deadline.remaining_s <= 60
    with pytest.raises(ValueError, match="timeout_s=-1: must be 0 or more"):
        Deadline(-1)
