"""What the backend believes of its subscription, at the moment it is asked."""

import pytest

from system.backend.subscription import SubscriptionState

HEARTBEAT_S = 5.0


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(clock: Clock) -> SubscriptionState:
    return SubscriptionState(enabled=True, heartbeat_s=HEARTBEAT_S, clock=clock)


@pytest.mark.clause("K5")
def test_a_confirmed_subscription_is_believed_for_less_than_the_heartbeat_bound(
    state: SubscriptionState, clock: Clock
) -> None:
    believed = [state.subscribed]
    state.confirm()
    # At the bound nobody has ended it yet: it is silence alone that counts.
    for silence_s in (0.0, HEARTBEAT_S - 0.001, HEARTBEAT_S):
        clock.now_s = silence_s
        believed.append(state.subscribed)
    state.heard()
    believed.append(state.subscribed)
    assert believed == [False, True, True, False, True]
