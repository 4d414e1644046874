"""`POST /config` changes the plugin at run time; requests in flight keep the configuration they began with."""

from __future__ import annotations

import dataclasses
import functools
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.checkers import availability, delivery, pairs
from fixtures.clients.connect import http_client
from fixtures.history import OpType
from fixtures.lab.prompts import conversation, to_bytes
from fixtures.report.evidence import Band, EventsPlot
from fixtures.wait import eventually
from fixtures.workload.sender import Request
from system.upstream.protocol import Script
from tests.administration import reigns
from tests.administration.quiet import settled
from tests.administration.reigns import Reign
from tests.administration.traffic import traffic

if TYPE_CHECKING:
    from fixtures.history import History
    from fixtures.lab.lab import Lab, LabRoute
    from fixtures.workload.sender import Build, Reply

# Each step changes one thing of the route; its channel stays, so that the form of the messages has to tell.
STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("all, one by one", {"event_sampling_rate": 1.0, "event_batch_size": 1}),
    ("a third", {"event_sampling_rate": 0.3}),
    ("a third, in batches of 5", {"event_batch_size": 5}),
    ("off", {"enable_event_monitoring": False}),
    ("all, in batches of 20", {"enable_event_monitoring": True, "event_sampling_rate": 1.0, "event_batch_size": 20}),
    ("all, in batches of 2", {"event_batch_size": 2}),
)  # fmt: skip
# With 0.3 of 25 requests sampled, a gateway that ignored the new rate would go unseen with a chance of 0.3^25 = 8e-14,
# one that emitted nothing with 0.7^25 = 1e-4; the latter is seen by the steps at rate 1, too.
ALONE_MIN = 25
IN_FLIGHT = 6


def restored(request: Request, reply: Reply) -> str | None:
    """What is wrong with a reply that has to be right whatever the configuration."""
    if reply.status != 200:
        return f"status {reply.status}"
    return None if request.expected in reply.body else "the identifier is not restored"


def prompts(lab: Lab, route: LabRoute) -> Build:
    """Makes prompts with an identifier of their own, whose replies `restored` checks."""

    def build(_number: int) -> Request:
        canary = lab.canary()
        body = to_bytes(conversation(f"look at {canary.text} please"))
        return Request(route.path, body, expected=canary.identifier.encode())

    return build


def enough_answered(history: History, since_ns: int) -> bool:
    """Whether enough requests that were sent after a moment have been answered."""
    invoked = {op.process for op in history.ops(f="request", op_type=OpType.INVOKE) if op.time_ns > since_ns}
    answered = history.ops(f="request", op_type=OpType.OK)
    return sum(op.process in invoked for op in answered) >= ALONE_MIN


@pytest.mark.clause("A1")
def test_sampling_batch_size_and_monitoring_change_under_traffic_and_no_request_sees_two_configurations(
    lab: Lab,
) -> None:
    route = lab.monitored_route(event_flush_interval=0.1)
    ruled: list[Reign] = []
    ledger = []
    start_ns = time.monotonic_ns()
    with traffic(lab, prompts(lab, route), check=restored):
        for name, changes in STEPS:
            posted_ns = time.monotonic_ns()
            route = lab.reconfigure(route, **changes)
            alone_ns = time.monotonic_ns()
            if ruled:
                ruled[-1] = dataclasses.replace(ruled[-1], gone_ns=alone_ns)
            ruled.append(Reign(name=name, masker=route.masker, posted_ns=posted_ns, alone_ns=alone_ns))
            eventually(
                functools.partial(enough_answered, lab.history, alone_ns),
                timeout_s=10,
                what=f"{ALONE_MIN} answers under '{name}'",
            )
            ledger.append((time.monotonic_ns(), lab.ledger().sampled))
    # The first configuration of the test was in force before the first step was posted.
    ruled[0] = dataclasses.replace(ruled[0], posted_ns=0)
    settled(lab)
    lab.require(availability.check(lab.history, at_least=ALONE_MIN * len(STEPS)))
    lab.require(reigns.check(lab.history, ruled, alone_min=ALONE_MIN))
    plot(lab, start_ns, ruled, ledger)


@pytest.mark.clause("A1", "E2")
@pytest.mark.parametrize("monitored", [True, False], ids=["turned off", "turned on"])
def test_a_request_in_flight_ends_under_the_configuration_it_began_with(lab: Lab, monitored: bool) -> None:
    route = lab.route(enable_event_monitoring=monitored, event_flush_interval=0.1)
    texts = [lab.canary().text for _ in range(IN_FLIGHT)]
    with lab.upstream.scripted(Script(hold=True)) as script, ThreadPoolExecutor(IN_FLIGHT) as clients:
        answers = [clients.submit(lab_post, lab, route, text, script.headers) for text in texts]
        eventually(
            lambda: script.state().waiting == IN_FLIGHT,
            timeout_s=10,
            what="every request to wait at the upstream",
        )
        changed = lab.reconfigure(route, enable_event_monitoring=not monitored, event_sampling_rate=1.0)
        assert script.state().waiting == IN_FLIGHT, "the change of configuration ended a request"
        script.release()
        replies = [answer.result() for answer in answers]
    for text, (status, _, reply) in zip(texts, replies, strict=True):
        assert status == 200
        assert text in reply
    fresh = lab.post(changed)
    settled(lab)
    in_flight = {request_id for _, request_id, _ in replies}
    emitting = in_flight if monitored else {fresh.request_id}
    lab.require(pairs.check(lab.history, passed=emitting, channel=route.channel))
    lab.require(delivery.check(lab.history, expected=delivery.expected_of(emitting), channel=route.channel))


@pytest.mark.clause("A1")
@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_without_a_database_a_plugin_is_not_changed_one_by_one(lab: Lab, method: str) -> None:
    verb = {"PATCH": "update", "PUT": "create or update", "DELETE": "remove"}[method]
    route = lab.monitored_route(event_flush_interval=0.1)
    before = lab.admin.plugins()
    [plugin] = [p for p in before if p["config"]["redis_event_channel"] == route.channel]
    change = {"config": {"enable_event_monitoring": False, "event_sampling_rate": 0.0}}
    answer = lab.admin.request(method, f"/plugins/{plugin['id']}", json=change)
    assert answer.status_code == 405
    assert answer.json() == {
        "code": 12,
        "name": "operation unsupported",
        "message": f"cannot {verb} 'plugins' entities when not using a database",
    }
    assert lab.admin.plugins() == before
    exchange = lab.post(route)
    events = lab.flushed_events(route, 2)
    assert [event["request_id"] for event in events] == [exchange.request_id] * 2


def lab_post(lab: Lab, route: LabRoute, text: str, headers: dict[str, str]) -> tuple[int, str, str]:
    """Status, request id and text of a reply; over a client of its own, since several wait at once."""
    with http_client(lab.stack.addresses.gateway_url, timeout_s=30) as client:
        reply = client.post(route.path, json=conversation(f"look at {text} please"), headers=headers)
    return reply.status_code, reply.headers["X-Kong-Request-Id"], reply.text


def plot(lab: Lab, start_ns: int, ruled: list[Reign], ledger: list[tuple[int, int]]) -> None:
    arrivals = [op.time_ns for op in lab.history.ops(f="event")]
    ends_ns = [*(reign.posted_ns for reign in ruled[1:]), max(arrivals)]
    lab.evidence.plot(
        EventsPlot(
            title="events while the configuration changes under traffic",
            received_s=tuple((at - start_ns) / 1e9 for at in arrivals),
            ledger_s=tuple((at - start_ns) / 1e9 for at, _ in ledger),
            ledger=(("sampled", tuple(float(count - ledger[0][1]) for _, count in ledger)),),
            bands=tuple(
                Band(
                    start_s=max(0.0, (reign.alone_ns - start_ns) / 1e9),
                    end_s=(end - start_ns) / 1e9,
                    label=reign.name,
                )
                for reign, end in zip(ruled, ends_ns, strict=True)
            ),
        )
    )
