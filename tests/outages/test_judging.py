"""An outage is lived through again when the machine spoilt it, and never because it told something."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import Mock

import pytest

from fixtures.checkers import latency
from fixtures.checkers.base import State, Verdict
from fixtures.failures import ClauseViolated, InvalidRun, RateMissed
from fixtures.lab.lab import Lab
from tests.outages import judging
from tests.outages.outage import Calm

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.no_clause("judges how outages are judged")

VALID, INVALID, UNKNOWN = State.VALID, State.INVALID, State.UNKNOWN


@pytest.mark.parametrize(
    ("told", "lived_through", "failure"),
    [
        ([(VALID, VALID)], 1, None),
        ([(UNKNOWN, VALID), (VALID, VALID)], 2, None),
        ([(VALID, UNKNOWN), (UNKNOWN, UNKNOWN), (VALID, VALID)], 3, None),
        ([(UNKNOWN, VALID)] * 4, 3, InvalidRun),
        ([(INVALID, VALID), (VALID, VALID)], 1, ClauseViolated),
        ([(UNKNOWN, INVALID), (VALID, VALID)], 1, ClauseViolated),
        ([(UNKNOWN, VALID), (VALID, INVALID), (VALID, VALID)], 2, ClauseViolated),
        ([None, (VALID, VALID)], 2, None),
        ([(UNKNOWN, VALID), None, (VALID, INVALID)], 3, ClauseViolated),
        ([None, None, None, (VALID, VALID)], 3, RateMissed),
    ],
)
def test_what_tells_something_is_never_asked_twice(
    told: Sequence[tuple[State, State] | None],
    lived_through: int,
    failure: type[Exception] | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter(told)
    calm = Calm(cast("Any", None), rate_per_s=100.0)
    rates: list[float | None] = []

    def live_through(*_args: object, **_named: object) -> SimpleNamespace:
        rates.append(calm.rate_per_s)
        answer = next(answers)
        if answer is None:
            raise RateMissed("the load generator did not keep its rate")
        return SimpleNamespace(answer=answer)

    def verdicts(outage: SimpleNamespace, *_args: object) -> list[tuple[str, Verdict]]:
        of_latency, of_books = outage.answer
        return [("F1", Verdict(latency.NAME, of_latency)), ("F4", Verdict("books", of_books))]

    monkeypatch.setattr(judging, "live_through", live_through)
    monkeypatch.setattr(judging, "_verdicts", verdicts)
    monkeypatch.setattr(judging, "_show", Mock())
    lab = cast("Any", SimpleNamespace(evidence=Mock()))
    lab.require = lambda verdict, *, clause: Lab.require(lab, verdict, clause=clause)

    def judge() -> None:
        judging.judge_outage(lab, cast("Any", None), cast("Any", None), calm, judging.Allowed())

    if failure is None:
        judge()
    else:
        with pytest.raises(failure):
            judge()
    # The first trial has what is known of the machine; the others find it out anew.
    assert rates == [100.0, *[None] * (lived_through - 1)]
