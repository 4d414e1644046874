"""How a response is framed, and what keep-alive, HEAD and pipelining make of it."""

import json

import httpx
import pytest

from system.upstream.codings import decoded
from system.upstream.protocol import Answer, Framing, Script
from tests.upstream.emulator import Emulator
from tests.upstream.wire import connected, request

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
STREAM = json.dumps(
    {"model": "m", "max_tokens": 9, "stream": True, "messages": [{"role": "user", "content": "one two"}]}
)


@pytest.mark.parametrize(
    ("framing", "header", "value"),
    [
        (None, "content-length", "5"),
        (Framing.CONTENT_LENGTH, "content-length", "5"),
        (Framing.CHUNKED, "transfer-encoding", "chunked"),
        (Framing.CLOSE, "connection", "close"),
    ],
)
def test_each_framing_carries_the_body(
    http: httpx.Client, emulator: Emulator, framing: Framing | None, header: str, value: str
) -> None:
    script = Script(answer=Answer.ECHO_BODY, framing=framing)
    with emulator.client.scripted(script) as handle:
        answers = [http.post("/", content=b"hello", headers=handle.headers) for _ in range(2)]
    framing_headers = {"content-length", "transfer-encoding", "connection"}
    for answer in answers:
        assert answer.content == b"hello"
        assert framing_headers.intersection(answer.headers) == {header}
        assert answer.headers[header] == value


def test_the_connection_is_kept_until_a_framing_or_a_client_ends_it(emulator: Emulator) -> None:
    mark = emulator.client.last_index()
    with connected(emulator) as wire:
        for _ in range(3):
            wire.send(request(b"x"))
            (answer,) = wire.responses(1)
            assert "connection" not in answer.headers
        wire.send(request(b"x", headers={"Connection": "close"}))
        (answer,) = wire.responses(1)
        assert answer.headers["connection"] == "close"
        assert wire.read() == b""
    connections = {capture.meta.connection for capture in emulator.client.captures(after=mark)}
    assert len(connections) == 1


def test_server_sent_events_are_chunked_one_event_a_chunk(emulator: Emulator) -> None:
    with connected(emulator) as wire:
        wire.send(request(STREAM.encode()))
        raw = wire.read_until(b"\r\n0\r\n\r\n")
    head, body = raw.split(b"\r\n\r\n", 1)
    assert b"transfer-encoding: chunked" in head
    assert b"content-type: text/event-stream" in head
    chunks = []
    while body:
        size, rest = body.split(b"\r\n", 1)
        chunks.append(rest[: int(size, 16)])
        body = rest[int(size, 16) + 2 :]
    assert chunks.pop() == b""
    assert all(chunk.startswith(b"event: ") and chunk.endswith(b"\n\n") for chunk in chunks)
    assert len(chunks) == 7


@pytest.mark.parametrize("keep_alive", [False, True])
def test_http_1_0_gets_no_chunks_and_is_kept_only_if_it_asks(emulator: Emulator, keep_alive: bool) -> None:
    with (
        emulator.client.scripted(Script(answer=Answer.ECHO_BODY, framing=Framing.CHUNKED)) as chunked,
        connected(emulator) as wire,
    ):
        headers = {"Connection": "keep-alive"} if keep_alive else {}
        wire.send(request(b"hello", headers=headers, version="1.0"))
        (answer,) = wire.responses(1)
        assert answer.headers.get("connection") == ("keep-alive" if keep_alive else "close")
        if not keep_alive:
            assert wire.read() == b""
    with (
        emulator.client.scripted(Script(answer=Answer.ECHO_BODY, framing=Framing.CHUNKED)) as chunked,
        connected(emulator) as wire,
    ):
        wire.send(request(b"hello", headers=chunked.headers, version="1.0"))
        raw = b"".join(wire.reads_to_end())
        assert raw.endswith(b"\r\n\r\nhello")
        assert b"transfer-encoding" not in raw


def test_head_tells_the_length_and_sends_no_body(emulator: Emulator) -> None:
    with connected(emulator) as wire:
        wire.send(request(method="HEAD") + request(b"marker"))
        raw = wire.read_until(b"}}")
    head, rest = raw.split(b"\r\n\r\n", 1)
    assert b"content-length: " in head
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body_have_none(emulator: Emulator, status: int) -> None:
    with (
        emulator.client.scripted(Script(status=status, chunk_bytes=1)) as handle,
        connected(emulator) as wire,
    ):
        wire.send(request(b"x", headers=handle.headers) + request(b"marker"))
        raw = wire.read_until(b"}}")
    head, rest = raw.split(b"\r\n\r\n", 1)
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"content-length" not in head
    assert b"transfer-encoding" not in head
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")


def test_pipelined_requests_are_answered_in_order(emulator: Emulator) -> None:
    slow = Script(answer=Answer.ECHO_BODY, first_byte_delay_s=0.05)
    quick = Script(answer=Answer.ECHO_BODY)
    with (
        emulator.client.scripted(slow) as first,
        emulator.client.scripted(quick) as others,
        connected(emulator) as wire,
    ):
        bodies = [f"body {number}".encode() for number in range(5)]
        scripts = [first, others, others, first, others]
        wire.send(
            b"".join(
                request(body, headers=script.headers) for body, script in zip(bodies, scripts, strict=True)
            )
        )
        answers = wire.responses(5)
    assert [answer.body for answer in answers] == bodies


def test_expect_100_continue_is_answered_before_the_body_is_sent(emulator: Emulator) -> None:
    raw = request(b"hello", headers={"Expect": "100-continue"})
    mark = emulator.client.last_index()
    with connected(emulator) as wire:
        wire.send(raw[: -len(b"hello")])
        assert wire.read() == CONTINUE
        wire.send(b"hello")
        (answer,) = wire.responses(1)
    assert answer.status == 200
    (capture,) = emulator.client.captures(after=mark)
    assert capture.body == b"hello"


def test_100_continue_does_not_overtake_the_answer_before_it(emulator: Emulator) -> None:
    expecting = request(b"hello", headers={"Expect": "100-continue"})[: -len(b"hello")]
    with (
        emulator.client.scripted(Script(answer=Answer.ECHO_BODY, first_byte_delay_s=0.05)) as slow,
        connected(emulator) as wire,
    ):
        wire.send(request(b"first", headers=slow.headers) + expecting)
        raw = wire.read_until(CONTINUE)
    assert raw.startswith(b"HTTP/1.1 200 OK\r\n")
    assert raw.endswith(b"\r\n\r\nfirst" + CONTINUE)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("streamed", [False, True])
def test_an_encoded_body_decodes_to_the_plain_one(emulator: Emulator, encoding: str, streamed: bool) -> None:
    script = Script.model_validate({"content_encoding": encoding, "stream": streamed})
    with (
        emulator.client.scripted(script) as handle,
        httpx.stream("POST", emulator.url, content=STREAM, headers=handle.headers) as answer,
    ):
        encoded = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == encoding
    plain = decoded(encoding, encoded)
    assert b"one two" in plain
    assert plain.startswith(b"event: message_start" if streamed else b'{"id":"msg_')


def test_headers_are_added_replaced_and_removed(http: httpx.Client, emulator: Emulator) -> None:
    script = Script(headers={"X-Extra": "1", "Content-Type": "text/plain", "Request-Id": None})
    with emulator.client.scripted(script) as handle:
        answer = http.post("/", content=b"x", headers=handle.headers)
    assert answer.headers["x-extra"] == "1"
    assert answer.headers.get_list("content-type") == ["text/plain"]
    assert "request-id" not in answer.headers


def test_an_unnamed_status_is_sent(http: httpx.Client, emulator: Emulator) -> None:
    with emulator.client.scripted(Script(status=599)) as handle:
        assert http.post("/", content=b"x", headers=handle.headers).status_code == 599
