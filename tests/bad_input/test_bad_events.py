"""Messages on the channel that are no events: counted, skipped, and no event of the gateway is lost silently."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import availability
from fixtures.clients.admin import connections_to_reach_all
from fixtures.lab.prompts import conversation, to_bytes
from fixtures.stack.ports import HOST
from fixtures.wait import eventually
from fixtures.workload.sender import Request
from tests.administration.traffic import traffic
from tests.chain.watched import CHANNEL, MASKED_PATHS, Chain

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

# What a backend with default settings reads at most, in one message (docs/backend.md).
EVENT_MAX_BYTES = 1_048_576
HUGE_BYTES = 100_000_000
MALFORMED = (
    b"",
    b"\xff\xfe",
    b"[]",
    b"{",
    b'{"event_type": "batch", "events": []}',
    b'"data_masked"',
)


@pytest.mark.clause("K2", "K5")
def test_malformed_and_oversized_messages_between_the_events_cost_no_event(lab: Lab) -> None:
    with Chain(lab, event_batch_size=10) as chain:
        for message in MALFORMED:
            chain.publish(message)
            chain.send_many(at_once=8)
        chain.publish(b"[" + b" " * EVENT_MAX_BYTES + b"]")
        chain.send_many(at_once=8)
        change = chain.finish()
        assert chain.backend.health().status == "ok"
    events = 2 * 8 * (len(MALFORMED) + 1)
    assert sum(change.by_type.values()) == len(chain.events) == events
    assert chain.ledger_change()["events.published"] == events
    assert (change.messages["malformed"], change.messages["oversized"], change.lost) == (len(MALFORMED), 1, 0)


@pytest.mark.long
@pytest.mark.clause("K1", "K2", "K5")
def test_an_event_of_100_mb_cuts_the_backend_off_and_every_event_meanwhile_is_counted_as_lost(
    make_stack: MakeStack, make_lab: MakeLab
) -> None:
    lab = make_lab(make_stack())
    with Chain(lab) as chain:

        def build(number: int) -> Request:
            body = to_bytes(conversation(f"look at {lab.canary().text}"))
            return Request(MASKED_PATHS[number % len(MASKED_PATHS)], body)

        with traffic(lab, build):
            # By Redis' default limit (32 MB) it cuts each subscriber off instead of sending this.
            publisher = threading.Thread(target=publish_huge, args=(lab.stack.addresses.redis_port,))
            publisher.start()
            eventually(
                lambda: chain.backend.stats().subscription.reconnects == 1,
                timeout_s=10,
                what="the backend to have subscribed again",
            )
            publisher.join()
        lab.require(availability.check(chain.history, at_least=10))
        # Each worker speaks once more: a loss shows in the numbers of the events that follow it.
        chain.send_many(at_once=connections_to_reach_all(lab.stack.options.workers))
        chain.finish()
        stats, ledger = chain.backend.stats(), lab.ledger()
        assert chain.backend.health().status == "ok"
    lost = lab.evidence.figure("events that the backend counts as lost", stats.events.lost)
    taken = sum(stats.events.by_type.values())
    accounted = taken + int(lost.value)
    # Redis may be too busy with the huge event to answer in time: an event without its reply may have been sent.
    unconfirmed = lab.evidence.figure("unconfirmed events", ledger.dropped.get("unconfirmed", 0))
    assert lab.evidence.figure(
        "events taken or counted as lost",
        accounted,
        at_least=ledger.published,
        at_most=ledger.published + int(unconfirmed.value),
    ).holds
    assert sum(gap.last - gap.first + 1 for gap in stats.recent_gaps) == stats.events.lost


def publish_huge(port: int) -> None:
    """Publishes `HUGE_BYTES` once, over a plain socket: no copies that keep this process busy, no retries."""
    with socket.create_connection((HOST, port)) as connection:
        connection.sendall(b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%b\r\n" % (len(CHANNEL), CHANNEL.encode()))
        connection.sendall(b"$%d\r\n" % HUGE_BYTES)
        connection.sendall(bytes(HUGE_BYTES))
        connection.sendall(b"\r\n")
        with connection.makefile("rb") as replies:
            assert replies.readline().startswith(b":")
