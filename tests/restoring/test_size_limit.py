"""`max_response_size`: what is beyond it passes as it is, and no placeholder is cut in half."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.checkers import restored_bytes
from system.upstream.protocol import Framing
from tests.restoring.scene import answering, scene

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab, LabRoute

LIMIT = 64
PLACEHOLDER = b"AWS_EC2_001"
# Begins like one that was issued, and was not.
UNKNOWN = b"AWS_EC2_0011"
TAIL = b" then AWS_EC2_002 and AWS_EC2_003."
FRAMINGS = (Framing.CHUNKED, Framing.CLOSE)


def _unmasked(lab: Lab, route: LabRoute, requests: int) -> list[dict[str, Any]]:
    """Details of what was reported of the responses, in order of arrival."""
    events = lab.flushed_events(route, 2 * requests)
    return [event["details"] for event in events if event["event_type"] == "data_unmasked"]


@pytest.mark.clause("U5")
@pytest.mark.parametrize(
    "placeholder",
    [PLACEHOLDER, pytest.param(UNKNOWN, marks=pytest.mark.thorough)],
    ids=["issued", "not issued"],
)
@pytest.mark.parametrize("framing", FRAMINGS)
def test_the_limit_inside_a_placeholder_cuts_it_at_no_byte(
    lab: Lab, framing: Framing, placeholder: bytes
) -> None:
    route, said = lab.monitored_route(max_response_size=LIMIT), scene(lab, ec2=3)
    expected_events = []
    for inside in range(-2, len(placeholder) + 3):
        # So many bytes of the placeholder are within the limit: one that begins within it is restored whole.
        start = LIMIT - inside
        head = (b"AWS_EC2_002 " + b"x" * LIMIT)[: start - 1] + b" " + placeholder
        body = head + TAIL
        scanned = head if inside > 0 else body[:LIMIT]
        expected = said.restored(scanned) + body[len(scanned) :]
        for cuts in ({}, {"cuts": [LIMIT]}, {"chunk_bytes": 1}):
            script = answering(body, framing=framing, **cuts)
            exchange = lab.post(route, said.prompt, script=script)
            assert exchange.body == expected, f"{inside} bytes of it within the limit, {cuts}"
            expected_events.append((True, None, len(body), *said.counts(scanned)))
    reported = [
        (one["truncated"], one.get("skipped"), one["bytes"], one["pattern_count"], one["residual"])
        for one in _unmasked(lab, route, len(expected_events))
    ]
    assert sorted(reported, key=str) == sorted(expected_events, key=str)
    lab.evidence.figure("alignments of the limit", len(expected_events))


@pytest.mark.clause("U5")
@pytest.mark.parametrize("framing", list(Framing))
def test_an_answer_of_exactly_the_limit_is_restored_whole(lab: Lab, framing: Framing) -> None:
    route, said = lab.monitored_route(max_response_size=LIMIT), scene(lab, ec2=3)
    body = b"AWS_EC2_001 AWS_EC2_002 ".ljust(LIMIT - len(PLACEHOLDER), b"x") + b"AWS_EC2_003"
    assert len(body) == LIMIT
    exchange = lab.post(route, said.prompt, script=answering(body, framing=framing))
    lab.require(restored_bytes.check(said.restored(body), exchange.body))
    (reported,) = _unmasked(lab, route, 1)
    assert (reported["truncated"], reported.get("skipped"), reported["pattern_count"]) == (False, None, 3)


@pytest.mark.clause("U5", "U3")
def test_an_answer_announced_as_larger_passes_unchanged(lab: Lab) -> None:
    route, said = lab.monitored_route(max_response_size=LIMIT), scene(lab, ec2=3)
    body = b"AWS_EC2_001 AWS_EC2_002 ".ljust(LIMIT, b"x") + b"."
    before = lab.ledger()
    exchange = lab.post(route, said.prompt, script=answering(body, chunk_bytes=5))
    lab.require(restored_bytes.check(body, exchange.body))
    assert exchange.headers["content-length"] == str(LIMIT + 1)
    assert "transfer-encoding" not in exchange.headers
    (reported,) = _unmasked(lab, route, 1)
    assert (reported["skipped"], reported["pattern_count"], reported["bytes"]) == ("too_large", 0, LIMIT + 1)
    assert lab.ledger().change_since(before).get("responses_skipped.too_large") == 1


@pytest.mark.clause("U5")
def test_the_default_limit_is_eight_mebibytes(lab: Lab) -> None:
    route, said = lab.monitored_route(), scene(lab, ec2=3)
    limit = 8_388_608
    head = b"x" * (limit - 5) + PLACEHOLDER
    exchange = lab.post(route, said.prompt, script=answering(head + TAIL, framing=Framing.CHUNKED))
    lab.require(restored_bytes.check(said.restored(head) + TAIL, exchange.body))
    (reported,) = _unmasked(lab, route, 1)
    assert (reported["truncated"], reported["pattern_count"]) == (True, 1)
