"""No event of a stream waits for the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from system.upstream.protocol import Framing
from tests.restoring.scene import answering, scene

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab
from fixtures.promises import promised

ARRIVAL_TIMEOUT_S = 5.0
ISSUED = 12
DELTA = (
    b"event: content_block_delta\n"
    b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"%s"}}\n\n'
)
STOP = b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'
# What a delta ends in, and how much of it may still become one of AWS_EC2_001 to 012, the issued ones.
HELD = {
    b"a sentence.": b"",
    b"aws_ec2_001": b"",
    b"A": b"A",
    b"AWS_": b"AWS_",
    b"AWS_EC2_01": b"AWS_EC2_01",
    b"AWS_AWS_EC2_00": b"AWS_EC2_00",
    b"AWS_EC2_0011": b"",
    b"AWS_EC2_013": b"",
    b"AWS_VPC_": b"",
    b"AWS_EC2_001 ": b"",
    b"AWS_EC2_001\\n": b"",
}


@pytest.mark.clause("U4", "U1")
@pytest.mark.parametrize("framing", list(Framing))
def test_all_of_a_delta_but_a_possible_placeholder_arrives_before_the_next_is_sent(
    lab: Lab, framing: Framing
) -> None:
    route, said = lab.route(), scene(lab, ec2=ISSUED)
    for end, held in HELD.items():
        begun = DELTA % (b"see AWS_EC2_012, then " + end)
        rest = DELTA % b"1 and on" + STOP
        now = said.restored(DELTA % (b"see AWS_EC2_012, then " + end.removesuffix(held)))
        if not held:
            now = said.restored(begun)
        later = said.restored(DELTA % (held + b"1 and on")) + STOP
        script = answering(begun + rest, stream=True, framing=framing, hold_after_bytes=len(begun))
        with lab.upstream.scripted(script) as handle:
            headers = {"Content-Type": "application/json", **handle.headers}
            timeout = httpx.Timeout(30.0, read=ARRIVAL_TIMEOUT_S)
            with lab.client.stream(
                "POST", route.path, content=said.prompt, headers=headers, timeout=timeout
            ) as response:
                pieces = response.iter_raw()
                arrived = b""
                with promised("what begins no placeholder is held back", httpx.ReadTimeout):
                    while len(arrived) < len(now):
                        arrived += next(pieces)
                handle.release()
                whole = arrived + b"".join(pieces)
        assert arrived == now, f"behind {end!r}"
        assert whole == now + later, f"behind {end!r}"
    longest = max(len(held) for held in HELD.values())
    assert lab.evidence.figure("most bytes held back", longest, "bytes", at_most=len(b"AWS_EC2_012")).holds


@pytest.mark.clause("U5", "U1")
def test_a_stream_beyond_the_limit_passes_and_says_so(lab: Lab) -> None:
    said = scene(lab, ec2=3)
    events = [DELTA % text for text in (b"AWS_EC2_001 AWS_E", b"C2_002 and", b" AWS_EC2_003", b"AWS_EC2_001")]
    stream = b"".join(events)
    # The limit lies behind the first half of the second placeholder, which is restored all the same.
    limit = len(events[0])
    route = lab.monitored_route(max_response_size=limit)
    exchange = lab.post(
        route, said.prompt, script=answering(stream, stream=True, framing=Framing.CHUNKED, chunk_bytes=11)
    )
    first = said.restored(DELTA % b"AWS_EC2_001 ") + said.restored(DELTA % b"AWS_EC2_002 and")
    assert exchange.body == first + b"".join(events[2:])
    (unmasked,) = (e["details"] for e in lab.flushed_events(route, 2) if e["event_type"] == "data_unmasked")
    assert (unmasked["truncated"], unmasked["pattern_count"], unmasked["residual"]) == (True, 2, 0)
