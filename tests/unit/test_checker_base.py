"""Verdicts: unknown never passes, a crash is unknown, an allowance is a number with a reason."""

import pytest

from fixtures.checkers.base import (
    Allowance,
    Figure,
    State,
    Verdict,
    check_safely,
    conclude,
    none_expected,
    unknown,
)


def test_a_verdict_is_valid_only_when_every_bound_holds() -> None:
    held, broken = Figure("a", 1, bound="1", holds=True), Figure("b", 2, bound="0", holds=False)
    assert conclude("c", [held]).valid
    verdict = conclude("c", [held, broken], ["first"])
    assert verdict.state is State.INVALID
    assert verdict.reason == "b = 2, must be 0"
    assert verdict.examples == ("first",)


def test_without_a_bound_nothing_is_shown() -> None:
    assert conclude("c", [Figure("a", 1)]).state is State.UNKNOWN
    assert conclude("c", []).state is State.UNKNOWN


def test_unknown_never_passes() -> None:
    assert not unknown("c", "why").valid


def test_a_crashing_checker_could_not_tell() -> None:
    def crash() -> Verdict:
        raise KeyError("seq")

    verdict = check_safely(crash, "gaps")
    assert verdict.state is State.UNKNOWN
    assert verdict.checker == "gaps"
    assert "KeyError: 'seq'" in verdict.reason


def test_no_more_than_five_examples_are_kept() -> None:
    broken = Figure("b", 9, bound="0", holds=False)
    assert len(conclude("c", [broken], (str(number) for number in range(1000))).examples) == 5


def test_an_allowance_counts_for_its_anomaly_alone_and_shows_its_reason() -> None:
    allowed = [Allowance("lost", 3, "SIGKILL loses what waited")]
    assert none_expected("lost", 3, allowed).holds
    assert not none_expected("lost", 4, allowed).holds
    assert not none_expected("duplicated", 1, allowed).holds
    assert "SIGKILL loses what waited" in none_expected("lost", 3, allowed).bound


def test_figures_are_found_by_name_and_shown_with_unit_and_bound() -> None:
    verdict = conclude("c", [Figure("wait", 1.5, "s", "at most 2", holds=True)])
    assert verdict.value("wait") == 1.5
    assert verdict.figures == {"wait [s] (at most 2)": 1.5}
    with pytest.raises(KeyError, match="no figure 'other'"):
        verdict.value("other")
