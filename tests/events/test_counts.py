"""What an event counts is what an independent look at the bytes counts, and its times were measured."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.checkers import masking_diff
from fixtures.checkers.received import MASKED, UNMASKED
from fixtures.lab.prompts import conversation, padded_to, to_bytes
from system.upstream.protocol import Answer, Framing, Script
from tests.events.traffic import arrived

if TYPE_CHECKING:
    from fixtures.lab.exchange import Exchange
    from fixtures.lab.lab import Lab, LabRoute

MB = 1_000_000
# Nothing reads 5 MB in less: that would be 50 GB/s, more than one core's memory bandwidth.
FASTEST_5_MB_MS = 0.1


@pytest.mark.clause("E5")
def test_counts_equal_an_independent_diff_of_sent_and_received(lab: Lab) -> None:
    route = lab.monitored_route(event_flush_interval=0.1)
    each = [canary.text for canary in lab.canaries.one_of_each()]
    one, other = lab.canary("ec2").text, lab.canary("ec2").text
    for body in (
        to_bytes(conversation(one)),
        to_bytes(conversation("; ".join(each))),
        # One identifier several times is several spans; another between them, and one in the system prompt.
        to_bytes(conversation(f"{one} {other} {one} {one}", system=f"about {one}")),
        to_bytes(conversation("; ".join(each), "; ".join(each), one, "; ".join(reversed(each)), other)),
        padded_to(200_000, one),
    ):
        exchange = lab.post(route, body, script=Script(answer=Answer.ECHO_BODY))
        masked, unmasked = _details(lab, route, exchange)
        lab.require(masking_diff.check(exchange.sent, exchange.upstream.body, masked))
        _require_restored(lab, exchange, masked, unmasked)


@pytest.mark.clause("E5")
def test_a_placeholder_that_was_never_issued_counts_as_residual(lab: Lab) -> None:
    route = lab.monitored_route(event_flush_interval=0.1)
    exchange = lab.post(
        route,
        script=Script(answer=Answer.TEXT, text="AWS_EC2_001 AWS_EC2_002 AWS_EC2_001 AWS_S3_001 AWS_EC2"),
    )
    assert "AWS_EC2_002" in exchange.reply_text
    _, unmasked = _details(lab, route, exchange)
    assert lab.evidence.figure("restored", unmasked["pattern_count"], equals=2).holds
    assert unmasked["patterns"] == {"ec2": 2}
    assert lab.evidence.figure("residual", unmasked["residual"], equals=2).holds


@pytest.mark.clause("E5")
def test_bytes_are_those_of_the_bodies_however_they_travel(lab: Lab) -> None:
    route = lab.monitored_route(event_flush_interval=0.1)
    for size, chunked, script in (
        (3_000, True, Script(answer=Answer.ECHO_BODY, chunk_bytes=700)),
        (120_000, True, Script(answer=Answer.ECHO_BODY)),
        (120_000, False, Script(answer=Answer.ECHO_BODY, framing=Framing.CHUNKED, chunk_bytes=9_000)),
    ):
        exchange = lab.post(route, padded_to(size, lab.canary().text), chunked=chunked, script=script)
        masked, unmasked = _details(lab, route, exchange)
        assert masked["bytes"] == size
        assert unmasked["bytes"] == len(exchange.upstream.body)
        assert exchange.body == exchange.sent


@pytest.mark.clause("E5")
def test_the_time_for_a_5_mb_body_is_measured_and_plausible(lab: Lab) -> None:
    route = lab.monitored_route(event_flush_interval=0.1)
    exchange = lab.post(route, padded_to(5 * MB, lab.canary().text), script=Script(answer=Answer.ECHO_BODY))
    assert exchange.body == exchange.sent
    for direction, details in zip(("mask", "unmask"), _details(lab, route, exchange), strict=True):
        time_ms = details["processing_time_ms"]
        assert details["bytes"] >= 4.9 * MB
        # What takes part of a request takes less than the whole of it, as the client saw it.
        assert lab.evidence.figure(
            f"time to {direction} 5 MB",
            time_ms,
            "ms",
            at_least=FASTEST_5_MB_MS,
            below=exchange.elapsed_s * 1e3,
        ).holds


@pytest.mark.clause("E5")
def test_the_time_for_a_small_body_is_measured_too(lab: Lab) -> None:
    route = lab.monitored_route(event_flush_interval=0.1)
    times = []
    for _ in range(10):
        exchange = lab.post(route)
        for details in _details(lab, route, exchange):
            assert 0 < details["processing_time_ms"] < exchange.elapsed_s * 1e3
            times.append(details["processing_time_ms"])
    # A clock that moves in steps would show few different times.
    assert lab.evidence.figure("different times among 20", len(set(times)), at_least=15).holds
    lab.evidence.figure("longest time for a small body", max(times), "ms")


def _details(lab: Lab, route: LabRoute, exchange: Exchange) -> tuple[dict[str, Any], dict[str, Any]]:
    """Details of the exchange's `data_masked` and `data_unmasked`, the last two of its route."""
    so_far = len([pair for pair in lab.history.pairs("request") if pair.completion])
    events = arrived(lab, route, 2 * so_far)
    of_type = {
        event["event_type"]: event["details"]
        for event in events
        if event["request_id"] == exchange.request_id
    }
    return of_type[MASKED], of_type[UNMASKED]


def _require_restored(lab: Lab, exchange: Exchange, masked: dict[str, Any], unmasked: dict[str, Any]) -> None:
    """The upstream echoed the masked body: whatever placeholder it got came back and was restored."""
    echoed = re.findall(masking_diff.PLACEHOLDER, exchange.upstream.body)
    assert exchange.body == exchange.sent
    count = unmasked["pattern_count"]
    assert lab.evidence.figure("restored as stated", count, equals=len(echoed)).holds
    assert Counter(unmasked["patterns"]) == Counter(masked["patterns"])
    assert unmasked["residual"] == 0
    assert unmasked["bytes"] == len(exchange.upstream.body)
