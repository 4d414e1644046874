"""However long Redis is away, a worker keeps no more events than it may, and counts the others.

That it keeps nothing else of those is measured in `tests/cost/test_memory.py`, where a worker tells its heap.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import availability, ledger_balance
from fixtures.checkers.received import received_events
from fixtures.gateway_config import RedisConfig
from fixtures.nemesis import make_fault
from fixtures.stack.base import Component
from fixtures.wait import eventually
from fixtures.wire.of_stack import link_of
from fixtures.workload.burst import burst
from tests.outages.books import read_ledger, settle
from tests.outages.traffic import Traffic

if TYPE_CHECKING:
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

QUEUE_SIZE = 100
AT_ONCE = 100
ROUNDS = 12


@pytest.mark.clause("F2", "F4")
def test_a_full_queue_drops_its_oldest_events_and_counts_them(
    make_stack: MakeStack, make_lab: MakeLab
) -> None:
    lab = make_lab(make_stack(components=frozenset(Component) - {Component.BACKEND}))
    # Only the gateway loses Redis: the tap is there when the events that waited come.
    link = link_of(lab.stack, "gateway")
    route = lab.monitored_route(
        event_queue_size=QUEUE_SIZE, redis=RedisConfig(host=link.host, port=link.port)
    )
    workers = lab.stack.options.workers
    traffic = Traffic(lab, route)
    settle(lab)

    with make_fault("wire_refuse", lab.stack, recorder=lab.history.info, parameters={"link": "gateway"}):
        burst(
            lab.history,
            base_url=lab.stack.addresses.gateway_url,
            build=traffic.build,
            check=traffic.check,
            count=AT_ONCE,
            rounds=ROUNDS,
        )
        sampled = 2 * traffic.begun
        eventually(lambda: lab.ledger().sampled == sampled, timeout_s=5, what=f"{sampled} events")
        full = lab.ledger()
        read_ledger(lab)

    lab.require(availability.check(lab.history, at_least=AT_ONCE), clause="F2")
    figure = lab.evidence.figure
    for worker in full.workers:
        assert figure(
            f"waiting in worker {worker.worker}", worker.waiting, equals=QUEUE_SIZE, clause="F2"
        ).holds
    dropped = sampled - workers * QUEUE_SIZE
    assert figure(
        "dropped as queue_full", full.dropped.get("queue_full", 0), equals=dropped, clause="F2"
    ).holds
    assert figure("dropped in all", sum(full.dropped.values()), equals=dropped, clause="F2").holds
    lab.require(ledger_balance.check(lab.history), clause="F4")

    settle(lab)
    numbers = defaultdict(list)
    for event in received_events(lab.history):
        numbers[event.source].append(event.seq)
    for source, seqs in numbers.items():
        assert figure(
            f"events of worker {source.worker} that arrived",
            len(seqs),
            bound=f"{QUEUE_SIZE} in a row",
            holds=seqs == list(range(seqs[0], seqs[0] + QUEUE_SIZE)),
            clause="F2",
        ).holds
    # `seq` counts dropped events too, so the newest of all workers together bear the number of events.
    newest = sum(max(seqs) for seqs in numbers.values())
    assert figure("newest seq of all workers", newest, equals=sampled, clause="F2").holds
    lab.require(ledger_balance.check(lab.history, received=len(received_events(lab.history))), clause="F4")
