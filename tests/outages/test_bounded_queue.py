"""However long Redis is away, a worker keeps no more events than it may, and counts the others."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import availability, ledger_balance
from fixtures.checkers.received import received_events
from fixtures.nemesis.redis_refuse import RedisRefuse
from fixtures.report.evidence import MemoryPlot
from fixtures.stack.abilities import able
from fixtures.stack.base import Component, HasFigures
from fixtures.wait import eventually
from fixtures.workload.burst import burst
from tests.outages.books import read_ledger, settle
from tests.outages.traffic import Traffic

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

QUEUE_SIZE = 100
AT_ONCE = 100
ROUNDS = 48
# A worker's memory rises and falls by 4 MiB with its garbage, as measured, while the highest of a dozen rounds stays
# the same within 1 MiB. Each worker drops 3600 events between the first dozen and the last; one that kept them grew by
# 4.5 to 5.8 MiB.
ROUNDS_COMPARED = 12
GROWTH_MIB_MAX = 2.0


@pytest.mark.clause("F2", "F4")
def test_a_full_queue_drops_its_oldest_events_and_counts_them(
    make_stack: MakeStack, make_lab: MakeLab
) -> None:
    lab = make_lab(make_stack(components=frozenset(Component) - {Component.BACKEND}))
    route = lab.monitored_route(event_queue_size=QUEUE_SIZE)
    workers = lab.stack.options.workers
    traffic = Traffic(lab, route)
    memory: list[dict[int, float]] = []
    settle(lab)

    def send() -> None:
        burst(
            lab.history,
            base_url=lab.stack.addresses.gateway_url,
            build=traffic.build,
            check=traffic.check,
            count=AT_ONCE,
        )
        memory.append(_rss_mib(lab))

    with RedisRefuse(lab.stack, recorder=lab.history.info):
        for _ in range(ROUNDS):
            send()
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

    pids = sorted(memory[0])
    lab.evidence.plot(
        MemoryPlot(
            title="Gateway workers while their queues are full",
            times_s=tuple(float(step) for step in range(len(memory))),
            rss_mib=tuple((f"worker {pid}", tuple(step[pid] for step in memory)) for pid in pids),
        )
    )
    early, late = memory[:ROUNDS_COMPARED], memory[-ROUNDS_COMPARED:]
    growth = max(max(step[pid] for step in late) - max(step[pid] for step in early) for pid in pids)
    assert figure(
        "growth of a worker once it was full", growth, "MiB", at_most=GROWTH_MIB_MAX, clause="F2"
    ).holds


def _rss_mib(lab: Lab) -> dict[int, float]:
    """Resident memory of each gateway worker."""
    found = able(lab.stack, HasFigures).figures(Component.GATEWAY)
    return {process.pid: process.rss_bytes / 2**20 for process in found if process.role == "worker"}
