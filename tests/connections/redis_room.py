"""A stack whose Redis knows nobody but the gateway and the suite, and looks at its connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.checkers import availability
from fixtures.promises import promised
from fixtures.stack.base import Component
from fixtures.wait import eventually
from fixtures.workload.burst import burst
from tests.outages.traffic import Traffic

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab, LabRoute
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

# The kernel spreads connections over the workers by a hash of their ports: the chance that 32 of them all reach the
# same of two workers is 5e-10.
CONNECTIONS = 32


def lone_lab(make_stack: MakeStack, make_lab: MakeLab) -> Lab:
    """A lab on a stack without the backend, the only other client of Redis."""
    lab = make_lab(make_stack(components=frozenset(Component) - {Component.BACKEND}))
    lab.tap.fence()  # opens the fence's own connection
    return lab


def send(lab: Lab, *routes: LabRoute, count: int = CONNECTIONS, rounds: int = 1) -> int:
    """Sends `count` requests at once, `rounds` times, in turn over the routes; returns how many.

    Raises:
        ClauseViolated: One was not answered, or came back without its identifier.
    """
    traffic = Traffic(lab, *routes)
    already = len(lab.history)
    burst(
        lab.history,
        base_url=lab.stack.addresses.gateway_url,
        build=traffic.build,
        check=traffic.check,
        count=count,
        rounds=rounds,
    )
    lab.require(availability.check(lab.history.after(already - 1), at_least=count * rounds))
    return count * rounds


def await_events(lab: Lab, *, sampled: int, waiting: int = 0) -> None:
    """Waits until the ledger knows of so many events and no more wait.

    Raises:
        ClauseViolated: It does not get there.
    """

    def settled() -> bool:
        ledger = lab.ledger()
        return ledger.sampled >= sampled and ledger.waiting <= waiting

    with promised("events stay in the gateway"):
        eventually(
            settled, timeout_s=10, interval_s=0.02, what=f"{sampled} events of which {waiting} at most wait"
        )
