"""An upstream that breaks: one clear answer, both events, no harm to the requests that follow."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import httpx
import pytest

from fixtures.checkers import pairs
from fixtures.lab.prompts import conversation, to_bytes
from fixtures.observers.logs import Logs
from fixtures.stack.abilities import able
from fixtures.stack.base import HasWorkers
from system.upstream.protocol import Answer, BreakKind, Framing, Script
from tests.administration.quiet import settled
from tests.bad_input.raw_upstream import answering

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab, LabRoute

SIZE = 50_000
BROKEN_AT = 20_000
KONGS_WORDS = "An invalid response was received from the upstream server"


@pytest.mark.clause("U3", "E2")
@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"",
    ],
    ids=["endless header", "cut in the head", "hangs up"],
)
def test_an_answer_that_is_no_response_is_one_502_in_kongs_words(lab: Lab, answer: bytes) -> None:
    route = lab.monitored_route(event_flush_interval=0.05)
    with answering(answer) as url:
        broken = dataclasses.replace(route.route, upstream_url=url)
        lab.admin.apply(lab.config().with_routes(broken), lab.stack.addresses.gateway_url)
        exchange = lab.post(route)
    assert exchange.status == 502
    assert exchange.json() == {"message": KONGS_WORDS, "request_id": exchange.request_id}
    masked, unmasked = lab.flushed_events(route, 2)
    lab.require(pairs.check(lab.history, passed={exchange.request_id}, channel=route.channel))
    assert masked["details"]["pattern_count"] == 1
    assert unmasked["details"]["status"] == 502


@pytest.mark.clause("U3", "E2")
@pytest.mark.parametrize("kind", list(BreakKind))
@pytest.mark.parametrize("framing", [Framing.CONTENT_LENGTH, Framing.CHUNKED])
def test_a_response_that_breaks_off_is_seen_as_broken_by_the_client_and_reported(
    lab: Lab, framing: Framing, kind: BreakKind
) -> None:
    route = lab.monitored_route(event_flush_interval=0.05)
    workers, logs = worker_pids(lab), Logs(lab.stack.logs)
    mark = logs.mark()
    script = Script(
        answer=Answer.SIZE, size_bytes=SIZE, framing=framing, break_after_bytes=BROKEN_AT, break_kind=kind
    )
    with pytest.raises(httpx.RemoteProtocolError):
        lab.post(route, script=script)
    [masked, unmasked] = lab.flushed_events(route, 2)
    lab.require(pairs.check(lab.history, passed={masked["request_id"]}, channel=route.channel))
    assert unmasked["details"]["status"] == 200
    passed = unmasked["details"]["bytes"]
    assert lab.evidence.figure("bytes that passed before it broke", passed, "bytes", at_most=BROKEN_AT).holds
    errors = logs.nginx_lines_since(mark, levels=("error", "crit", "alert", "emerg"))
    assert len(errors) <= 1, "one message per broken response"
    # The connection that broke is not used again, and no worker was harmed.
    assert all(lab.post(route).status == 200 for _ in range(4))
    settled(lab)
    assert worker_pids(lab) == workers


@pytest.mark.clause("U1", "U3")
def test_what_came_before_the_break_is_restored(lab: Lab) -> None:
    route = lab.route()
    canary = lab.canary()
    received = read_until_broken(
        lab,
        route,
        f"{canary.text} " + "x" * SIZE,
        Script(answer=Answer.ECHO_TEXT, break_after_bytes=BROKEN_AT),
    )
    assert canary.identifier.encode() in received
    assert b"AWS_EC2_001" not in received


def read_until_broken(lab: Lab, route: LabRoute, text: str, script: Script) -> bytes:
    """What a client got of a response that breaks off."""
    received = b""
    with lab.upstream.scripted(script) as handle:
        headers = {"Content-Type": "application/json", **handle.headers}
        body = to_bytes(conversation(text))
        with lab.client.stream("POST", route.path, content=body, headers=headers) as response:
            pieces = response.iter_raw()
            with pytest.raises(httpx.RemoteProtocolError):  # noqa: PT012  (the pieces before are what is wanted)
                for piece in pieces:
                    received += piece
    return received


def worker_pids(lab: Lab) -> list[int]:
    return able(lab.stack, HasWorkers).worker_pids()
