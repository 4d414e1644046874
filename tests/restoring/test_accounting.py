"""Every placeholder of a response is counted: restored, or left and said so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.wait import eventually
from system.upstream.protocol import Framing
from tests.restoring.scene import PLACEHOLDER, answering, scene

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab

CUTS: list[dict[str, Any]] = [{}, {"chunk_bytes": 1}, {"chunk_bytes": 3}]
ANSWERS = {
    "issued": b"AWS_EC2_001 AWS_EC2_002AWS_EC2_001 AWS_S3_001.",
    "forged": b"AWS_EC2_004 AWS_EC2_0001 AWS_EC2_000 AWS_VPC_001 AWS_LITERAL_001.",
    "both": b"AWS_EC2_001AWS_EC2_0010AWS_AWS_EC2_002 AWS_EC2_01 AWS_EC2_0011 AWS_EC2_003 AWS_RDS_123456.",
    "at the end": b"AWS_EC2_0011 and AWS_EC2_001",
    "forged at the end": b"AWS_EC2_001 and AWS_EC2_0011",
    "none": b"no AWS_EC2_01 at all.",
}


@pytest.mark.clause("U6")
@pytest.mark.parametrize("framing", list(Framing))
def test_seen_is_restored_plus_residual_in_events_and_ledger(lab: Lab, framing: Framing) -> None:
    route, said = lab.monitored_route(), scene(lab, ec2=3, s3=1)
    seen_in_all = restored_in_all = 0
    before = lab.ledger()
    for answer in ANSWERS.values():
        for cuts in CUTS:
            already = len(lab.events(route))
            exchange = lab.post(route, said.prompt, script=answering(answer, framing=framing, **cuts))
            restored, residual = said.counts(answer)
            assert exchange.body == said.restored(answer)
            events = lab.flushed_events(route, already + 2)
            (unmasked,) = (
                e["details"]
                for e in events
                if e["request_id"] == exchange.request_id and e["event_type"] == "data_unmasked"
            )
            assert (unmasked["pattern_count"], unmasked["residual"]) == (restored, residual), answer
            assert sum(unmasked["patterns"].values()) == restored
            assert unmasked["bytes"] == len(answer)
            seen_in_all += len(PLACEHOLDER.findall(answer))
            restored_in_all += restored

    def counted() -> tuple[int, ...] | None:
        change = lab.ledger().change_since(before)
        names = ("placeholders_seen", "placeholders_restored", "placeholders_residual")
        found = tuple(change.get(name, 0) for name in names)
        return found if found[0] >= seen_in_all else None

    seen, restored, residual = eventually(
        counted, timeout_s=5.0, what=f"{seen_in_all} placeholders in the ledger"
    )
    assert lab.evidence.figure("placeholders seen", seen, equals=seen_in_all).holds
    assert lab.evidence.figure("placeholders restored", restored, equals=restored_in_all).holds
    assert lab.evidence.figure("residual", residual, equals=seen_in_all - restored_in_all).holds


@pytest.mark.clause("U6", "U1")
def test_placeholders_in_headers_are_restored_and_counted(lab: Lab) -> None:
    route, said = lab.monitored_route(), scene(lab, ec2=3)
    headers = {"location": "/instances/AWS_EC2_002", "x-note": "AWS_EC2_001AWS_EC2_009"}
    exchange = lab.post(route, said.prompt, script=answering(b"AWS_EC2_003", headers=headers))
    for name, value in headers.items():
        assert exchange.headers[name] == said.restored(value.encode()).decode()
    (unmasked,) = (e["details"] for e in lab.flushed_events(route, 2) if e["event_type"] == "data_unmasked")
    assert (unmasked["pattern_count"], unmasked["residual"]) == (3, 1)
