"""Events have the documented shape, name their route and service, and carry the gateway's own request id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import events_schema
from fixtures.gateway_config import SERVICE_NAME
from fixtures.lab.exchange import REQUEST_ID_HEADER
from fixtures.lab.prompts import conversation
from fixtures.stack.component import ROOT
from system.upstream.protocol import Answer, Script
from tests.events.traffic import CONNECTIONS, arrived, send_many

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab

SCHEMA = ROOT / "docs" / "event.schema.json"


@pytest.mark.clause("E3")
@pytest.mark.parametrize("batch_size", [1, 7], ids=["single", "batch"])
def test_messages_of_every_kind_of_request_follow_the_published_schema(lab: Lab, batch_size: int) -> None:
    route = lab.monitored_route(
        event_batch_size=batch_size, event_flush_interval=0.2, max_response_size=50_000
    )
    everything = "; ".join(canary.text for canary in lab.canaries.one_of_each())
    lab.post(route, conversation(everything))
    lab.post(route, conversation(everything, stream=True))
    lab.post(route, conversation("nothing"), without_canary="nothing was to be found")
    lab.post(route, b"", method="GET", without_canary="there is no body")
    lab.post(route, script=Script(answer=Answer.ERROR, status=429))
    lab.post(route, script=Script(answer=Answer.SIZE, size_bytes=60_000))
    lab.post(route, script=Script(answer=Answer.SIZE, size_bytes=60_000, stream=True))
    lab.post(route, script=Script(content_encoding="gzip"))
    count = len(send_many(lab, route)) + 8
    events = arrived(lab, route, 2 * count)
    lab.require(events_schema.check(lab.history, schema=SCHEMA, channel=route.channel))
    # What the schema allows and these requests must have made come true.
    unmasked = [event["details"] for event in events if event["event_type"] == "data_unmasked"]
    assert {details.get("skipped") for details in unmasked} == {None, "too_large", "encoding"}
    assert any(details["truncated"] for details in unmasked)
    assert len({kind for event in events for kind in event["details"]["patterns"]}) >= 10


@pytest.mark.clause("E3")
def test_an_event_says_when_where_and_by_whom(lab: Lab) -> None:
    first, second = (lab.monitored_route(event_flush_interval=0.1) for _ in range(2))
    node = lab.admin.root()["node_id"]
    workers = set(range(lab.stack.options.workers))
    for route in (first, second):
        exchange = lab.post(route)
        began_s, ended_s = (
            lab.history.anchor.wall_of(at) for at in (exchange.started_ns, exchange.finished_ns)
        )
        masked, unmasked = arrived(lab, route, 2)
        for event, action in ((masked, "mask"), (unmasked, "unmask")):
            assert event["details"]["action"] == action
            assert event["route"] == route.route.name
            assert event["service"] == SERVICE_NAME
            assert event["source"]["node"] == node
            assert event["source"]["worker"] in workers
        # The gateway's clock shows milliseconds and moves once per turn of its event loop; the response's last byte
        # may reach the client a moment before the request is logged.
        assert began_s - 0.01 <= masked["timestamp"] <= unmasked["timestamp"] <= ended_s + 0.25
        lab.evidence.figure(
            "timestamp after the request began", masked["timestamp"] - began_s, "s", clause="E3"
        )


@pytest.mark.clause("E4")
def test_the_request_id_is_the_one_that_client_and_upstream_are_shown(lab: Lab) -> None:
    route = lab.monitored_route(event_flush_interval=0.1)
    claimed = "0123456789abcdef0123456789abcdef"
    for headers in ({}, {REQUEST_ID_HEADER: claimed}, {"X-Request-Id": claimed, REQUEST_ID_HEADER: ""}):
        exchange = lab.post(route, headers=headers)
        assert exchange.upstream.header(REQUEST_ID_HEADER) == exchange.request_id
        assert exchange.request_id != claimed
    events = arrived(lab, route, 6)
    shown = [event["request_id"] for event in events]
    assert claimed not in shown
    assert set(shown) == _ids_shown(lab)
    lab.evidence.figure("ids shown to clients", len(_ids_shown(lab)))


@pytest.mark.clause("E4")
def test_every_request_has_an_id_of_its_own(lab: Lab) -> None:
    ids = send_many(lab, lab.route(), rounds=8)
    assert lab.evidence.figure("different ids", len(set(ids)), equals=8 * CONNECTIONS).holds


def _ids_shown(lab: Lab) -> set[str]:
    return {pair.completion.value["request_id"] for pair in lab.history.pairs("request") if pair.completion}
