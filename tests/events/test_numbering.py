"""Whoever counts `source.seq` knows that nothing is missing, and no event id ever comes twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import delivery, gaps
from fixtures.checkers.received import received_events
from fixtures.stack.abilities import able
from fixtures.stack.base import Component, Killable, Reloadable, Stoppable
from tests.events.traffic import arrived, send_many

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack


@pytest.mark.clause("E6")
@pytest.mark.parametrize("batch_size", [1, 5], ids=["single", "batch"])
def test_numbers_have_no_gap_in_any_worker(lab: Lab, batch_size: int) -> None:
    route = lab.monitored_route(event_batch_size=batch_size, event_flush_interval=0.2)
    ids = send_many(lab, route, rounds=6)
    arrived(lab, route, 2 * len(ids))
    lab.require(delivery.check(lab.history, expected=delivery.expected_of(ids), channel=route.channel))
    lab.require(gaps.check(lab.history, channel=route.channel))
    workers = {event.source.worker for event in received_events(lab.history, channel=route.channel)}
    assert lab.evidence.figure("workers that counted", len(workers), equals=lab.stack.options.workers).holds


@pytest.mark.long
@pytest.mark.clause("E6")
def test_reload_and_restart_repeat_no_id_and_leave_no_gap(make_stack: MakeStack, make_lab: MakeLab) -> None:
    stack = make_stack(components=frozenset(Component) - {Component.BACKEND})
    lab = make_lab(stack)
    route = lab.monitored_route(event_batch_size=5, event_flush_interval=0.2)
    ids: list[str] = []
    lives = 0

    def live() -> None:
        nonlocal lives
        lives += 1
        ids.extend(send_many(lab, route))
        arrived(lab, route, 2 * len(ids))

    live()
    able(stack, Reloadable).reload_gateway()
    lab.apply()
    live()
    able(stack, Stoppable).stop_component(Component.GATEWAY)
    able(stack, Stoppable).start_component(Component.GATEWAY)
    lab.apply()
    live()
    # Nothing waits any more that the kill could take with it.
    able(stack, Killable).kill(Component.GATEWAY)
    able(stack, Stoppable).start_component(Component.GATEWAY)
    lab.apply()
    live()
    lab.require(delivery.check(lab.history, expected=delivery.expected_of(ids), channel=route.channel))
    lab.require(gaps.check(lab.history, channel=route.channel))
    sources = {event.source for event in received_events(lab.history, channel=route.channel)}
    workers = lab.stack.options.workers
    assert lab.evidence.figure(
        "counters, one per worker and life", len(sources), equals=workers * lives
    ).holds
    assert lab.evidence.figure(
        "different boots", len({source.boot for source in sources}), equals=len(sources)
    ).holds
