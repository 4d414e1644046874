"""1000 requests in a row and 100 at once: none fails, each is masked and restored, and nothing is left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import availability, delivery, ledger_balance, pairs
from fixtures.checkers.base import Figure, conclude, none_expected
from fixtures.clients.admin import connections_to_reach_all
from fixtures.lab.prompts import conversation, to_bytes
from fixtures.observers.redis_info import RedisInfo
from fixtures.report.evidence import LatencyPlot
from fixtures.workload.burst import burst
from fixtures.workload.sender import Request
from tests.administration.quiet import settled

if TYPE_CHECKING:
    from fixtures.checkers.base import Verdict
    from fixtures.history import History
    from fixtures.lab.lab import Lab, LabRoute
    from fixtures.workload.sender import Reply

BATCHED = {"event_batch_size": 10, "event_flush_interval": 0.2}


@pytest.mark.long
@pytest.mark.clause("L1", "C1")
@pytest.mark.parametrize(("at_once", "rounds"), [(1, 1000), (100, 1)], ids=["1000 in a row", "100 at once"])
def test_no_request_fails_and_each_is_masked_restored_and_accounted_for(
    lab: Lab, at_once: int, rounds: int
) -> None:
    route = lab.monitored_route(**BATCHED)
    addresses = lab.stack.addresses
    # Every worker has its connection to Redis before it is counted how many the traffic opens.
    send(lab, route, at_once=connections_to_reach_all(lab.stack.options.workers), rounds=1)
    settled(lab)
    already, mark = len(lab.history), lab.upstream.last_index()
    with RedisInfo(addresses.redis_host, addresses.redis_port, **addresses.redis_login) as redis:
        connected = redis.connections_received()
        note_ledger(lab)
        send(lab, route, at_once=at_once, rounds=rounds)
        settled(lab)
        connected = redis.connections_received() - connected
        note_ledger(lab)
    traffic = lab.history.after(already - 1)
    count = at_once * rounds
    lab.require(availability.check(traffic, at_least=count))
    lab.require(masked_once_each(lab, mark, count))
    ids = {pair.completion.value["request_id"] for pair in traffic.pairs("request") if pair.completion}
    assert len(ids) == count
    lab.require(pairs.check(traffic, passed=ids, channel=route.channel))
    lab.require(delivery.check(traffic, expected=delivery.expected_of(ids), channel=route.channel))
    received = len(traffic.ops(f="event", where=lambda op: op.value["channel"] == route.channel))
    lab.require(ledger_balance.check(traffic, received=received))
    assert lab.evidence.figure("Redis connections opened meanwhile", connected, equals=0).holds
    changes = ledger_balance.delta(traffic)
    assert changes["requests"] == changes["masked_requests"] == count
    assert changes["placeholders_restored"] == changes["placeholders_seen"] == 2 * count
    plot(lab, traffic, f"{rounds} requests in a row" if rounds > 1 else f"{at_once} requests at once")


def send(lab: Lab, route: LabRoute, *, at_once: int, rounds: int) -> None:
    """Prompts that name an identifier of their own twice; a reply has to repeat both."""

    def build(_number: int) -> Request:
        canary = lab.canary()
        body = to_bytes(conversation(f"look at {canary.text}, then at {canary.text} again"))
        return Request(route.path, body, expected=canary.identifier.encode())

    burst(
        lab.history,
        base_url=lab.stack.addresses.gateway_url,
        build=build,
        count=at_once,
        rounds=rounds,
        check=restored_twice,
    )


def restored_twice(request: Request, reply: Reply) -> str | None:
    if reply.status != 200:
        return f"status {reply.status}"
    found = reply.body.count(request.expected)
    return None if found == 2 else f"the identifier stands {found} times in the reply, not twice"


def masked_once_each(lab: Lab, mark: int, count: int) -> Verdict:
    """Judges that the upstream got each request once, with its placeholder; the leak guard looks for the rest."""
    bodies = [capture.body for capture in lab.upstream.iter_captures(after=mark)]
    unmasked = sum(body.count(b"AWS_EC2_001") != 2 for body in bodies)
    measured = [
        Figure("requests at the upstream", len(bodies), bound=str(count), holds=len(bodies) == count),
        none_expected("without two placeholders", unmasked),
    ]
    return conclude("masked once each", measured)


def note_ledger(lab: Lab) -> None:
    ledger = lab.ledger()
    value = {"ledger": {"counters": dict(ledger.counters), "waiting": ledger.waiting}}
    lab.history.info("ledger", process="lab", value=value)


def plot(lab: Lab, traffic: History, what: str) -> None:
    made = traffic.pairs("request")
    start_ns = made[0].invoke.time_ns
    latencies = [pair.completion.value["latency_s"] * 1e3 for pair in made if pair.ok and pair.completion]
    times = [(pair.invoke.time_ns - start_ns) / 1e9 for pair in made if pair.ok]
    lab.evidence.plot(LatencyPlot(title=what, times_s=tuple(times), latencies_ms=tuple(latencies)))
