"""The moment at which nothing is under way any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.wait import eventually

if TYPE_CHECKING:
    from fixtures.gateway_config import GatewayConfig
    from fixtures.lab.lab import Lab


def settled(lab: Lab, config: GatewayConfig | None = None) -> None:
    """Returns when every request is over in its worker, nothing waits in the gateway, and the tap has everything.

    Args:
        lab: Whose gateway.
        config: The configuration in force, when it is not the lab's own.

    Raises:
        TimedOut: Events still wait after seconds.
        AssertionError: The ledger does not balance.
    """
    # Asks each worker something new, so what its clients saw the end of has been logged there.
    lab.apply(config)
    eventually(lambda: lab.ledger().waiting == 0, timeout_s=10, what="every event to have left the gateway")
    assert lab.ledger().balance == 0
    lab.tap.fence()
