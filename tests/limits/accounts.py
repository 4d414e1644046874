"""What a limit must not change: requests, and the account of every event."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from fixtures.checkers import availability, ledger_balance
from fixtures.errors import TimedOut
from fixtures.failures import ClauseViolated
from tests.outages.books import check_tap, read_ledger, settle

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab


def judge(lab: Lab, *, requests: int) -> None:
    """Waits until no event waits, and judges traffic and books since the ledger was first read (clause C5).

    Args:
        lab: Its history begins with a reading of the ledger.
        requests: How many were sent since then.

    Raises:
        ClauseViolated: A request was harmed, events do not flow again, or one is not accounted for.
    """
    with suppress(TimedOut):  # what waits on is for the verdict to tell
        settle(lab)
    read_ledger(lab)
    lab.require(availability.check(lab.history, at_least=requests), clause="C5")
    lab.require(ledger_balance.check(lab.history), clause="C5")
    waiting = lab.ledger().waiting
    if not lab.evidence.figure("events that wait on", waiting, equals=0, clause="C5").holds:
        raise ClauseViolated(f"C5: {waiting} events wait on after the limit is gone", clause="C5")
    lab.require(check_tap(lab.history), clause="C5")
