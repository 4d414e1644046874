"""What the backend says of the gateway's traffic: its counts, its log lines, its recent events, its own analysis."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.checkers.base import Figure, conclude
from fixtures.lab.prompts import conversation, to_bytes
from tests.chain.watched import CHANNEL, Chain

if TYPE_CHECKING:
    from fixtures.checkers.base import Verdict
    from fixtures.checkers.received import ReceivedEvent
    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack
    from tests.chain.watched import Change

PRODUCTION_LINE = re.compile(r"\[(\w+)\] (\S+) - (\d+\.\d{3}ms)")
LIMIT = 20


@pytest.mark.clause("K5", "K2")
@pytest.mark.parametrize("batch_size", [1, 10])
def test_the_backends_counts_are_the_taps_and_the_ledgers(lab: Lab, batch_size: int) -> None:
    with Chain(lab, event_batch_size=batch_size) as chain:
        chain.send_many(at_once=20)
        change = chain.finish()
        assert chain.backend.health().status == "ok"
        assert chain.backend.health().redis.subscribed
        lab.require(counts_agree(chain, change))
        recent = chain.backend.recent(limit=30)
        assert [shown(item) for item in recent] == [of(event) for event in chain.events[-30:]]


@pytest.mark.clause("K4", "K3")
def test_in_production_every_event_is_one_line_of_type_request_and_time_or_counted_as_held_back(
    lab: Lab,
) -> None:
    with Chain(lab, event_batch_size=10) as chain:
        chain.send_many(at_once=32)
        change = chain.finish()
        written, held_back = change.lines
        chain.until_held_back_is_told()
        lines = chain.lines()
    plain = [line for line in lines if not line.startswith("{")]
    assert written + held_back == len(chain.events) == 64
    assert len(plain) == written > 0
    expected = {
        f"[{event.event_type}] {event.request_id} - {event.details['processing_time_ms']:.3f}ms"
        for event in chain.events
    }
    assert all(PRODUCTION_LINE.fullmatch(line) for line in plain)
    assert set(plain) <= expected
    assert lab.evidence.figure("event lines written", written, at_most=64, clause="K4").holds


@pytest.mark.thorough
@pytest.mark.clause("K3", "K4")
def test_in_development_lines_have_details_and_no_more_come_than_the_limit_allows(
    make_stack: MakeStack, make_lab: MakeLab
) -> None:
    lab = make_lab(make_stack(backend_env={"NODE_ENV": "development", "EVENT_LOG_RATE_LIMIT": str(LIMIT)}))
    with Chain(lab, event_batch_size=10) as chain:
        begun_s = time.monotonic()
        chain.send_many(at_once=50)
        change = chain.finish()
        elapsed_s = time.monotonic() - begun_s
        written, held_back = change.lines
        chain.until_held_back_is_told()
        lines = [line for line in chain.lines() if "masking event" in line]
    lab.require(counts_agree(chain, change), clause="K3")
    assert written + held_back == len(chain.events) == 100
    assert len(lines) == written
    # In a time of E seconds no more than floor(E) + 1 spans of a second begin one after another.
    most = LIMIT * (math.floor(elapsed_s) + 1)
    assert lab.evidence.figure(
        "event lines written", written, at_least=LIMIT, at_most=most, clause="K3"
    ).holds
    events = {(event.request_id, event.event_type): event for event in chain.events}
    for line in lines:
        fields = dict(part.split("=", 1) for part in line.split() if "=" in part)
        event = events[fields["request_id"], fields["event_type"]]
        assert int(fields["seq"]) == event.seq
        assert int(fields["bytes"]) == event.details["bytes"]
        assert fields["patterns"].strip('"') == "ec2:1"


@pytest.mark.clause("K5", "M1")
@pytest.mark.parametrize("stream", [False, True], ids=["at once", "streamed"])
def test_an_analysis_goes_through_the_gateway_and_comes_back_restored(lab: Lab, stream: bool) -> None:
    canary, mark = lab.canary(), lab.upstream.last_index()
    with Chain(lab) as chain:
        answer = chain.backend.analyze(to_bytes(conversation(f"look at {canary.text}", stream=stream)))
        change = chain.finish()
    assert answer.status_code == 200
    text = answer.text if not stream else "".join(re.findall(r'"text": ?"([^"]*)"', answer.text))
    assert canary.identifier in text
    [capture] = lab.upstream.captures(after=mark)
    assert b"AWS_EC2_001" in capture.body
    assert change.by_type == {"data_masked": 1, "data_unmasked": 1}
    assert {event.request_id for event in chain.events} == {answer.headers["X-Kong-Request-Id"]}


@pytest.mark.clause("M4")
def test_what_the_gateway_refuses_an_analysis_is_refused_with_in_the_same_words(lab: Lab) -> None:
    with Chain(lab) as chain:
        body = b'{"broken": ' + lab.canary().identifier.encode()
        through = chain.backend.analyze(body)
        change = chain.finish()
    direct = lab.post("/analyze-claude", body)
    assert (through.status_code, direct.status) == (400, 400)
    assert through.json()["message"] == direct.json()["message"]
    assert through.json()["request_id"] == through.headers["X-Kong-Request-Id"]
    assert change.by_type == {}
    assert chain.events == []


def counts_agree(chain: Chain, change: Change) -> Verdict:
    """Judges that backend, tap and ledger count the same events and messages."""
    events, ledger = chain.events, chain.ledger_change()
    received = [op.value for op in chain.history.ops(f="message") if op.value["channel"] == CHANNEL]
    forms = {
        "single": sum(value.get("wrapped") is False for value in received),
        "batch": sum(value.get("wrapped") is True for value in received),
    }
    by_type: dict[str, int] = {}
    for event in events:
        by_type[event.event_type] = by_type.get(event.event_type, 0) + 1
    told = sum(change.by_type.values())
    published = ledger.get("events.published", 0)
    measured = [
        Figure(
            "events at the backend", told, bound=f"{len(events)} at the tap", holds=change.by_type == by_type
        ),
        Figure(
            "events in the ledger",
            published,
            bound=f"{len(events)} at the tap",
            holds=published == len(events),
        ),
    ]
    for form, count in forms.items():
        read = change.messages.get(form, 0)
        measured.append(Figure(f"{form} messages", read, bound=f"{count} at the tap", holds=read == count))
    whole = sum(forms.values())
    sent = ledger.get("messages.published", 0)
    measured.append(Figure("messages in the ledger", sent, bound=f"{whole} at the tap", holds=sent == whole))
    measured.append(Figure("lost", change.lost, bound="0", holds=change.lost == 0))
    return conclude("backend, tap and ledger", measured)


def shown(item: dict[str, Any]) -> tuple[Any, ...]:
    """An event as the backend shows it."""
    keys = ("event_type", "request_id", "worker", "seq", "pattern_count", "bytes")
    return tuple(item[key] for key in keys)


def of(event: ReceivedEvent) -> tuple[Any, ...]:
    """The same of an event as the tap received it."""
    details = event.details
    source = event.source
    return (
        event.event_type,
        event.request_id,
        source.worker,
        event.seq,
        details["pattern_count"],
        details["bytes"],
    )
