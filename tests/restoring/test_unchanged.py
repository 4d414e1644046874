"""What is no placeholder reaches the client as the upstream sent it: bytes, headers, framing, connection."""

from __future__ import annotations

import http.client
import random
import re
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import pytest

from fixtures.checkers import restored_bytes
from fixtures.lab.prompts import conversation
from system.upstream.codings import decoded
from system.upstream.protocol import Answer, Framing, Script
from tests.restoring.direct import ask, end_to_end
from tests.restoring.scene import answering, scene

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.options import SuiteOptions
    from tests.restoring.scene import Scene

BODY = b'{"text":"AWS_EC2_001 and AWS_EC2_002"}'
FIXED: dict[str, str | None] = {"request-id": "the same"}
# The emulator draws a new one for each answer.
DRAWN_ID = re.compile(rb'"(?:req|msg)_\w+"')


@pytest.mark.clause("U3")
@pytest.mark.parametrize("content_type", ["application/json", "text/event-stream", "image/png"])
def test_bytes_without_a_placeholder_are_identical(
    lab: Lab, suite_options: SuiteOptions, content_type: str
) -> None:
    chance = random.Random(suite_options.seed)
    near_misses = [
        b"AWS_EC2_",
        b"aws_ec2_001",
        b"AWS_EC2_01 ",
        b"AWS_",
        b"A",
        b"%s%1$1\\0",
        bytes(range(256)),
    ]
    body = b"".join(chance.choice([chance.randbytes(61), *near_misses]) for _ in range(2000))
    route, said = lab.route(), scene(lab, ec2=2)
    script = answering(body, headers={"content-type": content_type}, framing=Framing.CHUNKED)
    exchange = lab.post(route, said.prompt, script=script)
    assert exchange.upstream.body.count(b"AWS_EC2_") == 2
    lab.require(restored_bytes.check(said.restored(body), exchange.body))


@pytest.mark.clause("U3")
@pytest.mark.parametrize(
    ("method", "script"),
    [
        ("POST", Script(answer=Answer.RAW, raw=BODY, headers=FIXED)),
        ("POST", Script(answer=Answer.RAW, raw=b"", headers=FIXED)),
        ("POST", Script(answer=Answer.TEXT, text="x", stream=True, framing=Framing.CLOSE, headers=FIXED)),
        ("HEAD", Script(answer=Answer.RAW, raw=BODY, headers=FIXED)),
        ("HEAD", Script(answer=Answer.RAW, raw=BODY, headers=FIXED, framing=Framing.CHUNKED)),
        ("POST", Script(answer=Answer.RAW, raw=b"", status=204, headers=FIXED)),
        ("GET", Script(answer=Answer.RAW, raw=b"", status=304, headers={**FIXED, "etag": '"1"'})),
        ("POST", Script(answer=Answer.RAW, raw=BODY, headers={**FIXED, "set-cookie": "a=%1; b=$1"})),
        *(
            (
                "POST",
                Script(answer=Answer.ERROR, status=status, error_message="not AWS_EC2_001", headers=FIXED),
            )
            for status in (400, 401, 403, 413, 429, 500, 529)
        ),
    ],
    ids=lambda value: _named(value) if isinstance(value, Script) else value,
)
def test_status_headers_and_body_are_those_of_the_upstream(lab: Lab, method: str, script: Script) -> None:
    route, said = lab.route(), scene(lab)
    exchange = lab.post(route, said.prompt, method=method, script=script)
    direct = ask(lab, exchange, script)
    assert exchange.status == direct.status
    bodiless = method == "HEAD" or script.status in {204, 304}
    assert end_to_end(exchange.headers, with_length=bodiless) == end_to_end(
        direct.headers, with_length=bodiless
    )
    expected = said.restored(_without_ids(direct.body))
    lab.require(restored_bytes.check(expected, _without_ids(exchange.body)))


@pytest.mark.clause("U3")
def test_an_answer_to_a_request_with_nothing_to_mask_keeps_its_content_length(lab: Lab) -> None:
    exchange = lab.post(
        lab.route(), conversation("hello"), script=answering(BODY), without_canary="nothing is masked here"
    )
    assert exchange.headers.get("content-length") == str(len(BODY))
    assert "transfer-encoding" not in exchange.headers
    assert exchange.body == BODY


@pytest.mark.clause("U3")
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_compressed_answer_passes_unharmed_and_is_reported(
    lab: Lab, encoding: Literal["gzip", "deflate", "br", "zstd"]
) -> None:
    route, said = lab.monitored_route(), scene(lab)
    script = Script(
        answer=Answer.RAW, raw=BODY, content_encoding=encoding, headers=FIXED, framing=Framing.CONTENT_LENGTH
    )
    before = lab.ledger()
    exchange = lab.post(route, said.prompt, script=script, headers={"Accept-Encoding": "gzip, br"})
    # It is asked for in the clear, so an upstream that keeps to HTTP never does this.
    assert exchange.upstream.header("Accept-Encoding") == "identity"
    direct = ask(lab, exchange, script)
    assert decoded(encoding, exchange.body) == BODY
    lab.require(restored_bytes.check(direct.body, exchange.body))
    assert end_to_end(exchange.headers, with_length=True) == end_to_end(direct.headers, with_length=True)
    (unmasked,) = (e for e in lab.flushed_events(route, 2) if e["event_type"] == "data_unmasked")
    assert unmasked["details"]["skipped"] == "encoding"
    assert lab.ledger().change_since(before).get("responses_skipped.encoding") == 1


@pytest.mark.clause("U3")
def test_one_connection_carries_every_kind_of_answer_in_turn(lab: Lab) -> None:
    route, said = lab.route(max_response_size=4096), scene(lab)
    large = b"x" * 8000 + b" AWS_EC2_001"
    answers: list[tuple[str, Script, bytes]] = [
        ("POST", answering(BODY), said.restored(BODY)),
        ("POST", answering(BODY, framing=Framing.CHUNKED, chunk_bytes=3), said.restored(BODY)),
        ("POST", answering(BODY, framing=Framing.CLOSE), said.restored(BODY)),
        ("POST", answering(BODY[:-20]), said.restored(BODY[:-20])),
        ("HEAD", answering(BODY), b""),
        ("POST", answering(b"", status=204), b""),
        ("GET", answering(b"", status=304), b""),
        ("POST", answering(b""), b""),
        ("POST", answering(BODY, status=529), said.restored(BODY)),
        ("POST", answering(large), large),
        ("POST", answering(large, framing=Framing.CHUNKED), large),
        ("POST", answering(BODY), said.restored(BODY)),
    ]
    address = urlsplit(lab.stack.addresses.gateway_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10.0)
    try:
        connection.connect()
        connection.auto_open = 0  # a connection that the gateway closes is an error, not a reason for another
        for method, script, expected in answers:
            body = _request(lab, connection, method, route.path, said, script)
            lab.require(restored_bytes.check(expected, body))
    finally:
        connection.close()
    lab.evidence.figure("answers over one connection", len(answers))


def _without_ids(body: bytes) -> bytes:
    return DRAWN_ID.sub(b'"id"', body)


def _request(
    lab: Lab, connection: http.client.HTTPConnection, method: str, path: str, said: Scene, script: Script
) -> bytes:
    with lab.upstream.scripted(script) as handle:
        headers = {"Content-Type": "application/json", **handle.headers}
        connection.request(method, path, body=said.prompt, headers=headers)
        response = connection.getresponse()
        return response.read()


def _named(script: Script) -> str:
    framing = f" {script.framing}" if script.framing else ""
    return f"{script.answer} {script.status or 200}{framing}{' bodiless' if script.raw == b'' else ''}"
