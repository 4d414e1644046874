"""Every request is kept, byte for byte; what is given up is counted."""

import time
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.clients.upstream import CapturesLost, UpstreamError, parse_export
from fixtures.wait import eventually
from system.upstream.captures import Capture, CaptureLog
from system.upstream.http1 import Request
from system.upstream.protocol import EXPORT_BYTES_MAX, Answer, Script
from tests.upstream.emulator import Emulator, running
from tests.upstream.wire import connected, request

EVERY_BYTE = bytes(range(256))


def test_target_headers_and_body_are_kept_as_they_came(emulator: Emulator) -> None:
    raw = (
        b"POST /a%20b/../c?q=%C3%A9&q=2 HTTP/1.1\r\nhOST: upstream\r\nX-Twice: 1\r\nx-twice:  two words \r\n"
        b"X-Latin: \xe9\r\nX-Empty:\r\nContent-Length: 256\r\n\r\n" + EVERY_BYTE
    )
    mark = emulator.client.last_index()
    before_ns, before_s = time.monotonic_ns(), time.time()
    with connected(emulator) as wire:
        wire.send(raw)
        wire.responses(1)
    after_ns = time.monotonic_ns()
    (capture,) = emulator.client.captures(after=mark)
    meta = capture.meta
    assert capture.body == EVERY_BYTE == emulator.client.capture_body(meta.index)
    assert (meta.index, meta.method, meta.target) == (mark + 1, "POST", "/a%20b/../c?q=%C3%A9&q=2")
    assert (meta.http_version, meta.script, meta.complete) == ("1.1", None, True)
    assert meta.headers == [
        ("hOST", "upstream"),
        ("X-Twice", "1"),
        ("x-twice", "two words "),
        ("X-Latin", "é"),
        ("X-Empty", ""),
        ("Content-Length", "256"),
    ]
    assert capture.header("HOST") == "upstream"
    assert before_ns <= meta.monotonic_ns <= after_ns
    assert abs(meta.wall_s - before_s) < 5


def test_a_chunked_body_is_kept_joined(http: httpx.Client, emulator: Emulator) -> None:
    mark = emulator.client.last_index()
    pieces = [EVERY_BYTE, b"\r\n0\r\n\r\n", b"x" * 100_000]
    assert http.post("/", content=iter(pieces)).status_code == 200
    (capture,) = emulator.client.captures(after=mark)
    assert capture.body == b"".join(pieces)
    assert capture.header("transfer-encoding") == "chunked"


def test_requests_cut_anywhere_by_the_network_are_kept_whole(emulator: Emulator) -> None:
    raw = request(EVERY_BYTE, headers={"X-Long": "v" * 300}, target="/long/" + "t" * 300)
    mark = emulator.client.last_index()
    with connected(emulator) as wire:
        for offset in range(len(raw)):
            wire.send(raw[offset : offset + 1])
        wire.responses(1)
    (capture,) = emulator.client.captures(after=mark)
    assert capture.body == EVERY_BYTE
    assert capture.meta.target == "/long/" + "t" * 300
    assert capture.header("X-Long") == "v" * 300


def test_pipelined_requests_are_kept_in_order_with_their_connection(emulator: Emulator) -> None:
    mark = emulator.client.last_index()
    with connected(emulator) as wire:
        wire.send(b"".join(request(str(number).encode()) for number in range(50)))
        wire.responses(50)
    captures = emulator.client.captures(after=mark)
    assert [capture.body for capture in captures] == [str(number).encode() for number in range(50)]
    assert [capture.meta.index for capture in captures] == list(range(mark + 1, mark + 51))
    assert len({capture.meta.connection for capture in captures}) == 1


def test_a_request_is_kept_before_its_answer_leaves(emulator: Emulator) -> None:
    mark = emulator.client.last_index()
    with emulator.client.scripted(Script(hold=True)) as handle, connected(emulator) as wire:
        wire.send(request(b"held", headers=handle.headers))
        eventually(lambda: handle.state().waiting == 1, timeout_s=5.0, what="a held answer")
        (capture,) = emulator.client.captures(after=mark)
    assert (capture.body, capture.meta.script) == (b"held", handle.id)


def test_a_request_that_is_cut_off_is_kept_as_incomplete(emulator: Emulator) -> None:
    mark = emulator.client.last_index()
    with connected(emulator) as wire:
        wire.send(request(b"only a part of it")[:-3])
    (meta,) = eventually(
        lambda: emulator.client.list_captures(after=mark).captures, timeout_s=5.0, what="the cut off request"
    )
    assert (meta.complete, meta.method, meta.target) == (False, "POST", "/")
    assert emulator.client.capture_body(meta.index) == b"only a part of"


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01 not HTTP\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\nsecret"]
)
def test_what_is_not_http_is_kept_and_refused(emulator: Emulator, garbage: bytes) -> None:
    mark = emulator.client.last_index()
    with connected(emulator) as wire:
        wire.send(request(b"good") + garbage)
        good, refused = wire.responses(2)
        assert wire.read() == b""
    assert (good.status, refused.status) == (200, 400)
    first, second = emulator.client.captures(after=mark)
    assert (first.body, first.meta.complete) == (b"good", True)
    assert second.meta.complete is False
    assert garbage in second.body


def test_the_control_side_is_not_captured(emulator: Emulator) -> None:
    mark = emulator.client.last_index()
    with emulator.client.scripted(Script()) as handle:
        handle.state()
    emulator.client.health()
    assert emulator.client.last_index() == mark


def test_pages_are_limited_and_start_after_a_mark(http: httpx.Client, emulator: Emulator) -> None:
    mark = emulator.client.last_index()
    for number in range(5):
        http.post("/", content=str(number).encode())
    page = emulator.client.list_captures(after=mark + 1, limit=2)
    assert [meta.index for meta in page.captures] == [mark + 2, mark + 3]
    assert page.last == mark + 5
    assert emulator.client.captures(after=mark + 5) == []


def test_thousands_of_captures_are_read_sooner_than_they_were_made(emulator: Emulator) -> None:
    mark = emulator.client.last_index()
    started_s = time.monotonic()
    with connected(emulator) as wire:
        wire.send(b"".join(request(b"%04d\n" % number) for number in range(5000)))
        wire.responses(5000)
    made_s = time.monotonic() - started_s
    captures = emulator.client.captures(after=mark)
    # A twentieth; asked for one by one, several times as long.
    assert time.monotonic() - started_s < 2 * made_s
    assert [capture.body for capture in captures] == [b"%04d\n" % number for number in range(5000)]


def test_space_is_bounded_and_evictions_are_counted_and_noticed(tmp_path: Path) -> None:
    limit = 1_000_000
    with running(tmp_path / "log", {"UPSTREAM_CAPTURE_BYTES": str(limit)}) as emulator:
        for _ in range(30):
            httpx.post(emulator.url, content=b"x" * 100_000)
        health = emulator.client.health()
        assert health.captures_kept_bytes <= limit
        assert health.captures_kept + health.captures_evicted == health.captures_last == 30
        assert 5 <= health.captures_kept <= 9
        with pytest.raises(CapturesLost, match=r"captures 1 to 30 of the upstream .* evicted so far"):
            emulator.client.captures()
        kept = emulator.client.captures(after=health.captures_evicted)
        assert len(kept) == health.captures_kept
        emulator.client.discard_captures(29)
        page = emulator.client.list_captures()
        assert [meta.index for meta in page.captures] == [30]
        assert page.evicted == health.captures_evicted


def test_the_newest_capture_stays_even_if_it_is_larger_than_the_bound() -> None:
    log = CaptureLog(10)
    for size in (5, 500, 50_000):
        log.add(Request(1, body=b"x" * size, complete=True))
    assert [len(capture.request.body) for capture in log.after(0)] == [50_000]
    assert (len(log), log.last, log.evicted) == (1, 3, 2)


@given(bodies=st.lists(st.binary(max_size=40) | st.just(b"\n{}\n"), max_size=8))
def test_an_export_is_parsed_whatever_the_bodies_hold(bodies: list[bytes]) -> None:
    log = CaptureLog()
    for body in bodies:
        log.add(Request(1, body=body))
    for after in range(len(bodies) + 1):
        parsed = list(parse_export(log.export(after)))
        assert [capture.body for capture in parsed] == bodies[after:]
        assert [capture.meta.index for capture in parsed] == list(range(after + 1, len(bodies) + 1))


def test_captures_larger_than_one_export_are_read_in_parts(emulator: Emulator) -> None:
    mark = emulator.client.last_index()
    body_bytes = EXPORT_BYTES_MAX // 2 - 1_000
    with emulator.client.scripted(Script(answer=Answer.RAW, raw=b"{}")) as handle:
        for byte in (b"a", b"b", b"c", b"d"):
            httpx.post(emulator.url, content=byte * body_bytes, headers=handle.headers)
    captures = list(emulator.client.iter_captures(after=mark))
    assert [(capture.body[:1], len(capture.body)) for capture in captures] == [
        (byte, body_bytes) for byte in (b"a", b"b", b"c", b"d")
    ]
    emulator.client.discard_captures(mark + 4)


@pytest.mark.parametrize("missing_bytes", [1, 5, 6, 20])
def test_an_export_that_ends_early_is_noticed(missing_bytes: int) -> None:
    data = b"".join(Capture(1, 1, 1.0, Request(1, body=b"12345")).exported())
    with pytest.raises(UpstreamError, match="ended inside a capture"):
        list(parse_export(data[:-missing_bytes]))
