"""What waits leaves before its worker does; a worker that is killed takes no more with it than what waited."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.checkers import batches, delivery, gaps
from fixtures.checkers.base import Allowance
from fixtures.checkers.received import Source, received_events
from fixtures.errors import TimedOut
from fixtures.stack.abilities import able
from fixtures.stack.base import Component, HasWorkers, Killable, Reloadable, Stoppable
from fixtures.wait import eventually
from system.upstream.protocol import Script
from tests.batches.messages import sizes
from tests.events.traffic import arrived, send_many

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.lab.lab import Lab, LabRoute
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

# Longer than any of these tests: whatever leaves, leaves because the worker does, or because its batch is full.
NEVER_S = 600.0
# Requests that are under way when the gateway is told to go.
HELD = 8


@pytest.fixture
def own(make_stack: MakeStack, make_lab: MakeLab) -> Lab:
    """A lab on a gateway that this test may stop."""
    return make_lab(make_stack(components=frozenset(Component) - {Component.BACKEND}))


@pytest.mark.clause("B4")
def test_reload_flushes_what_waits_also_of_requests_that_end_while_their_worker_is_leaving(own: Lab) -> None:
    stack = own.stack
    route = own.monitored_route(event_batch_size=100, event_flush_interval=NEVER_S)
    with ThreadPoolExecutor() as pool:
        ids = _leave_while_requests_are_held(
            own, route, leave=able(stack, Reloadable).reload_gateway, pool=pool
        )
    ledger = _settled_to_rests(own, sampled=2 * len(ids), at_most=0)
    own.evidence.table("ledger after the reload", ("counter", "value"), [*ledger.counters.items()])
    assert own.evidence.figure("waiting after the reload", ledger.waiting, equals=0).holds
    assert own.evidence.figure("dropped by the reload", sum(ledger.dropped.values()), equals=0).holds
    # The new workers count anew, and what they send comes to the same channel.
    own.apply()
    ids += send_many(own, route)
    able(stack, Reloadable).quit_gateway()
    _require_all_arrived(own, route, ids)


@pytest.mark.clause("B4")
def test_a_graceful_stop_flushes_what_waits_also_of_requests_that_end_meanwhile(own: Lab) -> None:
    stack = own.stack
    route = own.monitored_route(event_batch_size=100, event_flush_interval=NEVER_S)
    with ThreadPoolExecutor() as pool:
        ids = _leave_while_requests_are_held(
            own, route, leave=able(stack, Reloadable).quit_gateway, pool=pool
        )
    _require_all_arrived(own, route, ids)


@pytest.mark.thorough
@pytest.mark.clause("B4")
def test_full_batches_and_rests_of_several_routes_all_leave_on_reload(own: Lab) -> None:
    stack = own.stack
    routes = [
        own.monitored_route(event_batch_size=size, event_flush_interval=NEVER_S) for size in (1, 3, 50, 100)
    ]
    sent = {route.channel: send_many(own, route, connections=16) for route in routes}
    able(stack, Reloadable).reload_gateway()
    for route in routes:
        arrived(own, route, 2 * len(sent[route.channel]))
        _require_all_arrived(own, route, sent[route.channel])
    _settled(own, sampled=sum(2 * len(ids) for ids in sent.values()))


@pytest.mark.clause("B4", "E6")
@pytest.mark.parametrize("end", [pytest.param("TERM", marks=pytest.mark.thorough), "KILL"])
def test_an_abrupt_end_loses_at_most_what_waited_and_the_numbers_tell_how_much(own: Lab, end: str) -> None:
    stack = own.stack
    size = 10
    route = own.monitored_route(event_batch_size=size, event_flush_interval=NEVER_S)
    ids = send_many(own, route, rounds=3)
    most = own.stack.options.workers * (size - 1)
    waiting = _settled_to_rests(own, sampled=2 * len(ids), at_most=most).waiting
    if end == "TERM":
        able(stack, Reloadable).terminate_gateway()
    else:
        able(stack, Killable).kill(Component.GATEWAY)
    own.tap.fence()
    assert own.evidence.figure("waiting when the end came", waiting, at_most=most).holds
    _require_loss_is_countable(own, route, ids, at_most=waiting)

    # The next life numbers anew: a subscriber takes nothing of it for a late event of the former.
    former = _highest(own, route)
    able(stack, Stoppable).start_component(Component.GATEWAY)
    own.apply()
    more = send_many(own, route)
    able(stack, Reloadable).quit_gateway()
    own.tap.fence()
    highest = {source: seq for source, seq in _highest(own, route).items() if source not in former}
    assert own.evidence.figure("events of the next life", sum(highest.values()), equals=2 * len(more)).holds
    own.require(gaps.check(own.history, channel=route.channel))


@pytest.mark.clause("B4", "E6")
def test_a_killed_worker_takes_only_its_own_waiting_events_with_it(own: Lab) -> None:
    stack = own.stack
    size = 10
    route = own.monitored_route(event_batch_size=size, event_flush_interval=NEVER_S)
    ids = send_many(own, route, rounds=3)
    most = own.stack.options.workers * (size - 1)
    before = _settled_to_rests(own, sampled=2 * len(ids), at_most=most)
    victim = max(before.workers, key=lambda worker: worker.waiting)
    gateway = able(stack, HasWorkers)
    gateway.kill_worker(victim.pid)
    eventually(
        lambda: (
            victim.pid not in gateway.worker_pids() and len(gateway.worker_pids()) == stack.options.workers
        ),
        timeout_s=10,
        what="another worker in place of the killed one",
    )
    counted = _settled(own, sampled=2 * len(ids)).count("events.dropped.worker_lost")
    assert own.evidence.figure("lost by the ledger", counted, equals=victim.waiting).holds
    able(stack, Reloadable).quit_gateway()
    _require_loss_is_countable(own, route, ids, at_most=victim.waiting)


def _leave_while_requests_are_held(
    lab: Lab, route: LabRoute, *, leave: Callable[[], None], pool: ThreadPoolExecutor
) -> list[str]:
    """Lets the workers leave while events wait and requests are under way; returns the ids of all requests.

    What waits when they leave has to come at once, what the held requests add when they end.
    """
    ids = send_many(lab, route)
    with lab.upstream.scripted(Script(hold=True)) as script:
        held = pool.submit(send_many, lab, route, connections=HELD, headers=script.headers)
        eventually(lambda: script.state().waiting == HELD, timeout_s=10, what=f"{HELD} requests to be held")
        waiting = 2 * len(ids) + HELD
        _settled(lab, sampled=waiting)
        assert lab.evidence.figure("waiting before", lab.ledger().waiting, equals=waiting).holds
        assert lab.evidence.figure("sent before", len(lab.events(route)), equals=0).holds
        left = pool.submit(leave)
        flushed = len(arrived(lab, route, waiting))
        assert lab.evidence.figure("sent while requests are held", flushed, equals=waiting).holds
        script.release()
        ids += held.result()
        left.result()
    arrived(lab, route, 2 * len(ids))
    return ids


def _settled(lab: Lab, *, sampled: int) -> Any:
    """The ledger once all events of so many were counted and none is being handed on."""

    def read() -> Any:
        ledger = lab.ledger()
        return ledger if ledger.sampled == sampled and ledger.balance == 0 else None

    return eventually(read, timeout_s=10, what=f"{sampled} sampled events to be accounted for")


def _settled_to_rests(lab: Lab, *, sampled: int, at_most: int) -> Any:
    """The ledger once what leaves at once is on its way no more; only rests wait then."""
    _settled(lab, sampled=sampled)
    # More than rests that stays is a broken promise, which the caller sees in the ledger.
    with contextlib.suppress(TimedOut):
        eventually(lambda: lab.ledger().waiting <= at_most, timeout_s=5, what="what leaves at once to leave")
    return _settled(lab, sampled=sampled)


def _require_all_arrived(lab: Lab, route: LabRoute, ids: list[str]) -> None:
    lab.tap.fence()
    lab.require(delivery.check(lab.history, expected=delivery.expected_of(ids), channel=route.channel))
    lab.require(gaps.check(lab.history, channel=route.channel))
    lab.require(batches.check(lab.history, batch_size=route.masker.event_batch_size, channel=route.channel))
    lab.evidence.figure(f"largest message on {route.channel}", max(sizes(lab, route)))


def _highest(lab: Lab, route: LabRoute) -> dict[Source, int]:
    highest: dict[Source, int] = {}
    for event in received_events(lab.history, channel=route.channel):
        highest[event.source] = max(event.seq, highest.get(event.source, 0))
    return highest


def _require_loss_is_countable(lab: Lab, route: LabRoute, ids: list[str], *, at_most: int) -> None:
    """What came has the numbers 1, 2, 3 … of its counter: what was emitted less the highest numbers is what is lost."""
    lab.tap.fence()
    allowed = Allowance("lost", at_most, "what waited in the workers that were ended")
    expected = delivery.expected_of(ids)
    verdict = delivery.check(lab.history, expected=expected, channel=route.channel, allowances=[allowed])
    lab.require(verdict)
    lab.require(gaps.check(lab.history, channel=route.channel))
    counted = len(expected) - sum(_highest(lab, route).values())
    assert lab.evidence.figure("lost, counted from seq", counted, equals=verdict.value("lost")).holds
