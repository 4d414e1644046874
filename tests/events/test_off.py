"""Without monitoring nothing is told to anybody, and monitoring changes no byte of the traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import delivery, restored_bytes
from fixtures.lab.exchange import REQUEST_ID_HEADER, Exchange
from fixtures.lab.prompts import conversation, padded_to, to_bytes
from fixtures.observers.redis_info import SUITE_CLIENT, RedisInfo
from fixtures.stack.base import Component
from system.upstream.protocol import Answer, Framing, Script
from tests.events.traffic import arrived, send_many

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab, LabRoute
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

# What differs between two requests in any case: the clock, the id, and how long it took.
VARYING = {
    "date",
    REQUEST_ID_HEADER.lower(),
    "x-kong-proxy-latency",
    "x-kong-response-latency",
    "x-kong-upstream-latency",
}

ECHO = Script(answer=Answer.ECHO_BODY, headers={"request-id": "the same"})
# A stream whose placeholders are cut, written out because the emulator's own answers carry fresh ids.
STREAM = Script(
    answer=Answer.RAW,
    raw=b"".join(
        b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
        b'"delta":{"type":"text_delta","text":"' + piece + b'"}}\n\n'
        for piece in (b"It is AWS_E", b"C2_0", b"01 and AWS_EC2_001", b" again, not AWS_EC2_002")
    ),
    headers={"request-id": "the same", "content-type": "text/event-stream"},
    framing=Framing.CHUNKED,
    chunk_bytes=13,
)
FAILURE = Script(
    answer=Answer.RAW,
    raw=b'{"type":"error","error":{"type":"overloaded_error","message":"AWS_EC2_001"}}',
    status=529,
    headers={"request-id": "the same", "content-type": "application/json"},
)


@pytest.mark.clause("E1")
def test_without_monitoring_redis_sees_neither_a_connection_nor_an_event(
    make_stack: MakeStack, make_lab: MakeLab
) -> None:
    # A backend would have connections of its own; another test's gateway may keep some for a minute.
    lab = make_lab(make_stack(components=frozenset(Component) - {Component.BACKEND}))
    addresses = lab.stack.addresses
    off = lab.route(enable_event_monitoring=False, event_sampling_rate=1.0)
    with RedisInfo(addresses.redis_host, addresses.redis_port, **addresses.redis_login) as redis:
        lab.tap.fence()
        received_before = redis.connections_received()
        count = len(send_many(lab, off, rounds=3))
        lab.tap.fence()
        opened = redis.connections_received() - received_before
        strangers = [
            client for client in redis.clients() if not client.subscriptions and client.name != SUITE_CLIENT
        ]
        lab.require(delivery.check_silence(lab.history, fences=lab.tap.fences))
        assert lab.evidence.figure("requests without monitoring", count, at_least=96).holds
        assert lab.evidence.figure("connections opened meanwhile", opened, equals=0).holds
        assert lab.evidence.figure("connections that are not the suite's", len(strangers), equals=0).holds
        assert lab.evidence.figure("events sampled", lab.ledger().sampled, equals=0).holds
        assert lab.evidence.figure("events waiting", lab.ledger().waiting, equals=0).holds

        # The same look sees the gateway as soon as monitoring is on: silence above was no deafness.
        on = lab.reconfigure(off, enable_event_monitoring=True)
        send_many(lab, on)
        arrived(lab, on, 2 * 32)
        assert lab.evidence.figure(
            "connections with monitoring on", len(redis.publishers()), at_least=1
        ).holds


@pytest.mark.clause("E1")
@pytest.mark.parametrize(
    ("kind", "script"),
    [
        ("json", ECHO),
        ("stream", STREAM),
        ("text", ECHO),
        ("spooled", ECHO),
        ("empty", ECHO),
        ("upstream error", FAILURE),
        ("refused", ECHO),
    ],
    ids=["json", "stream", "text", "spooled", "empty", "upstream error", "refused"],
)
def test_monitoring_changes_no_byte_for_client_or_upstream(lab: Lab, kind: str, script: Script) -> None:
    canary = lab.canary()
    body = {
        "json": to_bytes(conversation(f"{canary.text} and {canary.text}")),
        "stream": to_bytes(conversation(f"{canary.text}, again {canary.text}", stream=True)),
        "text": b"plain \xff " + canary.identifier.encode(),
        "spooled": padded_to(100_000, canary.text),
        "empty": b"",
        "upstream error": to_bytes(conversation(canary.text)),
        "refused": b'{"not json": ' + canary.identifier.encode(),
    }[kind]
    off = lab.route(enable_event_monitoring=False, event_flush_interval=0.1)
    # One script for both, since its name is a header that the upstream sees.
    with lab.upstream.scripted(script) as handle:
        headers = handle.headers | {"Content-Type": "text/plain" if kind == "text" else "application/json"}

        def post(route: LabRoute) -> Exchange:
            return lab.post(route, body, headers=headers, without_canary="" if body else "there is no body")

        without = post(off)
        on = lab.reconfigure(off, enable_event_monitoring=True)
        with_events = post(on)
    if kind != "refused":
        arrived(lab, on, 2)
    assert without.status == with_events.status
    assert _client_headers(without) == _client_headers(with_events)
    lab.require(restored_bytes.check(_body(without), _body(with_events), name="bytes to the client"))
    assert _upstream_heads(without) == _upstream_heads(with_events)
    assert len(without.captures) == (kind != "refused")
    for one, other in zip(without.captures, with_events.captures, strict=True):
        lab.require(restored_bytes.check(one.body, other.body, name="bytes to the upstream"))


def _body(exchange: Exchange) -> bytes:
    return exchange.body.replace(exchange.request_id.encode(), b"(request id)")


def _varies(name: str) -> bool:
    # The emulated limits tell the time at which they are reset.
    return name.lower() in VARYING or name.lower().startswith("anthropic-ratelimit-")


def _client_headers(exchange: Exchange) -> list[tuple[str, str]]:
    return [(name, value) for name, value in exchange.headers.multi_items() if not _varies(name)]


def _upstream_heads(exchange: Exchange) -> list[object]:
    heads: list[object] = []
    for capture in exchange.captures:
        headers = [(name, value) for name, value in capture.meta.headers if not _varies(name)]
        heads.append((capture.meta.method, capture.meta.target, capture.meta.http_version, headers))
    return heads
