"""Redis at another address: its name leads there, and events flow again without a restart."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from fixtures.errors import TimedOut
from fixtures.lab.exchange import REQUEST_ID_HEADER
from fixtures.observers.tap import Tap
from fixtures.stack.abilities import able
from fixtures.stack.base import Component
from fixtures.stack.surroundings import Readdressable
from fixtures.wait import eventually

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab, LabRoute
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

# F3: events flow again within it, counted from the moment at which Redis answers at its new address.
BOUND_S = 5.0
WITHOUT_BACKEND = frozenset(Component) - {Component.BACKEND}


def first_event_after_a_move(lab: Lab, route: LabRoute, *, timeout_s: float) -> float:
    """Moves Redis and returns the seconds until an event of a request that came afterwards arrives.

    Raises:
        TimedOut: None came.
    """
    lab.post(route)
    lab.flushed_events(route, 2)
    old, new = able(lab.stack, Readdressable).move_redis()
    assert old != new
    moved_s = time.monotonic()
    addresses = lab.stack.addresses
    # The lab's own tap was cut.
    with Tap(addresses.redis_host, addresses.redis_port, history=lab.history) as tap:

        def came() -> bool:
            answer = lab.post(route)
            tap.collect()
            assert answer.headers[REQUEST_ID_HEADER]
            return any(message.channel == route.channel for message in tap.messages)

        eventually(came, timeout_s=timeout_s, interval_s=0.1, what="an event from the new address")
    return time.monotonic() - moved_s


@pytest.mark.clause("F3")
def test_events_flow_again_when_redis_has_moved(make_stack: MakeStack, make_lab: MakeLab) -> None:
    lab = make_lab(make_stack(components=WITHOUT_BACKEND, movable_redis=True))
    route = lab.monitored_route(event_flush_interval=0.1)
    took_s = first_event_after_a_move(lab, route, timeout_s=3 * BOUND_S)
    assert lab.evidence.figure("events after Redis moved", took_s, "s", at_most=BOUND_S).holds


@pytest.mark.thorough
@pytest.mark.clause("F3")
def test_without_the_settings_for_names_events_go_on_to_the_old_address(
    make_stack: MakeStack, make_lab: MakeLab
) -> None:
    # As long as the name server says, Docker's as the local stack's, which is what counts when the setting is left out.
    ttl = {"KONG_DNS_VALID_TTL": "600"}
    lab = make_lab(make_stack(components=WITHOUT_BACKEND, movable_redis=True, gateway_env=ttl))
    route = lab.monitored_route(event_flush_interval=0.1)
    with pytest.raises(TimedOut, match="for an event from the new address"):
        first_event_after_a_move(lab, route, timeout_s=2 * BOUND_S)
