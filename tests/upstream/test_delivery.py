"""Pieces really arrive apart; answers are held, late or cut off exactly where the script says."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from fixtures.wait import eventually
from system.upstream.protocol import Answer, BreakKind, Framing, Script
from tests.upstream.emulator import Emulator, running
from tests.upstream.wire import connected, request

BODY = b"The instance AWS_EC2_001 is up."
# More than the emulator needs to send everything it may send: each answer takes it through its event loop.
FENCE_ROUND_TRIPS = 20


def expected_pieces(cuts: list[int]) -> list[bytes]:
    return [BODY[start:end] for start, end in pairwise([0, *cuts, len(BODY)])]


@pytest.mark.parametrize("cuts", [[1], [13, 20], [30], list(range(1, len(BODY)))])
def test_each_piece_is_a_read_of_its_own(emulator: Emulator, cuts: list[int]) -> None:
    with (
        emulator.client.scripted(Script(answer=Answer.ECHO_BODY, cuts=cuts, framing=Framing.CLOSE)) as handle,
        connected(emulator) as wire,
    ):
        wire.send(request(BODY, headers=handle.headers))
        head, *pieces = wire.reads_to_end()
    assert head.endswith(b"\r\n\r\n")
    assert pieces == expected_pieces(cuts)


def test_each_piece_is_a_chunk_and_the_end_comes_apart(emulator: Emulator) -> None:
    with (
        emulator.client.scripted(
            Script(answer=Answer.ECHO_BODY, chunk_bytes=10, cuts=[13], framing=Framing.CHUNKED)
        ) as handle,
        connected(emulator) as wire,
    ):
        wire.send(request(BODY, headers=handle.headers | {"Connection": "close"}))
        _head, *reads = wire.reads_to_end()
    chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in expected_pieces([10, 13, 20, 30])]
    assert reads == [*chunks, b"0\r\n\r\n"]


def test_the_next_piece_waits_for_a_slow_reader(emulator: Emulator) -> None:
    with (
        emulator.client.scripted(Script(answer=Answer.ECHO_BODY, cuts=[10], framing=Framing.CLOSE)) as handle,
        connected(emulator) as wire,
    ):
        wire.send(request(BODY, headers=handle.headers))
        head = wire.peek()
        for _ in range(FENCE_ROUND_TRIPS):
            emulator.client.health()
        assert wire.peek() == head
        assert wire.reads_to_end() == [head, *expected_pieces([10])]


def test_a_reader_that_never_reads_does_not_hold_the_sender_for_each_piece(emulator: Emulator) -> None:
    script = Script(answer=Answer.ECHO_BODY, chunk_bytes=1, framing=Framing.CLOSE)
    with emulator.client.scripted(script) as handle, connected(emulator) as wire:
        wire.send(request(BODY, headers=handle.headers))
        whole = eventually(
            lambda: wire.peek() if wire.peek().endswith(BODY) else None,
            timeout_s=5.0,
            what="the whole answer in the kernel's buffer of a client that reads nothing",
        )
        assert whole.startswith(b"HTTP/1.1 200 OK\r\n")
    assert "receiver_does_not_read" in emulator.log.read_text()


def test_cuts_beyond_the_body_change_nothing(http: httpx.Client, emulator: Emulator) -> None:
    script = Script(answer=Answer.ECHO_BODY, cuts=[len(BODY), len(BODY) + 1, 10_000])
    with emulator.client.scripted(script) as handle:
        assert http.post("/", content=BODY, headers=handle.headers).content == BODY


def test_delays_are_kept(http: httpx.Client, emulator: Emulator) -> None:
    script = Script(answer=Answer.ECHO_BODY, cuts=[1, 2, 3], first_byte_delay_s=0.1, chunk_delay_s=0.05)
    with emulator.client.scripted(script) as handle:
        started_s = time.monotonic()
        with http.stream("POST", "/", content=BODY, headers=handle.headers) as answer:
            head_after_s = time.monotonic() - started_s
            assert answer.read() == BODY
        whole_after_s = time.monotonic() - started_s
    assert head_after_s >= 0.1
    assert whole_after_s - head_after_s >= 3 * 0.05 - 0.02


def test_a_held_answer_waits_for_its_release(http: httpx.Client, emulator: Emulator) -> None:
    with (
        emulator.client.scripted(Script(answer=Answer.ECHO_BODY, hold=True)) as handle,
        ThreadPoolExecutor(2) as pool,
    ):
        answers = [pool.submit(http.post, "/", content=BODY, headers=handle.headers) for _ in range(2)]
        eventually(lambda: handle.state().waiting == 2, timeout_s=5.0, what="two held answers")
        assert not any(answer.done() for answer in answers)
        assert handle.release() == 2
        assert [answer.result().content for answer in answers] == [BODY, BODY]
        assert http.post("/", content=BODY, headers=handle.headers).content == BODY
        assert handle.state().requests == 3


@pytest.mark.parametrize("framing", list(Framing))
@pytest.mark.parametrize("held_after", [0, 1, 17, len(BODY) - 1])
def test_the_part_before_a_hold_arrives_while_the_rest_is_held(
    emulator: Emulator, framing: Framing, held_after: int
) -> None:
    script = Script(answer=Answer.ECHO_BODY, hold_after_bytes=held_after, framing=framing)
    with (
        emulator.client.scripted(script) as handle,
        httpx.stream("POST", emulator.url, content=BODY, headers=handle.headers) as answer,
    ):
        parts = answer.iter_raw()
        before = next(parts) if held_after else b""
        eventually(lambda: handle.state().waiting == 1, timeout_s=5.0, what="the held rest")
        assert before == BODY[:held_after]
        handle.release()
        assert before + b"".join(parts) == BODY


def test_a_script_that_goes_lets_its_held_answers_go(http: httpx.Client, emulator: Emulator) -> None:
    with ThreadPoolExecutor(1) as pool:
        with emulator.client.scripted(Script(answer=Answer.ECHO_BODY, hold=True)) as handle:
            answer = pool.submit(http.post, "/", content=BODY, headers=handle.headers)
            eventually(lambda: handle.state().waiting == 1, timeout_s=5.0, what="a held answer")
        assert answer.result().content == BODY


def test_the_default_script_answers_who_names_none_and_nobody_else(
    http: httpx.Client, emulator: Emulator
) -> None:
    default = emulator.client.put_default(Script(answer=Answer.ERROR, status=529))
    try:
        with emulator.client.scripted(Script(answer=Answer.ECHO_BODY)) as handle:
            assert http.post("/", content=BODY, headers=handle.headers).content == BODY
            assert http.post("/", content=BODY).status_code == 529
    finally:
        emulator.client.delete_script(default.id)
    assert http.post("/", content=BODY).status_code == 200


@pytest.mark.parametrize("framing", [Framing.CHUNKED, Framing.CLOSE])
def test_an_endless_answer_goes_on_until_its_script_goes(emulator: Emulator, framing: Framing) -> None:
    script = Script(answer=Answer.ECHO_BODY, endless=True, framing=framing)
    handle = emulator.client.put_script(script)
    with httpx.stream("POST", emulator.url, content=BODY, headers=handle.headers) as answer:
        parts = answer.iter_raw()
        received = b""
        while len(received) < 1_000_000:
            received += next(parts)
        emulator.client.delete_script(handle.id)
        received += b"".join(parts)
    assert received.startswith(BODY)
    assert received[len(BODY) :].strip(b" ") == b""


def test_what_a_script_delays_is_sent_when_it_goes(http: httpx.Client, emulator: Emulator) -> None:
    handle = emulator.client.put_script(Script(answer=Answer.ECHO_BODY, first_byte_delay_s=60))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(http.post, "/", content=BODY, headers=handle.headers)
        eventually(lambda: handle.state().requests == 1, timeout_s=5.0, what="the request")
        emulator.client.delete_script(handle.id)
        assert answer.result(timeout=5).content == BODY


def test_a_client_that_leaves_ends_its_held_answer(emulator: Emulator) -> None:
    with emulator.client.scripted(Script(hold=True)) as handle:
        with connected(emulator) as wire:
            wire.send(request(BODY, headers=handle.headers))
            eventually(lambda: handle.state().waiting == 1, timeout_s=5.0, what="a held answer")
        eventually(lambda: handle.state().waiting == 0, timeout_s=5.0, what="no held answer")


def test_a_client_that_resets_in_the_middle_is_no_error(tmp_path: Path) -> None:
    script = Script(answer=Answer.RAW, raw=BODY * 100, chunk_bytes=1)
    with running(tmp_path / "log") as emulator:
        handle = emulator.client.put_script(script)
        for _ in range(20):
            with connected(emulator) as wire:
                wire.send(request(BODY, headers=handle.headers))
                wire.read_until(b"\r\n\r\n")
                wire.reset_at_close()
        eventually(
            lambda: emulator.client.health().connections_open == 1,
            timeout_s=5.0,
            what="the control side's alone",
        )
        assert emulator.end() == 0
        events = [json.loads(line)["event"] for line in emulator.log.read_text().splitlines()]
    assert events == ["started", "stopped"]


@pytest.mark.parametrize("kind", list(BreakKind))
@pytest.mark.parametrize("framing", list(Framing))
@pytest.mark.parametrize("after", [0, 1, 17, len(BODY), 10_000])
def test_a_break_cuts_the_body_at_its_byte(
    emulator: Emulator, framing: Framing, after: int, kind: BreakKind
) -> None:
    script = Script(answer=Answer.ECHO_BODY, framing=framing, break_after_bytes=after, break_kind=kind)
    reads = []
    with emulator.client.scripted(script) as handle, connected(emulator) as wire:
        wire.send(request(BODY, headers=handle.headers))
        if kind is BreakKind.CLOSE:
            reads = wire.reads_to_end()
        else:
            # The reset may only show once what arrived has been read.
            with pytest.raises(ConnectionResetError):  # noqa: PT012
                for part in iter(wire.read, b""):
                    reads.append(part)
    sent = b"".join(reads[1:])
    assert reads[0].endswith(b"\r\n\r\n")
    if framing is Framing.CHUNKED:
        wanted = BODY[:after]
        assert sent == (b"%x\r\n%s\r\n" % (len(wanted), wanted) if wanted else b"")
    else:
        assert sent == BODY[:after]


@pytest.mark.parametrize("kind", list(BreakKind))
def test_a_break_before_the_head_sends_nothing(emulator: Emulator, kind: BreakKind) -> None:
    with (
        emulator.client.scripted(Script(break_before_head=True, break_kind=kind)) as handle,
        connected(emulator) as wire,
    ):
        wire.send(request(BODY, headers=handle.headers))
        if kind is BreakKind.CLOSE:
            assert wire.read() == b""
        else:
            with pytest.raises(ConnectionResetError):
                wire.read()


def test_events_are_sent_apart_when_they_are_paced(emulator: Emulator) -> None:
    script = Script(answer=Answer.TEXT, text="one two", stream=True, delta_chars=1, chunk_delay_s=0.001)
    with emulator.client.scripted(script) as handle, connected(emulator) as wire:
        wire.send(request(b"x", headers=handle.headers | {"Connection": "close"}))
        _head, *reads = wire.reads_to_end()
    assert reads.pop() == b"0\r\n\r\n"
    assert all(read.count(b"event: ") == 1 for read in reads)
    assert sum(b"text_delta" in read for read in reads) == len("one two")
