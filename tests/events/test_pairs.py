"""A sampled request emits one `data_masked` and, once its response passed, `data_unmasked`; a refused one neither."""

from __future__ import annotations

import dataclasses
import gzip
import socket
import struct
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from fixtures.checkers import delivery, pairs
from fixtures.checkers.received import MASKED, UNMASKED
from fixtures.lab.prompts import conversation, padded_to, to_bytes
from fixtures.stack.base import Component
from fixtures.stack.ports import HOST, PortBlock
from system.upstream.protocol import Answer, Script
from tests.events.traffic import arrived, send_many

if TYPE_CHECKING:
    from fixtures.lab.exchange import Exchange
    from fixtures.lab.lab import Lab, LabRoute
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

NOTHING_IN_IT = "nothing to mask is the point"
BATCHED = {"event_batch_size": 10, "event_flush_interval": 0.2}
# How much of a response is sent before the upstream holds the rest back.
FIRST_BYTES = 20_000


@pytest.mark.clause("E2")
def test_each_of_many_requests_emits_one_event_of_each_type(lab: Lab) -> None:
    route = lab.monitored_route(**BATCHED)
    before = lab.ledger()
    ids = send_many(lab, route, rounds=6)
    arrived(lab, route, 2 * len(ids))
    lab.require(pairs.check(lab.history, passed=ids, channel=route.channel))
    expected = delivery.expected_of(ids)
    lab.require(delivery.check(lab.history, expected=expected, channel=route.channel))
    sampled = lab.ledger().change_since(before)["events.sampled"]
    assert lab.evidence.figure("events sampled in the ledger", sampled, equals=2 * len(ids)).holds


@pytest.mark.clause("E2")
def test_requests_and_responses_of_every_kind_emit_both_events_also_when_nothing_was_found(lab: Lab) -> None:
    route = lab.monitored_route(event_flush_interval=0.2)
    prompt = conversation("nothing to hide")
    exchanges = {
        "nothing found": lab.post(route, prompt, without_canary=NOTHING_IN_IT),
        "no body": lab.post(route, b"", method="GET", without_canary=NOTHING_IN_IT),
        "HEAD": lab.post(route, b"", method="HEAD", without_canary=NOTHING_IN_IT),
        "plain text": lab.post(
            route, b"text", headers={"Content-Type": "text/plain"}, without_canary=NOTHING_IN_IT
        ),
        "stream": lab.post(route, prompt | {"stream": True}, without_canary=NOTHING_IN_IT),
        "empty response": lab.post(
            route, prompt, script=Script(answer=Answer.RAW, raw=b"", status=204), without_canary=NOTHING_IN_IT
        ),
        "upstream's error": lab.post(
            route, prompt, script=Script(answer=Answer.ERROR, status=529), without_canary=NOTHING_IN_IT
        ),
        "upstream hangs up": lab.post(
            route, prompt, script=Script(break_before_head=True), without_canary=NOTHING_IN_IT
        ),
    }
    events = arrived(lab, route, 2 * len(exchanges))
    lab.require(pairs.check(lab.history, passed=_ids(exchanges.values()), channel=route.channel))
    rows = []
    for name, exchange in exchanges.items():
        masked, unmasked = _details(events, exchange.request_id)
        assert (masked["pattern_count"], masked["patterns"]) == (0, {}), name
        assert (unmasked["pattern_count"], unmasked["patterns"]) == (0, {}), name
        assert unmasked["status"] == exchange.status, name
        rows.append((name, exchange.status, masked["bytes"], unmasked["bytes"]))
    lab.evidence.table("requests without identifiers", ("kind", "status", "sent", "received"), rows)


@pytest.mark.clause("E2")
def test_data_unmasked_waits_until_the_response_has_passed(lab: Lab) -> None:
    route = lab.monitored_route(event_flush_interval=0.1)
    with lab.upstream.scripted(
        Script(answer=Answer.SIZE, size_bytes=100_000, hold_after_bytes=50_000)
    ) as script:
        with _half_read(lab, route, script.headers) as client:
            events = arrived(lab, route, 1)
            assert [event["event_type"] for event in events] == [MASKED]
            masked = events[0]
            # A second request's pair comes through meanwhile: the first one's second event is not merely late.
            other = lab.post(route)
            events = arrived(lab, route, 3)
            assert [event["request_id"] for event in events[1:]] == [other.request_id] * 2
            script.release()
            while client.recv(1 << 16):
                pass
        events = arrived(lab, route, 4)
    assert [event["event_type"] for event in events] == [MASKED, MASKED, UNMASKED, UNMASKED]
    assert events[3]["request_id"] == masked["request_id"]
    lab.require(
        pairs.check(lab.history, passed={masked["request_id"], other.request_id}, channel=route.channel)
    )


@pytest.mark.clause("E2")
def test_a_client_that_hangs_up_gets_its_pair_of_events_too(lab: Lab) -> None:
    route = lab.monitored_route(event_flush_interval=0.1)
    size = 5_000_000
    with lab.upstream.scripted(
        Script(answer=Answer.SIZE, size_bytes=size, hold_after_bytes=FIRST_BYTES)
    ) as script:
        with _half_read(lab, route, script.headers) as client:
            # RST instead of FIN: the gateway sees at once that nobody reads.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        script.release()
        events = arrived(lab, route, 2)
    lab.require(pairs.check(lab.history, passed={events[0]["request_id"]}, channel=route.channel))
    passed = events[1]["details"]["bytes"]
    assert lab.evidence.figure("response bytes until the client was gone", passed, "bytes", below=size).holds


@pytest.mark.clause("E2")
def test_an_upstream_that_cannot_be_reached_ends_in_502_with_both_events(lab: Lab) -> None:
    alive = lab.monitored_route(event_flush_interval=0.1)
    block = PortBlock()
    try:
        # A port that is ours and where nobody listens.
        dead = dataclasses.replace(alive.route, upstream_url=f"http://{HOST}:{block.take()}")
        lab.admin.apply(lab.config().with_routes(dead), lab.stack.addresses.gateway_url)
        exchange = lab.post(alive)
    finally:
        block.release()
    assert exchange.status == 502
    masked, unmasked = _details(arrived(lab, alive, 2), exchange.request_id)
    lab.require(pairs.check(lab.history, passed={exchange.request_id}, channel=alive.channel))
    assert masked["pattern_count"] == 1
    assert unmasked["status"] == 502
    assert unmasked["pattern_count"] == 0


@pytest.mark.clause("E2")
def test_a_refused_request_emits_nothing_and_is_counted_by_its_reason(lab: Lab) -> None:
    route = lab.monitored_route(max_request_size=2000, event_flush_interval=0.1)
    before = lab.ledger()
    canary = lab.canary().identifier
    large, text = padded_to(2001, lab.canary().text), conversation(lab.canary().text)
    compressed = gzip.compress(to_bytes(text))
    refused = [
        *(lab.post(route, large) for _ in range(3)),
        *(
            lab.post(
                route, compressed, headers={"Content-Encoding": "gzip"}, without_canary="it is compressed"
            )
            for _ in range(2)
        ),
        lab.post(route, b"[1, " + canary.encode()),
    ]
    _require_silent(lab, route, refused)
    assert [exchange.status for exchange in refused] == [413, 413, 413, 415, 415, 400]
    changes = lab.ledger().change_since(before)
    counted = {name: count for name, count in changes.items() if name.startswith("refused.")}
    assert counted == {"refused.too_large": 3, "refused.encoding": 2, "refused.not_json": 1}
    # Of the seven requests only the one that passed was sampled.
    assert lab.evidence.figure("events sampled", changes["events.sampled"], equals=2).holds


@pytest.mark.clause("E2")
def test_a_request_that_cannot_be_scanned_emits_nothing_and_is_counted(
    make_stack: MakeStack, make_lab: MakeLab
) -> None:
    # So low a limit lets the matcher give up within any text with a candidate, and none without.
    limit = {"KONG_NGINX_HTTP_LUA_REGEX_MATCH_LIMIT": "1"}
    stack = make_stack(gateway_env=limit, components=frozenset(Component) - {Component.BACKEND})
    lab = make_lab(stack)
    route = lab.monitored_route(event_flush_interval=0.1)
    texts = [canary.text for canary in lab.canaries.one_of_each()]
    refused = lab.post(route, conversation("; ".join(texts)))
    assert refused.status == 502
    assert refused.captures == ()
    passing = lab.post(route, b"", method="GET", without_canary=NOTHING_IN_IT)
    arrived(lab, route, 2)
    lab.require(
        pairs.check(
            lab.history, passed={passing.request_id}, refused={refused.request_id}, channel=route.channel
        )
    )
    counted = {name: n for name, n in lab.ledger().counters.items() if name.startswith("refused.") and n}
    assert counted == {"refused.scan": 1}


def _require_silent(lab: Lab, route: LabRoute, refused: list[Exchange]) -> None:
    """A request that passes is the fence: events leave in order, so those of the refused ones would be there."""
    passing = lab.post(route, conversation(lab.canary().text))
    assert passing.status == 200
    arrived(lab, route, 2)
    lab.require(
        pairs.check(lab.history, passed={passing.request_id}, refused=_ids(refused), channel=route.channel)
    )


def _ids(exchanges: Any) -> set[str]:
    return {exchange.request_id for exchange in exchanges}


def _details(events: list[dict[str, Any]], request_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Details of a request's `data_masked` and `data_unmasked`."""
    of_type = {event["event_type"]: event["details"] for event in events if event["request_id"] == request_id}
    return of_type[MASKED], of_type[UNMASKED]


def _half_read(lab: Lab, route: LabRoute, headers: dict[str, str]) -> socket.socket:
    """A client of its own that has read a part of the response; its connection ends with the response."""
    url = urlsplit(lab.stack.addresses.gateway_url)
    body = to_bytes(conversation(lab.canary().text))
    lines = [
        f"POST {route.path} HTTP/1.1",
        f"Host: {url.netloc}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    client = socket.create_connection((url.hostname or HOST, url.port or 80), timeout=10)
    client.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    received = 0
    while received < FIRST_BYTES // 2:
        received += len(client.recv(1 << 12))
    return client
