"""Restoring is a stream: what starts no placeholder arrives at once."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from fixtures.gateway_config import MaskerConfig
from fixtures.lab.prompts import conversation, to_bytes
from fixtures.stack.base import Component
from fixtures.statistics import ALPHA, quantile_interval
from system.upstream.protocol import Framing, Script
from tests.restoring.arrivals import ARRIVAL_TIMEOUT_S, arrive_in_two
from tests.restoring.scene import Scene, answering, scene

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab, LabRoute
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

# What the upstream has sent last, and how much of it may still become one of AWS_EC2_001 to 012, the issued ones.
HELD = {
    b"a sentence.": b"",
    b"aws_ec2_001": b"",
    b"AWS": b"AWS",
    b"AWS_EC2_0": b"AWS_EC2_0",
    b"AWS_EC2_01": b"AWS_EC2_01",
    b"AWS_AWS_EC2_00": b"AWS_EC2_00",
    b"AWS_NA": b"A",
    b"AWS_EC2_0011": b"",
    b"AWS_EC2_013": b"",
    b"AWS_EC2_02": b"",
    b"AWS_EC2_9": b"",
    b"AWS_VPC_": b"",
    b"AWS_S3_00": b"",
    b"AWS_EC2_001 ": b"",
}
ISSUED = 12
# A model that writes 100 tokens a second has the next one ready after this time: less is no delay.
TOKEN_DISTANCE_MS = 10.0
PAIRS = 60


@pytest.mark.clause("U4", "U1")
@pytest.mark.parametrize("framing", list(Framing))
def test_everything_but_a_possible_placeholder_arrives_before_more_is_sent(
    lab: Lab, framing: Framing
) -> None:
    _require_nothing_waits(lab, lab.route(), framing)
    longest = max(len(held) for held in HELD.values())
    assert lab.evidence.figure(
        "most bytes held back", longest, "bytes", at_most=len(b"AWS_EC2_012"), clause="U4"
    ).holds


@pytest.mark.clause("U4", "U1")
def test_on_a_route_that_buffers_the_documented_setting_lets_restored_text_through(
    make_stack: MakeStack, make_lab: MakeLab
) -> None:
    stack = make_stack(
        workers=1,
        components=frozenset({Component.GATEWAY, Component.UPSTREAM}),
        gateway_env={"KONG_NGINX_PROXY_POSTPONE_OUTPUT": "0"},
    )
    lab = make_lab(stack)
    (route,) = lab.add_routes(MaskerConfig(), response_buffering=True)
    _require_nothing_waits(lab, route, Framing.CHUNKED)


@pytest.mark.clause("U4")
def test_nothing_is_held_back_from_a_client_that_had_nothing_masked(lab: Lab) -> None:
    said = Scene(prompt=to_bytes(conversation("hello")), originals={})
    begun = b'data: {"text":"AWS_EC2_00'
    arrived, whole = arrive_in_two(lab, lab.route().path, said, begun, b'1"}\n\n', Framing.CHUNKED, begun)
    assert arrived == begun
    assert whole == begun + b'1"}\n\n'


@pytest.mark.clause("U4")
@pytest.mark.measures
def test_the_first_token_is_not_delayed(lab: Lab) -> None:
    route, said = lab.route(), scene(lab, ec2=3)
    delta = (
        b"event: content_block_delta\n"
        b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"%s"}}\n\n'
    )
    begun = delta % b"Certainly, "
    script = answering(
        begun + delta % b"AWS_EC2_001", stream=True, framing=Framing.CHUNKED, hold_after_bytes=len(begun)
    )
    masked_prompt = lab.post(route, said.prompt).upstream.body
    through_ms, direct_ms = [], []
    with httpx.Client(timeout=ARRIVAL_TIMEOUT_S, trust_env=False) as client:
        for number in range(PAIRS + 1):
            masked = _first_token_ms(
                lab, client, lab.stack.addresses.gateway_url + route.path, said.prompt, script
            )
            plain = _first_token_ms(lab, client, lab.stack.addresses.upstream_url, masked_prompt, script)
            if number:  # the first pair opens the connections
                through_ms.append(masked)
                direct_ms.append(plain)
    extra_ms = [through - direct for through, direct in zip(through_ms, direct_ms, strict=True)]
    lab.evidence.figure("median time to first token, direct", statistics.median(direct_ms), "ms")
    lab.evidence.figure(
        "median time to first token, through the gateway", statistics.median(through_ms), "ms"
    )
    # The whole interval of the median difference lies below the bound: wrong with a probability of 1e-6.
    interval = quantile_interval(extra_ms, 0.5)
    figure = lab.evidence.figure(
        "median delay of the first token, upper end",
        interval.high,
        "ms",
        below=TOKEN_DISTANCE_MS,
        false_alarm=ALPHA,
    )
    assert figure.holds


def _require_nothing_waits(lab: Lab, route: LabRoute, framing: Framing) -> None:
    said = scene(lab, ec2=ISSUED)
    for end, held in HELD.items():
        begun = b'data: {"text":"see AWS_EC2_012, then ' + end
        expected = said.restored(begun.removesuffix(held) if held else begun)
        arrived, whole = arrive_in_two(lab, route.path, said, begun, b'1 and on"}\n\n', framing, expected)
        assert arrived == expected, f"behind {end!r}"
        assert whole == said.restored(begun + b'1 and on"}\n\n'), f"behind {end!r}"


def _first_token_ms(lab: Lab, client: httpx.Client, url: str, prompt: bytes, script: Script) -> float:
    with lab.upstream.scripted(script) as handle:
        headers = {"Content-Type": "application/json", **handle.headers}
        started_ns = time.monotonic_ns()
        with client.stream("POST", url, content=prompt, headers=headers) as response:
            pieces = response.iter_raw()
            next(pieces)
            arrived_ns = time.monotonic_ns()
            # Whatever it waits for, the first token did not wait for the rest, which is sent only now.
            handle.release()
            for _ in pieces:
                pass
    return (arrived_ns - started_ns) / 1e6
