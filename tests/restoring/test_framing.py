"""Old clients and rare endings: what is restored arrives whole and says where it ends."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from fixtures.checkers import restored_bytes
from system.upstream.protocol import Framing
from tests.restoring.scene import answering, scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from fixtures.lab.lab import Lab
    from system.upstream.protocol import Script

# The last bytes may become a placeholder: they are held back until the body's end is known.
BODY = b'{"text":"AWS_EC2_001 and AWS_EC2_002"} AWS_EC2_0'
TRAILERS = {"x-checksum": "AWS_EC2_001"}
_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as its bytes came, headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@pytest.mark.clause("U3")
@pytest.mark.parametrize("framing", list(Framing))
def test_a_client_of_http_1_0_gets_the_restored_answer_without_chunks(lab: Lab, framing: Framing) -> None:
    route, said = lab.route(), scene(lab)
    script = answering(BODY, framing=framing)
    with _connected(lab) as (connection, replies), lab.upstream.scripted(script) as handle:
        connection.sendall(_head(route.path, said.prompt, {"Connection": "keep-alive", **handle.headers}))
        answer = _to_the_end(replies)
    assert answer.status == 200
    # Its length is known to nobody when the head leaves; for HTTP/1.0 the connection's end tells it.
    assert "transfer-encoding" not in answer.headers
    assert "content-length" not in answer.headers
    assert answer.headers.get("connection") == "close"
    lab.require(restored_bytes.check(said.restored(BODY), answer.body))


@pytest.mark.clause("U3", "U1")
@pytest.mark.parametrize("chunk_bytes", [None, 1, 7])
def test_trailers_of_the_upstream_end_an_answer_as_they_do_without_the_plugin(
    lab: Lab, chunk_bytes: int | None
) -> None:
    route, said = lab.route(), scene(lab)
    script = answering(BODY, framing=Framing.CHUNKED, chunk_bytes=chunk_bytes, trailers=TRAILERS)
    exchange = lab.post(route, said.prompt, script=script)
    lab.require(restored_bytes.check(said.restored(BODY), exchange.body))


@pytest.mark.clause("U3")
def test_behind_trailers_the_connections_go_on(lab: Lab) -> None:
    route, said = lab.route(), scene(lab)
    scripts: list[Script] = [
        answering(BODY, framing=Framing.CHUNKED, trailers=TRAILERS),
        answering(BODY),
        answering(BODY, framing=Framing.CHUNKED, trailers=TRAILERS),
        answering(BODY[:20]),
    ]
    with _connected(lab) as (connection, replies):
        for script in scripts:
            with lab.upstream.scripted(script) as handle:
                connection.sendall(_head(route.path, said.prompt, handle.headers, version="1.1"))
                answer = _one(replies)
            assert answer.status == 200
            assert script.raw is not None
            lab.require(restored_bytes.check(said.restored(script.raw), answer.body))


@contextmanager
def _connected(lab: Lab) -> Iterator[tuple[socket.socket, BinaryIO]]:
    """A connection to the gateway, and what comes from it."""
    address = urlsplit(lab.stack.addresses.gateway_url)
    with (
        socket.create_connection((address.hostname or "", address.port or 80), _TIMEOUT_S) as connection,
        connection.makefile("rb") as replies,
    ):
        yield connection, replies


def _head(path: str, body: bytes, headers: dict[str, str], *, version: str = "1.0") -> bytes:
    lines = [
        f"POST {path} HTTP/{version}",
        "Host: gateway",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "\r\n"]).encode() + body


def _start(replies: BinaryIO) -> tuple[int, dict[str, str]]:
    status = int(replies.readline().split()[1])
    headers = {}
    while (line := replies.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return status, headers


def _to_the_end(replies: BinaryIO) -> Answer:
    status, headers = _start(replies)
    return Answer(status, headers, replies.read())


def _one(replies: BinaryIO) -> Answer:
    """One chunked answer; trailers, or anything else behind its last chunk, are not expected."""
    status, headers = _start(replies)
    assert headers.get("transfer-encoding") == "chunked"
    body = b""
    while size := int(replies.readline(), 16):
        body += replies.read(size)
        assert replies.readline() == b"\r\n"
    assert replies.readline() == b"\r\n"
    return Answer(status, headers, body)
