"""No connection can be had in a worker: what it holds is served, the failure is counted, and events flow again."""

from __future__ import annotations

import contextlib
import select
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from fixtures.observers.logs import Logs
from fixtures.stack.base import Component
from fixtures.wait import eventually
from system.upstream.protocol import Script
from tests.limits.accounts import judge
from tests.outages.books import read_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

LIMIT = 64
HELD = 5
# The batch sets out when the worker is full: filling it takes some hundredths of a second.
FLUSH_INTERVAL_S = 1.0
# A request that has begun keeps its connection; nginx takes one that only waits for another request away.
BEGUN = b"GET / HTTP/1.1\r\n"
# A connection that is turned away ends within a millisecond or two; the last ones are given more time.
ACCEPTED_S = 0.004
SURELY_S = 0.05
TURNED_AWAY = 3
FAILURES = ("timers.failed", "timers.lost", "connections.failed.")
_TOLD_TIMEOUT_S = 6.0


@pytest.fixture
def own(make_stack: MakeStack, make_lab: MakeLab) -> Lab:
    """A lab on a gateway of one worker with few connections."""
    stack = make_stack(
        workers=1,
        components=frozenset(Component) - {Component.BACKEND},
        gateway_env={"KONG_NGINX_EVENTS_WORKER_CONNECTIONS": str(LIMIT)},
    )
    return make_lab(stack)


@contextlib.contextmanager
def all_connections_taken(lab: Lab) -> Iterator[int]:
    """Connects until the worker turns some away in a row; yields how many it keeps."""
    parts = urlsplit(lab.stack.addresses.gateway_url)
    address = (parts.hostname or "", parts.port or 0)
    kept: list[socket.socket] = []
    turned_away = 0
    with contextlib.ExitStack() as held:
        while turned_away < TURNED_AWAY:
            connection = held.enter_context(socket.create_connection(address, timeout=2))
            with contextlib.suppress(ConnectionError):
                connection.sendall(BEGUN)
            patience_s = ACCEPTED_S if turned_away == 0 else SURELY_S
            if select.select([connection], [], [], patience_s)[0]:
                turned_away += 1
            else:
                kept.append(connection)
                turned_away = 0
            assert len(kept) < 2 * LIMIT, "the worker takes more connections than it may"
        yield len(kept) - len(select.select(kept, [], [], 0)[0])


@pytest.mark.clause("C5")
def test_without_connections_what_is_held_is_served_and_events_wait_and_then_flow_again(own: Lab) -> None:
    # Their first events wait for company, so Redis is connected to when no connection is left.
    route = own.monitored_route(event_batch_size=100, event_flush_interval=FLUSH_INTERVAL_S)
    read_ledger(own)
    before = own.ledger().counters
    logs = Logs(own.stack.logs)
    mark = logs.mark()
    with own.upstream.scripted(Script(hold=True)) as script, ThreadPoolExecutor(HELD) as pool:
        sent = [pool.submit(_request, own, route.path, script.headers, number) for number in range(HELD)]
        eventually(lambda: script.state().waiting == HELD, timeout_s=5, what="the requests to be held")
        with all_connections_taken(own) as taken:
            eventually(
                lambda: logs.lines_since(mark, "gateway.error", containing="aws-masker"),
                timeout_s=_TOLD_TIMEOUT_S,
                what="the plugin to want a connection, for its timer or for Redis",
            )
        script.release()
        answers = [future.result() for future in sent]
    own.evidence.figure("connections that took the rest", taken)
    unharmed = sum(status == 200 and restored for status, restored in answers)
    assert own.evidence.figure("held requests that were answered whole", unharmed, equals=HELD).holds
    judge(own, requests=HELD)
    after = own.ledger().counters
    published = after["events.published"] - before["events.published"]
    assert own.evidence.figure("events published afterwards", published, equals=2 * HELD).holds
    # nginx needs a connection even for a timer: which of the two failed is a matter of the moment.
    failed = sum(after[name] - before.get(name, 0) for name in after if name.startswith(FAILURES))
    assert own.evidence.figure(
        "timers and connections that could not be had, counted", failed, at_least=1
    ).holds


def _request(lab: Lab, path: str, headers: dict[str, str], number: int) -> tuple[int, bool]:
    """Sends one prompt and tells the answer's status, and whether the identifier came back."""
    canary = lab.canary()
    process = f"held-{number}"
    lab.history.invoke("request", process=process, value={"path": path})
    response = lab.client.post(
        path,
        json={"messages": [{"role": "user", "content": f"look at {canary.text}"}]},
        headers={**headers, "Connection": "close"},
    )
    restored = canary.identifier in response.text
    value = {"status": response.status_code, "request_id": response.headers.get("X-Kong-Request-Id")}
    complete = lab.history.ok if response.status_code == 200 and restored else lab.history.fail
    complete("request", process=process, value=value)
    return response.status_code, restored
