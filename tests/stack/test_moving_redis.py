"""A local stack's Redis moves to another address under its name, and nothing else of it changes."""

from __future__ import annotations

import os
import signal
import socket
import time
from typing import TYPE_CHECKING

import pytest

from fixtures.errors import FaultError, StackError, WrongState
from fixtures.stack.base import Component, StackOptions
from fixtures.stack.drivers import local_stack as made_stack
from fixtures.stack.local_names import LocalNames
from fixtures.stack.moving_redis import LocalStackThatMovesRedis
from fixtures.stack.ports import HOST
from fixtures.stack.probes import redis_reply
from fixtures.stack.reaper import marked_processes
from fixtures.stack.surroundings import Readdressable
from fixtures.wait import eventually
from tests.stack.support import REDIS_ONLY, left_of, living, ports_of

if TYPE_CHECKING:
    from collections.abc import Iterator

DELAY_S = 0.1


def movable() -> LocalStackThatMovesRedis:
    """A stack of Redis alone, not yet started."""
    stack = made_stack(StackOptions(components=REDIS_ONLY, movable_redis=True))
    assert isinstance(stack, LocalStackThatMovesRedis)
    return stack


@pytest.fixture(scope="module")
def moving() -> Iterator[LocalStackThatMovesRedis]:
    """Redis and its name server; each test leaves it healthy, wherever it is."""
    with movable() as stack:
        yield stack


def answers_at(stack: LocalStackThatMovesRedis, host: str) -> bool:
    try:
        return redis_reply(host, stack.addresses.redis_port) == "+PONG"
    except ConnectionRefusedError:
        return False


def name_server_of(stack: LocalStackThatMovesRedis) -> int:
    """Its process, by what it has in common with all of the stack's."""
    redis = {row.pid for row in stack.figures(Component.REDIS)}
    (server,) = {process.pid for process in marked_processes(stack.name)} - redis
    return server


def test_only_a_stack_that_is_asked_for_it_is_able() -> None:
    assert not isinstance(made_stack(StackOptions()), Readdressable)
    assert not isinstance(made_stack(), Readdressable)
    assert isinstance(movable(), Readdressable)


def test_redis_is_found_at_its_new_address_only(moving: LocalStackThatMovesRedis) -> None:
    before = moving.redis_address()
    assert answers_at(moving, before)
    old, new = moving.move_redis()
    assert (old, moving.redis_address()) == (before, new)
    assert old != new
    assert (answers_at(moving, old), answers_at(moving, new)) == (False, True)
    assert answers_at(moving, HOST), "for the tests it is where it was"


def test_no_address_comes_back(moving: LocalStackThatMovesRedis) -> None:
    moves = [moving.move_redis() for _ in range(3)]
    assert len({address for move in moves for address in move}) == 4


def test_connections_that_exist_are_cut(moving: LocalStackThatMovesRedis) -> None:
    for host in (moving.redis_address(), HOST):
        with socket.create_connection((host, moving.addresses.redis_port), timeout=5) as connection:
            connection.sendall(b"PING\r\n")
            assert connection.recv(100) == b"+PONG\r\n"
            moving.move_redis()
            assert connection.recv(100) == b""


@pytest.mark.parametrize("end", ["kill", "stop_component"])
def test_one_that_starts_again_is_where_it_had_moved_to(moving: LocalStackThatMovesRedis, end: str) -> None:
    old, new = moving.move_redis()
    getattr(moving, end)(Component.REDIS)
    with pytest.raises(WrongState, match="cannot move redis: it is stopped, not running"):
        moving.move_redis()
    moving.start_component(Component.REDIS)
    assert moving.redis_address() == new
    assert (answers_at(moving, old), answers_at(moving, new)) == (False, True)


def test_a_slow_redis_is_slow_at_its_own_address_as_well_and_does_not_move(
    moving: LocalStackThatMovesRedis,
) -> None:
    address = moving.redis_address()
    moving.delay(Component.REDIS, delay_s=DELAY_S)
    try:
        for host in (address, HOST):
            started_s = time.monotonic()
            assert answers_at(moving, host)
            assert time.monotonic() - started_s >= 2 * DELAY_S
        with pytest.raises(FaultError, match="redis is delayed"):
            moving.move_redis()
    finally:
        moving.undelay(Component.REDIS)
    assert moving.redis_address() == address
    assert answers_at(moving, address)


def test_a_name_that_does_not_lead_there_is_no_move(monkeypatch: pytest.MonkeyPatch) -> None:
    with movable() as stack:
        monkeypatch.setattr(LocalNames, "lead", lambda *_arguments: None)
        with pytest.raises(FaultError, match=r"redis did not move from .* and its name leads to 127"):
            stack.move_redis()


def test_a_redis_that_is_found_at_its_old_address_has_not_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    with movable() as stack:
        monkeypatch.setattr(LocalStackThatMovesRedis, "_own_address", lambda *_, **__: stack.redis_address())
        with pytest.raises(FaultError, match=r"at the old address '\+PONG'"):
            stack.move_redis()


def test_stacks_side_by_side_have_addresses_of_their_own() -> None:
    with movable() as first, movable() as second:
        assert first.redis_address() != second.redis_address()
        second.move_redis()
        first.move_redis()
        assert len({first.redis_address(), second.redis_address()}) == 2


def test_a_name_server_that_ended_on_its_own_is_noticed() -> None:
    with movable() as stack:
        stack.require_running()
        os.kill(name_server_of(stack), signal.SIGKILL)

        def noticed() -> bool:
            try:
                stack.require_running()
            except StackError as error:
                return "name server ended on its own, with exit code -9" in str(error)
            return False

        eventually(noticed, timeout_s=5, what="the end of the name server to be noticed")


def test_nothing_is_left_of_it_when_it_ends() -> None:
    with movable() as stack:
        stack.move_redis()
        server = name_server_of(stack)
    assert living([server]) == []
    assert left_of(stack.name, stack.directory, ports_of(stack.addresses)) == []


def test_nothing_is_left_of_one_that_could_not_start() -> None:
    stack = made_stack(
        StackOptions(components=REDIS_ONLY, movable_redis=True, redis_args=("--no-such-setting", "1"))
    )
    with pytest.raises(StackError, match="redis ended on its own"):
        stack.start()
    assert left_of(stack.name, stack.directory, []) == []


def test_one_that_is_left_to_run_keeps_its_name_server_until_its_end() -> None:
    stack = movable()
    stack.start()
    server, names = name_server_of(stack), stack._names
    record = stack.detach()
    try:
        assert names is not None
        assert names.address_of(record.addresses.redis_host_from_gateway) != ""
    finally:
        record.end()
    assert living([server]) == []
    assert left_of(stack.name, stack.directory, ports_of(stack.addresses)) == []
