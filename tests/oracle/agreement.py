"""Draws cases in batches, by the run's seed, and counts those on which the plugin and the oracle agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    from fixtures.report.recorder import Evidence

_Case = TypeVar("_Case")

BATCH = 50
"""Cases in one call of the plugin's modules."""
_SPARE = 10
"""One of so many more is drawn, since different draws may make the same case."""


def agree(
    cases_of: SearchStrategy[_Case],
    require: Callable[[list[_Case]], None],
    *,
    cases: int,
    part: int,
    seed: int,
    evidence: Evidence,
) -> None:
    """Draws so many cases and requires agreement on each.

    Hypothesis draws them one by one: lists of cases would repeat what other lists hold.

    Args:
        cases_of: Draws one.
        require: Fails when there is no agreement on a batch, and says on which case.
        cases: How many different ones.
        part: Of a run; each has cases of its own.
        seed: Of the run: the same seed draws the same cases.
        evidence: Gains the number of cases agreed on.
    """
    drawn: set[_Case] = set()
    waiting: list[_Case] = []
    failures: list[str] = []

    def check() -> None:
        try:
            require(waiting)
        except pytest.fail.Exception as failure:
            failures.append(str(failure.msg))
        drawn.update(waiting)
        waiting.clear()

    @seeded(f"{seed}/{part}")
    @settings(
        max_examples=cases + cases // _SPARE,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        database=None,
    )
    @given(cases_of)
    def each(case: _Case) -> None:
        if failures:
            return  # told below: Hypothesis would try the last case again, alone
        waiting.append(case)
        if len(waiting) == BATCH:
            check()

    each()
    check()
    if failures:
        pytest.fail(f"--seed={seed}: {failures[0]}", pytrace=False)
    assert evidence.figure("different cases agreed on", len(drawn), at_least=cases).holds
