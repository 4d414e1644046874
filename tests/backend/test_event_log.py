"""K3 and K4: how many lines, and what is in them."""

import json
import math
import time
from typing import Any

import pytest

from tests.backend.events import batch, encoded, event, events
from tests.backend.rig import PRODUCTION_LINE, Backend, Rig, publish

IDENTIFIERS = {
    "instance": "i-0123456789abcdef0",
    "bucket": "acme-payroll-bucket",
    "arn": "arn:aws:iam::123456789012:role/Admin",
    "account": "123456789012",
    "address": "10.11.12.13",
    "host": "ip-10-11-12-13",
    "key": "AKIAIOSFODNN7EXAMPLE",
    "vpc": "vpc-0a1b2c3d",
}


def hostile(seq: int, identifier: str) -> dict[str, Any]:
    """A valid event with an identifier wherever text is allowed, and in fields that nobody asked for."""
    document = event(seq)
    document |= {"service": identifier, "route": identifier, "event_id": identifier, identifier: identifier}
    document["details"] |= {"original_text": identifier, identifier: 1, "note": {"deep": [identifier]}}
    document["details"]["patterns"] = {identifier: 1, "ec2": 1}
    document["source"] |= {"node": identifier, "boot": identifier, "extra": identifier}
    return document


def malformed(identifier: str) -> list[bytes]:
    """Invalid messages with an identifier in values, keys, types and as the whole."""
    bad_values = event(1) | {"request_id": identifier}
    bad_key = event(1)
    bad_key["details"]["patterns"] = {identifier: "many"}
    return [
        identifier.encode(),
        encoded(identifier),
        encoded({identifier: identifier}),
        encoded(bad_values),
        encoded(event(1) | {"event_type": identifier}),
        encoded(bad_key),
        batch([bad_values, bad_key, identifier]),
        batch([identifier] * 200),
    ]


def held_back(backend: Backend) -> int:
    """Sum of the counts of all lines that count held-back lines (JSON lines of production)."""
    lines = [json.loads(line) for line in backend.lines() if line.startswith("{")]
    return sum(line["count"] for line in lines if line["event"] == "event lines held back")


@pytest.mark.clause("K3")
@pytest.mark.parametrize(
    "limit",
    [
        pytest.param(0, marks=pytest.mark.thorough),
        pytest.param(1, marks=pytest.mark.thorough),
        pytest.param(50, marks=pytest.mark.thorough),
        100,
    ],
)
def test_no_second_has_more_lines_than_the_limit_and_the_rest_is_counted(rig: Rig, limit: int) -> None:
    count = 1_000
    rig.start_redis()
    control = rig.redis()
    setting = {} if limit == 100 else {"EVENT_LOG_RATE_LIMIT": str(limit)}  # 100 is the default
    backend = rig.subscribed_backend(NODE_ENV="production", **setting)
    begun = time.monotonic()
    for first in range(1, count + 1, 100):
        publish(control, batch(events(range(first, first + 100))))
    backend.until_received(count // 100)
    stats = backend.client.stats()
    elapsed_s = time.monotonic() - begun
    written = len(backend.production_events())
    # In a time of E seconds no more than floor(E) + 1 spans of a second begin one after another.
    assert limit <= written <= limit * (math.floor(elapsed_s) + 1)
    assert stats.log.written == written
    assert stats.log.written + stats.log.rate_limited == count
    backend.until(lambda: held_back(backend) == count - written, "the line that counts the rest, by itself")


@pytest.mark.thorough
@pytest.mark.clause("K3")
def test_the_limit_holds_again_for_the_next_second(rig: Rig) -> None:
    limit = 10
    rig.start_redis()
    control = rig.redis()
    backend = rig.subscribed_backend(NODE_ENV="production", EVENT_LOG_RATE_LIMIT=str(limit))
    begun = time.monotonic()
    publish(control, batch(events(range(1, 101))))
    backend.until(lambda: held_back(backend) == 90, "the first count")
    publish(control, batch(events(range(101, 201))))
    backend.until_received(2)
    spans = math.floor(time.monotonic() - begun) + 1
    assert 2 * limit <= len(backend.production_events()) <= spans * limit
    backend.end()
    assert held_back(backend) + len(backend.production_events()) == 200


@pytest.mark.thorough
@pytest.mark.clause("K4")
def test_production_writes_type_request_and_time_and_nothing_more(rig: Rig) -> None:
    rig.start_redis()
    control = rig.redis()
    backend = rig.subscribed_backend(NODE_ENV="production")
    sent = [event(1), event(2, masked=False), *(hostile(9, text) for text in IDENTIFIERS.values())]
    sent[1]["details"]["processing_time_ms"] = 0.0004
    sent[2]["details"]["processing_time_ms"] = 12_345
    for item in sent:
        publish(control, encoded(item))
    backend.until_received(len(sent))
    backend.end()
    lines = backend.production_events()
    matches = [PRODUCTION_LINE.fullmatch(line) for line in lines]
    assert [match and match.groups() for match in matches] == [
        (item["event_type"], item["request_id"], f"{item['details']['processing_time_ms']:.3f}")
        for item in sent
    ]
    others = [json.loads(line) for line in backend.lines() if line not in lines]
    assert {line["event"] for line in others} == {"serving", "subscribed", "stopped"}


@pytest.mark.clause("K4")
def test_development_writes_details(rig: Rig) -> None:
    rig.start_redis()
    backend = rig.subscribed_backend(NODE_ENV="development")
    item = event(1)
    publish(rig.redis(), encoded(item))
    backend.until_received(1)
    (line,) = [line for line in backend.lines() if item["request_id"] in line]
    for detail in (
        "data_masked",
        "pattern_count=3",
        "ec2:2,s3:1",
        "processing_time_ms=1.25",
        "bytes=512",
        "seq=1",
    ):
        assert detail in line


@pytest.mark.clause("K4", "M1")
@pytest.mark.parametrize("node_env", [pytest.param("development", marks=pytest.mark.thorough), "production"])
def test_no_identifier_is_shown_whatever_the_events_contain(rig: Rig, node_env: str) -> None:
    rig.start_redis()
    control = rig.redis()
    backend = rig.subscribed_backend(NODE_ENV=node_env, LOG_LEVEL="debug", EVENT_LOG_RATE_LIMIT="10000")
    payloads: list[bytes] = []
    for number, identifier in enumerate(IDENTIFIERS.values(), 2):
        payloads += [
            encoded(hostile(number, identifier)),
            batch([hostile(1, identifier)]),
            *malformed(identifier),
        ]
    for payload in payloads:
        assert publish(control, payload) == 1
    backend.until_received(len(payloads))
    assert backend.client.stats().events.received >= 2 * len(IDENTIFIERS)
    shown = {
        "/health": backend.client.health().model_dump_json(),
        "/stats": backend.client.stats().model_dump_json(),
        "/events/recent": json.dumps(backend.client.recent(limit=1_000)),
    }
    backend.end()
    shown["log"] = backend.log.read_text()
    found = [(where, name) for where, text in shown.items() for name, it in IDENTIFIERS.items() if it in text]
    assert found == []


@pytest.mark.thorough
@pytest.mark.clause("K4")
def test_below_the_level_info_no_event_line_is_written_and_none_counts_as_held_back(rig: Rig) -> None:
    rig.start_redis()
    backend = rig.subscribed_backend(NODE_ENV="production", LOG_LEVEL="warning", EVENT_LOG_RATE_LIMIT="1")
    publish(rig.redis(), batch(events(range(1, 51))))
    backend.until_received(1)
    assert backend.end().status == 0
    assert backend.lines() == []
