"""Size 1 sends events as they are; size N sends 1 to N of them, in order, none twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import batches, delivery, gaps
from tests.batches.messages import batch_plot, sizes
from tests.events.traffic import arrived, send_many

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab

INTERVAL_S = 0.3


@pytest.mark.clause("B1")
def test_at_size_1_every_event_is_a_message_of_its_own_and_not_wrapped(lab: Lab) -> None:
    route = lab.monitored_route(event_batch_size=1, event_flush_interval=INTERVAL_S)
    before = lab.ledger()
    ids = send_many(lab, route, rounds=4)
    arrived(lab, route, 2 * len(ids))
    lab.require(batches.check(lab.history, batch_size=1, channel=route.channel))
    lab.require(delivery.check(lab.history, expected=delivery.expected_of(ids), channel=route.channel))
    messages = len(sizes(lab, route))
    assert lab.evidence.figure("messages", messages, equals=2 * len(ids)).holds
    published = lab.ledger().change_since(before)["messages.published"]
    assert lab.evidence.figure("messages published in the ledger", published, equals=messages).holds


@pytest.mark.clause("B2")
@pytest.mark.parametrize(
    ("size", "rounds", "interval_s"),
    [pytest.param(2, 3, 0.3, marks=pytest.mark.thorough), (7, 4, 0.3), (100, 10, 1.0)],
    ids=["2", "7", "100"],
)
def test_at_size_n_messages_hold_1_to_n_events_in_order_none_twice(
    lab: Lab, size: int, rounds: int, interval_s: float
) -> None:
    route = lab.monitored_route(event_batch_size=size, event_flush_interval=interval_s)
    ids = send_many(lab, route, rounds=rounds)
    arrived(lab, route, 2 * len(ids))
    lab.require(batches.check(lab.history, batch_size=size, channel=route.channel))
    lab.require(gaps.check(lab.history, channel=route.channel))
    lab.require(delivery.check(lab.history, expected=delivery.expected_of(ids), channel=route.channel))
    # Full batches do form, otherwise "at most N" says little.
    full = sum(count == size for count in sizes(lab, route))
    assert lab.evidence.figure("full batches", full, at_least=1).holds
    lab.evidence.plot(batch_plot(lab, route, "batches under a burst"))


@pytest.mark.clause("B2")
def test_a_batch_carries_events_of_one_worker_only(lab: Lab) -> None:
    route = lab.monitored_route(event_batch_size=20, event_flush_interval=INTERVAL_S)
    ids = send_many(lab, route, rounds=5)
    arrived(lab, route, 2 * len(ids))
    sources: dict[int, set[tuple[int, str]]] = {}
    for op in lab.history.ops(f="event", where=lambda op: op.value["channel"] == route.channel):
        source = op.value["event"]["source"]
        sources.setdefault(op.value["message"], set()).add((source["worker"], source["boot"]))
    mixed = sum(len(found) > 1 for found in sources.values())
    assert lab.evidence.figure("batches of several workers", mixed, equals=0).holds
    workers = {worker for found in sources.values() for worker, _ in found}
    assert lab.evidence.figure("workers", len(workers), equals=lab.stack.options.workers).holds


@pytest.mark.clause("B2")
def test_a_batch_of_one_event_is_a_batch_as_well(lab: Lab) -> None:
    route = lab.monitored_route(event_batch_size=3, event_flush_interval=INTERVAL_S)
    # Over one connection, and so in one worker: four events are a full batch and a rest of one.
    for _ in range(2):
        lab.post(route)
    arrived(lab, route, 4)
    assert lab.evidence.figure("events per message", str(sizes(lab, route)), equals="[3, 1]").holds
    lab.require(batches.check(lab.history, batch_size=3, channel=route.channel))
