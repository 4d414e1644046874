"""One connection per worker and Redis setting is all the gateway needs, and it does with fewer."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import connections, ledger_balance
from fixtures.checkers.received import received_events
from fixtures.errors import TimedOut
from fixtures.nemesis.sighting import Outcome, look_at_redis
from fixtures.observers.redis_info import RedisInfo
from fixtures.stack.redis_admin import RedisAdmin
from fixtures.wait import eventually
from tests.connections.redis_room import await_events, lone_lab, send
from tests.outages.books import read_ledger

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

AT_ONCE = 100
QUEUE_SIZE = 50
RECOVERY_BOUND_S = 5.0


@pytest.mark.clause("C1", "C5", "P4")
def test_a_thousand_requests_open_no_connection(make_stack: MakeStack, make_lab: MakeLab) -> None:
    lab = lone_lab(make_stack, make_lab)
    workers = lab.stack.options.workers
    with RedisInfo(lab.stack.addresses.redis_host, lab.stack.addresses.redis_port) as redis:
        send(lab, lab.route())
        redis.sample(lab.history)
        # Two ways of packing to two channels, but one Redis setting.
        routes = [lab.monitored_route(), lab.monitored_route(event_batch_size=10, event_flush_interval=0.2)]
        sampled = 2 * send(lab, *routes)
        await_events(lab, sampled=sampled)
        redis.sample(lab.history)
        off, on = (op.value["publishers"] for op in lab.history.ops(f="redis"))
        requests, begun = 0, len(lab.history)
        redis.sample(lab.history)
        for _ in range(5):
            requests += send(lab, *routes, count=50, rounds=4)
            redis.sample(lab.history)
        await_events(lab, sampled=sampled + 2 * requests)
        redis.sample(lab.history)
        published = redis.command_calls()["publish"]
    lab.evidence.figure("PUBLISH commands in all", published)
    assert lab.evidence.figure("connections without monitoring", off, equals=0, clause="P4").holds
    # One too many breaks both clauses: both are held against it before either ends the test.
    cost = lab.evidence.figure("connections with monitoring", on, equals=workers, clause="P4")
    lab.require(
        connections.check(lab.history.after(begun - 1), workers=workers, requests=requests), clause="C1"
    )
    assert cost.holds
    # Partial batches find a timer pending most of the time: that is no refusal.
    refused = lab.ledger().count("timers.failed")
    assert lab.evidence.figure("timers counted as refused", refused, equals=0, clause="C5").holds


@pytest.mark.clause("C4", "F3", "F4")
def test_too_few_client_slots_harm_no_request_and_the_loss_is_counted(
    make_stack: MakeStack, make_lab: MakeLab
) -> None:
    lab = lone_lab(make_stack, make_lab)
    route = lab.monitored_route(event_queue_size=QUEUE_SIZE)
    addresses, workers = lab.stack.addresses, lab.stack.options.workers
    read_ledger(lab)
    admin = RedisAdmin(addresses.redis_host, addresses.redis_port)
    try:
        unlimited = admin.setting("maxclients")
        taken = len(admin.command("CLIENT", "LIST").splitlines())
        # One slot for all workers: the others stay outside.
        admin.command("CONFIG", "SET", "maxclients", taken + 1)
        requests = send(lab, route, count=AT_ONCE, rounds=5)
        waiting = (workers - 1) * QUEUE_SIZE
        await_events(lab, sampled=2 * requests, waiting=waiting)
        read_ledger(lab)
        short = lab.ledger()
        # The slot is taken: somebody else is turned away too.
        outside = look_at_redis(addresses.redis_host, addresses.redis_port)
        admin.command("CONFIG", "SET", "maxclients", unlimited)
    finally:
        admin.close()
    freed_ns, freed_s = time.monotonic_ns(), time.time()

    figure = lab.evidence.figure
    assert figure("a newcomer meets", str(outside.outcome), equals=str(Outcome.ERROR)).holds
    turned_away = short.count("connections.failed.maxclients")
    assert figure("attempts turned away", turned_away, at_least=1, clause="C4").holds
    assert figure("events waiting outside", short.waiting, equals=waiting, clause="C4").holds
    # Whatever the worker outside got beyond its queue is lost; the one inside kept up or lost some as well.
    lost = short.dropped.get("queue_full", 0)
    assert figure("dropped as queue_full", lost, at_least=1, clause="C4").holds
    lab.require(ledger_balance.check(lab.history), clause="F4")

    # No timer of the suite's own: whoever waits outside comes back while requests go on.
    recovery_s = _recovery_s(lab, freed_ns, freed_s)
    assert figure("recovery_s", recovery_s, "s", at_most=RECOVERY_BOUND_S).holds
    await_events(lab, sampled=short.sampled)
    lab.tap.fence()
    read_ledger(lab)
    after = lab.ledger()
    assert figure("events waiting afterwards", after.waiting, equals=0, clause="C4").holds
    lab.require(ledger_balance.check(lab.history, received=len(received_events(lab.history))), clause="F4")


def _recovery_s(lab: Lab, freed_ns: int, freed_s: float) -> float:
    """Seconds until an event of each worker arrived that was made after the slots were free; infinite if none did."""
    route = lab.routes[0]
    first: dict[int, float] = {}

    def all_back() -> bool:
        send(lab, route)
        lab.tap.collect()
        for event in received_events(lab.history):
            if event.timestamp_s > freed_s:
                first.setdefault(event.source.worker, (event.received_ns - freed_ns) / 1e9)
        return len(first) == lab.stack.options.workers

    try:
        eventually(all_back, timeout_s=1.5 * RECOVERY_BOUND_S, interval_s=0.1, what="events of every worker")
    except TimedOut:
        return math.inf
    return max(first.values())
