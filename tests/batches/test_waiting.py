"""A partial batch leaves within the flush interval, also when nothing follows and when little does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import batches, delivery
from fixtures.gateway_config import MaskerConfig
from fixtures.nemesis.redis_stop import RedisStop
from fixtures.observers.standstills import Standstills
from fixtures.stack.base import Component
from fixtures.wait import Deadline, eventually
from tests.batches.messages import batch_plot, sizes
from tests.events.traffic import arrived, send_many

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

# A busy machine delivers late, whatever the plugin does.
pytestmark = pytest.mark.measures("waits")

# None of these tests fills a batch: whatever leaves, leaves because its time has come.
NEVER_FULL = 100


@pytest.mark.clause("B3")
def test_a_partial_batch_leaves_within_the_interval_when_nothing_follows(lab: Lab) -> None:
    # The routes wait side by side; nothing else comes until the last has sent.
    intervals_s = (0.05, 0.2, 0.5, 1.0, 1.5)
    routes = lab.add_routes(
        *(
            MaskerConfig(
                enable_event_monitoring=True, event_batch_size=NEVER_FULL, event_flush_interval=interval_s
            )
            for interval_s in intervals_s
        )
    )
    with Standstills(lab.tap, lab.history):
        ids = {route.channel: lab.post(route).request_id for route in routes}
        for route in reversed(routes):
            arrived(lab, route, 2)
    rows = []
    for route, interval_s in zip(routes, intervals_s, strict=True):
        expected = delivery.expected_of([ids[route.channel]])
        lab.require(delivery.check(lab.history, expected=expected, channel=route.channel))
        lab.require(
            batches.check(
                lab.history, batch_size=NEVER_FULL, flush_interval_s=interval_s, channel=route.channel
            )
        )
        rows.append((interval_s, max(batches.served_waits_s(lab.history, channel=route.channel))))
    lab.evidence.table("waits of a lone partial batch, in seconds", ("interval", "longest wait"), rows)


@pytest.mark.clause("B3")
def test_events_that_keep_coming_do_not_put_a_partial_batch_off(lab: Lab) -> None:
    interval_s = 0.4
    route = lab.monitored_route(event_batch_size=NEVER_FULL, event_flush_interval=interval_s)
    deadline = Deadline(3 * interval_s)
    count = 0
    with Standstills(lab.tap, lab.history):
        while not deadline.expired and count < NEVER_FULL // 2:
            count += 1
            lab.post(route)
            # The next one comes well within the interval, and long before the batch is full.
            _pause(interval_s / 10)
        arrived(lab, route, 2 * count)
    lab.require(
        batches.check(lab.history, batch_size=NEVER_FULL, flush_interval_s=interval_s, channel=route.channel)
    )
    lab.evidence.plot(batch_plot(lab, route, "a trickle that never fills a batch"))
    assert lab.evidence.figure("messages of the trickle", len(sizes(lab, route)), at_least=2).holds


@pytest.mark.clause("B3")
def test_the_rest_of_a_burst_does_not_wait_for_the_next_one(lab: Lab) -> None:
    interval_s = 0.3
    route = lab.monitored_route(event_batch_size=7, event_flush_interval=interval_s)
    count = 0
    with Standstills(lab.tap, lab.history):
        for _ in range(2):
            count += 2 * len(send_many(lab, route))
            arrived(lab, route, count)
    lab.require(batches.check(lab.history, batch_size=7, flush_interval_s=interval_s, channel=route.channel))
    partial = sum(size < 7 for size in sizes(lab, route))
    assert lab.evidence.figure("partial batches", partial, at_least=1).holds
    lab.evidence.plot(batch_plot(lab, route, "bursts and their rests"))


@pytest.mark.clause("B3", "B2")
def test_a_partial_batch_does_wait_for_company(lab: Lab) -> None:
    # Long enough for a slow machine; nothing waits for it when the plugin does as it should.
    interval_s = 5.0
    route = lab.monitored_route(event_batch_size=4, event_flush_interval=interval_s)
    began_s = time.monotonic()
    first, second = lab.post(route), lab.post(route)
    arrived(lab, route, 4, timeout_s=2 * interval_s)
    took_s = time.monotonic() - began_s
    # Both requests came over one connection, and so to one worker: the second one filled the batch of the first.
    assert lab.evidence.figure("events per message", str(sizes(lab, route)), equals="[4]").holds
    assert lab.evidence.figure("until the full batch was there", took_s, "s", below=interval_s / 2).holds
    expected = delivery.expected_of([first.request_id, second.request_id])
    lab.require(delivery.check(lab.history, expected=expected, channel=route.channel))


@pytest.mark.thorough
@pytest.mark.clause("B3", "F3")
def test_a_partial_batch_leaves_within_the_interval_after_an_outage_too(
    make_stack: MakeStack, make_lab: MakeLab
) -> None:
    # One worker has one link to Redis: what the outage leaves behind in it, all later batches meet.
    lab = make_lab(make_stack(workers=1, components=frozenset(Component) - {Component.BACKEND}))
    interval_s = 0.3
    during, after = lab.add_routes(
        *(
            MaskerConfig(
                enable_event_monitoring=True, event_batch_size=NEVER_FULL, event_flush_interval=interval_s
            )
            for _ in range(2)
        )
    )
    with RedisStop(lab.stack, recorder=lab.history.info):
        lab.post(during)
        eventually(lambda: lab.ledger().failed_connections, timeout_s=5, what="a failed attempt")
    arrived(lab, during, 2)
    # Twice: the plugin looks after its queues every other second anyway. If that alone sends the first batch, it may be
    # in time by luck; the second one, made right afterwards, waits for the next look.
    ids = []
    with Standstills(lab.tap, lab.history):
        for count in (2, 4):
            ids.append(lab.post(after).request_id)
            arrived(lab, after, count)
    expected = delivery.expected_of(ids)
    lab.require(delivery.check(lab.history, expected=expected, channel=after.channel))
    lab.require(
        batches.check(lab.history, batch_size=NEVER_FULL, flush_interval_s=interval_s, channel=after.channel)
    )


def _pause(length_s: float) -> None:
    """Paces the traffic; nothing is waited for."""
    pause = Deadline(length_s)
    eventually(lambda: pause.expired, timeout_s=2 * length_s, what="the next request's turn")
