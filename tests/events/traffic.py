"""Traffic over many connections, so that every worker of the gateway takes part."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from fixtures.checkers import availability
from fixtures.errors import TimedOut
from fixtures.lab.prompts import conversation, to_bytes
from fixtures.workload.burst import burst
from fixtures.workload.sender import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.lab.lab import Lab, LabRoute

# The kernel spreads connections over the workers by a hash of their ports: the chance that 32 of them all reach the
# same of two workers is 5e-10.
CONNECTIONS = 32


def send_many(
    lab: Lab,
    *routes: LabRoute,
    rounds: int = 1,
    connections: int = CONNECTIONS,
    headers: Mapping[str, str] | None = None,
) -> list[str]:
    """Sends `connections` x `rounds` prompts, in turn on the routes, and returns their request ids.

    Args:
        lab: Its history gets the requests.
        routes: Where to.
        rounds: How many requests each connection carries.
        connections: How many at once.
        headers: Of every request.

    Raises:
        ClauseViolated: A request failed.
    """
    already = len(lab.history)

    def build(number: int) -> Request:
        body = to_bytes(conversation(f"look at {lab.canary().text} please"))
        return Request(routes[number % len(routes)].path, body, headers=headers or {})

    burst(
        lab.history,
        base_url=lab.stack.addresses.gateway_url,
        build=build,
        count=connections,
        rounds=rounds,
    )
    sent = lab.history.after(already - 1)
    lab.require(availability.check(sent, at_least=connections * rounds))
    return [pair.completion.value["request_id"] for pair in sent.pairs("request") if pair.completion]


def arrived(lab: Lab, route: LabRoute, count: int, *, timeout_s: float = 5.0) -> list[dict[str, Any]]:
    """Waits for so many events of a route and returns those that came.

    What is missing when the time is over is for checkers to judge: it is a broken promise, not a broken test.
    """
    with contextlib.suppress(TimedOut):
        return lab.flushed_events(route, count, timeout_s=timeout_s)
    return lab.events(route)
