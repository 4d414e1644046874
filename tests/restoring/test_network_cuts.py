"""Placeholders are restored wherever the network cuts them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import restored_bytes
from fixtures.gateway_config import MaskerConfig
from system.upstream.protocol import Framing
from tests.restoring.scene import answering, scene

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.options import SuiteOptions

# Alone, adjacent, begun twice, beside multi-byte characters and escapes, longer than issued, unknown.
TEXT = (
    "AWS_EC2_001 AWS_EC2_002AWS_S3_001AWS_AWS_EC2_003 AWS_EC2_0AWS_EC2_001, é東AWS_PRIVATE_IP_001🗼"
    '\\u00e9AWS_EC2_002\\n\\"AWS_S3_001\\" AWS_EC2_0011 AWS_EC2_004 AWS_VPC_001 AWS_AWS_'
).encode()
JSON = b'{"type":"message","content":[{"type":"text","text":"' + TEXT + b'"}]}'
STREAM = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
    b'"delta":{"type":"text_delta","text":"' + TEXT + b'."}}\n\nevent: ping\ndata: {"type":"ping"}\n\n'
)
BODIES = {"json": JSON, "stream": STREAM}
ENDS = (b"A", b"AWS_", b"AWS_EC2_", b"AWS_EC2_00", b"AWS_EC2_001", b"AWS_EC2_0011", b"AWS_EC2_002")
MANY = 1002


@pytest.mark.clause("U1", "U3")
def test_a_placeholder_is_restored_when_the_network_cuts_it_at_any_byte(lab: Lab) -> None:
    route, said = lab.route(), scene(lab, ec2=3, s3=1, private_ip=1)
    expected = said.restored(JSON)
    for offset in range(JSON.index(b"AWS_"), len(JSON)):
        exchange = lab.post(
            route, said.prompt, script=answering(JSON, cuts=[offset], framing=Framing.CHUNKED)
        )
        assert exchange.body == expected, f"cut at byte {offset}"
    lab.evidence.figure("offsets at which an answer was cut", len(JSON) - JSON.index(b"AWS_"))


@pytest.mark.clause("U1", "U3")
@pytest.mark.parametrize(
    "buffering", [False, pytest.param(True, marks=pytest.mark.thorough)], ids=["unbuffered", "buffered"]
)
@pytest.mark.parametrize("framing", list(Framing))
@pytest.mark.parametrize("kind", list(BODIES))
def test_an_answer_that_comes_byte_by_byte_is_restored(
    lab: Lab, kind: str, framing: Framing, buffering: bool
) -> None:
    (route,) = lab.add_routes(MaskerConfig(), response_buffering=buffering)
    said, body = scene(lab, ec2=3, s3=1, private_ip=1), BODIES[kind]
    exchange = lab.post(
        route, said.prompt, script=answering(body, stream=kind == "stream", framing=framing, chunk_bytes=1)
    )
    lab.require(restored_bytes.check(said.restored(body), exchange.body))
    lab.evidence.figure("pieces sent", len(body))
    lab.evidence.figure("pieces received", len(exchange.pieces))


@pytest.mark.clause("U1", "U3")
def test_an_answer_with_several_cuts_is_restored(lab: Lab, suite_options: SuiteOptions) -> None:
    chance = random.Random(suite_options.seed)
    route, said = lab.route(), scene(lab, ec2=3, s3=1, private_ip=1)
    for _ in range(40):
        cuts = sorted(chance.sample(range(1, len(STREAM)), chance.randint(2, 40)))
        exchange = lab.post(route, said.prompt, script=answering(STREAM, stream=True, cuts=cuts))
        assert exchange.body == said.restored(STREAM), f"cut at {cuts}"
    lab.evidence.figure("answers with 2 to 40 cuts", 40)


@pytest.mark.clause("U1", "U3")
@pytest.mark.parametrize("framing", list(Framing))
def test_an_answer_that_ends_inside_or_behind_a_placeholder_arrives_whole(lab: Lab, framing: Framing) -> None:
    route, said = lab.route(), scene(lab, ec2=1)
    for end in ENDS:
        # A stream that ends without a stop event.
        body = b'event: content_block_delta\ndata: {"delta":{"text":"AWS_EC2_001 ' + end
        for cuts in ([], [len(body) - len(end)], [len(body) - 1]):
            script = answering(body, stream=True, framing=framing, cuts=cuts)
            exchange = lab.post(route, said.prompt, script=script)
            lab.require(restored_bytes.check(said.restored(body), exchange.body))


@pytest.mark.clause("U1", "U3")
def test_numbers_beyond_a_thousand_are_restored_at_every_cut(lab: Lab) -> None:
    route, said = lab.route(), scene(lab, ec2=MANY)
    numbers = [1, 10, 100, 999, 1000, 1001, 1002, 1003, 10_000, 10_010]
    body = b'{"text":"' + b" ".join(b"AWS_EC2_%03d" % number for number in numbers) + b' AWS_EC2_01000"}'
    for chunk_bytes in (1, 2, 3, 5, 7, 11, 13, 10_000):
        script = answering(body, chunk_bytes=chunk_bytes)
        exchange = lab.post(route, said.prompt, script=script)
        lab.require(restored_bytes.check(said.restored(body), exchange.body))
    lab.evidence.figure("identifiers of one kind in a request", MANY)


@pytest.mark.clause("U1", "U3")
def test_other_media_types_are_restored_too(lab: Lab) -> None:
    route, said = lab.route(), scene(lab, ec2=3, s3=1, private_ip=1)
    body = b"\xff\xfe\x00 " + TEXT + b" \xc3\x28"
    for content_type in ("text/plain", "application/octet-stream", None):
        script = answering(body, headers={"content-type": content_type}, chunk_bytes=1)
        exchange = lab.post(route, said.prompt, script=script)
        lab.require(restored_bytes.check(said.restored(body), exchange.body))
