"""The name server of a stack answers in the protocol's words, and what its file says at the moment."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

import pytest

from fixtures.stack.local_names import LocalNames
from fixtures.stack.name_server import (
    NAME_ERROR,
    TYPE_A,
    TYPE_AAAA,
    addresses_in,
    answer,
    look_up,
    query_for,
)
from fixtures.stack.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TTL_S = 600
TYPE_SRV = 33
KNOWN = {"redis.test": "127.78.32.1"}


def header(message: bytes) -> tuple[int, ...]:
    """Identity, flags and the four counts of a message."""
    return struct.unpack_from("!6H", message)


def answered(query: bytes) -> bytes:
    told = answer(query, KNOWN, ttl_s=TTL_S)
    assert told is not None
    return told


def test_a_name_that_is_there_has_one_address_with_its_time_to_live() -> None:
    query = query_for("redis.test", identity=4711)
    told = answered(query)
    # An answer (QR) to a question that asked for recursion (RD), which is available (RA); no error.
    assert header(told) == (4711, 0x8180, 1, 1, 0, 0)
    assert told[12 : len(query)] == query[12:], "the question is repeated"
    # A pointer to the question's name, type A, class IN, time to live, four bytes of address.
    assert told[len(query) :] == struct.pack("!HHHIH", 0xC00C, TYPE_A, 1, TTL_S, 4) + bytes([127, 78, 32, 1])


def test_case_does_not_matter_and_comes_back_as_it_was_asked() -> None:
    told = answered(query_for("Redis.TEST"))
    assert header(told)[3] == 1
    assert b"\5Redis\4TEST\0" in told


@pytest.mark.parametrize("record_type", [TYPE_AAAA, TYPE_SRV])
def test_other_records_of_a_name_that_is_there_are_none_and_no_error(record_type: int) -> None:
    query = query_for("redis.test", record_type=record_type)
    assert header(answered(query)) == (0, 0x8180, 1, 0, 0, 0)
    assert len(answered(query)) == len(query)


@pytest.mark.parametrize("name", ["redis", "other.test", "redis.test.example"])
def test_other_names_do_not_exist(name: str) -> None:
    assert header(answered(query_for(name))) == (0, 0x8180 | NAME_ERROR, 1, 0, 0, 0)


QUERY = query_for("redis.test")


@pytest.mark.parametrize(
    "message",
    [b"", b"\0", QUERY[:11], QUERY[:15], QUERY[:-1], QUERY[:12] + b"\xff" * 20, answered(QUERY)],
    ids=["empty", "a byte", "half a header", "half a name", "half a type", "no name", "an answer"],
)
def test_what_is_no_question_gets_no_answer(message: bytes) -> None:
    assert answer(message, KNOWN, ttl_s=TTL_S) is None


def test_a_hosts_file_may_give_several_names_to_an_address(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    assert addresses_in(hosts) == {}
    hosts.write_text("127.0.0.2 a.test B.test\n127.0.0.3 c.test\n")
    assert addresses_in(hosts) == {"a.test": "127.0.0.2", "b.test": "127.0.0.2", "c.test": "127.0.0.3"}


@pytest.fixture
def names(tmp_path: Path) -> Iterator[LocalNames]:
    """A name server that runs; no name leads anywhere yet."""
    (tmp_path / "logs").mkdir()
    names = LocalNames(tmp_path)
    try:
        names.start(mark={})
        yield names
    finally:
        names.end()


def test_a_name_leads_to_where_it_was_led_last(names: LocalNames) -> None:
    assert names.address_of("redis.test") == ""
    for address in ("127.0.0.2", "127.0.0.3"):
        names.lead("redis.test", address)
        assert names.address_of("redis.test") == address
    names.lead("other.test", "127.0.0.4")
    assert names.address_of("redis.test") == ""
    names.require_running()


def test_what_is_no_question_does_not_end_it(names: LocalNames) -> None:
    names.lead("redis.test", "127.0.0.2")
    host, _, port = names.server.partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for message in (b"", b"\0", b"\xff" * 600):
            client.sendto(message, (host, int(port)))
    assert names.address_of("redis.test") == "127.0.0.2"


def test_one_that_ended_no_longer_answers_and_its_port_is_free(names: LocalNames) -> None:
    port = int(names.server.partition(":")[2])
    process = names.end()
    assert process is not None
    assert process.family() == []
    with pytest.raises(ConnectionRefusedError):
        look_up((HOST, port), "redis.test", timeout_s=5)
    assert names.end() is None
