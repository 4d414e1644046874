"""A stream of the Redis protocol is cut into whole values, wherever its bytes come in pieces."""

from __future__ import annotations

import pytest

from fixtures.wire.frames import Frames, words_of

VALUES = [
    b"+OK\r\n",
    b"-ERR no\r\n",
    b":42\r\n",
    b"$5\r\na\r\nbc\r\n",
    b"$0\r\n\r\n",
    b"$-1\r\n",
    b"*-1\r\n",
    b"*0\r\n",
    b"*2\r\n$4\r\nPING\r\n$1\r\nx\r\n",
    b"*2\r\n*1\r\n:1\r\n$-1\r\n",
    b"%1\r\n+key\r\n*2\r\n:1\r\n:2\r\n",
    b"~1\r\n#t\r\n",
    b"|1\r\n+ttl\r\n:3\r\n+value\r\n",
    b">2\r\n+message\r\n=7\r\ntxt:abc\r\n",
    b"PING\r\n",
]


@pytest.mark.parametrize("piece_bytes", [1, 2, 7, 1000])
def test_values_come_whole_however_they_are_cut(piece_bytes: int) -> None:
    stream = b"".join(VALUES)
    frames = Frames()
    got = []
    for at in range(0, len(stream), piece_bytes):
        got += frames.feed(stream[at : at + piece_bytes])
    assert got == VALUES


def test_a_value_that_is_not_whole_is_kept_back() -> None:
    for value in VALUES:
        assert Frames().feed(value[:-1]) == []


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (b"*2\r\n$7\r\nPUBLISH\r\n$4\r\na\r\nb\r\n", [b"PUBLISH", b"a\r\nb"]),
        (b"*1\r\n$0\r\n\r\n", [b""]),
        (b"PING  x\r\n", [b"PING", b"x"]),
        (b"*0\r\n", []),
    ],
)
def test_a_command_has_its_words(command: bytes, words: list[bytes]) -> None:
    assert words_of(command) == words
