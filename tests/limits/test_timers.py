"""No timer can be had: traffic goes on, every failure is counted, and events flow again when one can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.gateway_config import Route
from fixtures.nemesis.gateway_timers import PLUGIN, SOURCE
from fixtures.stack.base import Component
from fixtures.wait import eventually
from tests.connections.redis_room import send
from tests.limits.accounts import judge
from tests.outages.books import read_ledger

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

# Few, so that they are soon taken up; a gateway at rest has some ten.
PENDING_LIMIT = 200
RUNNING_LIMIT = 100
# More than may run, and no more than may wait to.
STARTED = 150
# How long they are taken: longer than the requests of the test take.
TAKEN_S = 1.5


@pytest.fixture
def own(make_stack: MakeStack, make_lab: MakeLab) -> Lab:
    """A lab on a gateway whose timers can be taken up."""
    stack = make_stack(
        components=frozenset(Component) - {Component.BACKEND},
        gateway_env={
            "KONG_NGINX_HTTP_LUA_MAX_PENDING_TIMERS": str(PENDING_LIMIT),
            "KONG_NGINX_HTTP_LUA_MAX_RUNNING_TIMERS": str(RUNNING_LIMIT),
        },
        gateway_plugins={PLUGIN: SOURCE},
    )
    return make_lab(stack)


def with_takers(lab: Lab) -> None:
    """Adds the routes that take timers up, and one that only tells."""
    settings: dict[str, dict[str, Any]] = {
        "pending": {"kind": "pending", "seconds": TAKEN_S, "most": PENDING_LIMIT},
        "running": {"kind": "running", "seconds": TAKEN_S, "most": STARTED},
        "tell": {"kind": "pending", "seconds": 0, "most": 0},
    }
    routes = [
        Route(name=f"timers-{name}", path=f"/timers-{name}", plugins={PLUGIN: config})
        for name, config in settings.items()
    ]
    lab.admin.apply(lab.config().with_routes(*routes), lab.stack.addresses.gateway_url)


def ask_every_worker(lab: Lab, name: str, *, until: Callable[[dict[str, Any]], bool]) -> None:
    """Asks the plugin on fresh connections until each worker has answered as wanted."""
    wanted = set(range(lab.stack.options.workers))

    def all_answered() -> bool:
        answer = lab.client.get(f"/timers-{name}", headers={"Connection": "close"}).raise_for_status().json()
        if until(answer):
            wanted.discard(answer["worker"])
        return not wanted

    eventually(all_answered, timeout_s=5, interval_s=0.001, what=f"every worker to have its timers {name}")


@pytest.mark.clause("C5")
@pytest.mark.parametrize("kind", ["pending", pytest.param("running", marks=pytest.mark.thorough)])
def test_without_timers_requests_go_on_and_events_wait_and_then_flow_again(own: Lab, kind: str) -> None:
    route = own.monitored_route()
    with_takers(own)
    read_ledger(own)
    sent = send(own, route)
    before = own.ledger()
    if kind == "pending":
        ask_every_worker(own, kind, until=lambda answer: "pending timers" in str(answer.get("refusal")))
    else:
        ask_every_worker(own, kind, until=lambda answer: answer["armed"] == STARTED)
    sent += send(own, route)
    during = own.ledger()
    own.evidence.table("ledger while no timer can be had", ("counter", "value"), [*during.counters.items()])
    assert own.evidence.figure("events that wait meanwhile", during.waiting, at_least=1).holds
    if kind == "pending":
        refused = during.counters["timers.failed"] - before.counters["timers.failed"]
        assert own.evidence.figure("timers refused and counted", refused, at_least=1).holds
    ask_every_worker(
        own, "tell", until=lambda answer: answer["pending"] + answer["running"] < RUNNING_LIMIT / 2
    )
    sent += send(own, route)
    judge(own, requests=sent)
