"""The reader of Redis replies: the same as hiredis reads, however the bytes are cut, and bounded memory."""

import itertools

import hiredis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import InvalidResponse

from system.backend.resp import INCOMPLETE, LINE_BYTES_MAX, Incomplete, Oversized, Reply, ReplyReader

pytestmark = pytest.mark.clause("K2")

LIMIT = 1_000


def reader() -> ReplyReader:
    return ReplyReader(LIMIT, ValueError)


def bulk(value: bytes | None) -> bytes:
    return b"$-1\r\n" if value is None else b"$%d\r\n%b\r\n" % (len(value), value)


def read_all(replies: ReplyReader, pieces: list[bytes]) -> list[Reply]:
    taken: list[Reply] = []
    for piece in pieces:
        replies.feed(piece)
        while not isinstance(reply := replies.reply(), Incomplete):
            taken.append(reply)
    return taken


def cut(data: bytes, offsets: list[int]) -> list[bytes]:
    ends = sorted({min(offset, len(data)) for offset in offsets} | {0, len(data)})
    return [data[start:end] for start, end in itertools.pairwise(ends)]


scalars = st.one_of(
    st.binary(max_size=LIMIT).map(bulk),
    st.just(bulk(None)),
    st.integers(-(2**63), 2**63 - 1).map(lambda number: b":%d\r\n" % number),
    st.from_regex(rb"\A[ -~]{0,40}\Z").map(lambda text: b"+" + text + b"\r\n"),
)
arrays = st.lists(scalars, max_size=5).map(lambda items: b"*%d\r\n" % len(items) + b"".join(items))


@given(st.lists(st.one_of(scalars, arrays), max_size=8), st.lists(st.integers(0, 4_000), max_size=20))
def test_replies_read_as_hiredis_reads_them_wherever_they_are_cut(
    wire: list[bytes], offsets: list[int]
) -> None:
    data = b"".join(wire)
    oracle = hiredis.Reader()
    oracle.feed(data)
    assert read_all(reader(), cut(data, offsets)) == [oracle.gets() for _ in wire]


@given(st.integers(LIMIT + 1, 20 * LIMIT), st.integers(1, 3 * LIMIT))
def test_an_oversized_payload_is_replaced_by_its_length_and_what_follows_is_read(
    size: int, step: int
) -> None:
    message = (
        b"*3\r\n" + bulk(b"message") + bulk(b"channel") + bulk(b"\r\n$5" * (size // 4) + b"x" * (size % 4))
    )
    data = message + bulk(b"next")
    replies = reader()
    taken: list[Reply] = []
    held_bytes_max = 0
    for start in range(0, len(data), step):
        taken += read_all(replies, [data[start : start + step]])
        held_bytes_max = max(held_bytes_max, replies.held_bytes)
    assert taken == [[b"message", b"channel", Oversized(size)], b"next"]
    assert held_bytes_max <= LIMIT


def test_a_payload_of_exactly_the_limit_is_kept() -> None:
    assert read_all(reader(), [bulk(b"x" * LIMIT)]) == [b"x" * LIMIT]


def test_an_error_reply_becomes_an_exception_with_its_text() -> None:
    (error,) = read_all(reader(), [b"-NOAUTH Authentication required.\r\n"])
    assert isinstance(error, ValueError)
    assert str(error) == "NOAUTH Authentication required."


@pytest.mark.parametrize(
    "wire", [b"!what\r\n", b"$x\r\n", b"*1\r\n*1\r\n", b"*99999\r\n", b"+" + b"x" * (LINE_BYTES_MAX + 1)]
)
def test_what_is_no_reply_is_refused(wire: bytes) -> None:
    replies = reader()
    replies.feed(wire)
    with pytest.raises(InvalidResponse):
        replies.reply()


def test_nothing_is_read_from_nothing() -> None:
    assert reader().reply() is INCOMPLETE
