"""Faults prove their effect and their end, or say that they could not."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

import pytest
import redis

from fixtures import nemesis
from fixtures.errors import AbilityMissing, FaultError
from fixtures.failures import CleanupFailed, InvalidFault
from fixtures.history import History, OpType
from fixtures.nemesis import base as fault_base
from fixtures.nemesis.noop import Noop
from fixtures.nemesis.redis_freeze import RedisFreeze
from fixtures.nemesis.redis_kill import RedisKill
from fixtures.nemesis.redis_out_of_clients import RedisOutOfClients
from fixtures.nemesis.redis_refuse import RedisRefuse
from fixtures.nemesis.redis_slow import RedisSlow
from fixtures.nemesis.redis_stop import RedisStop
from fixtures.nemesis.sighting import Outcome, Sighting, look_at_redis
from fixtures.stack.base import Component, ComponentState, Pausable, StackOptions
from fixtures.stack.ports import HOST
from tests.stack.support import redis_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.stack.local import LocalStack

EFFECTS: dict[str, Outcome] = {
    Noop.name: Outcome.ANSWERED,
    RedisStop.name: Outcome.REFUSED,
    RedisKill.name: Outcome.REFUSED,
    RedisRefuse.name: Outcome.REFUSED,
    RedisFreeze.name: Outcome.SILENT,
    RedisSlow.name: Outcome.ANSWERED,
    RedisOutOfClients.name: Outcome.ERROR,
}
# Faults after which the same server goes on, with the data it had.
SAME_SERVER = {Noop.name, RedisRefuse.name, RedisFreeze.name, RedisSlow.name, RedisOutOfClients.name}


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """Redis alone; each test leaves it healthy."""
    with redis_stack() as stack:
        yield stack


def look(stack: LocalStack, *, silence_s: float = 1.0) -> Sighting:
    return look_at_redis(HOST, stack.addresses.redis_port, silence_s=silence_s)


def run_id(stack: LocalStack) -> str:
    """Identity of the server's process."""
    with redis.Redis(port=stack.addresses.redis_port) as client:
        identity: Any = client.info("server")
        return str(identity["run_id"])


def test_a_fault_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(FaultError, match="there is no fault 'redis_melt'; known: noop, redis_"):
        nemesis.fault_named("redis_melt")


@pytest.mark.parametrize("name", list(EFFECTS))
def test_a_fault_is_felt_while_it_lasts_and_gone_afterwards(stack: LocalStack, name: str) -> None:
    before = run_id(stack)
    with nemesis.fault_named(name)(stack):
        assert look(stack).outcome is EFFECTS[name]
        assert stack.undo.outstanding == [name]
    assert look(stack).outcome is Outcome.ANSWERED
    assert stack.undo.outstanding == []
    assert stack.state(Component.REDIS) is ComponentState.RUNNING
    assert (run_id(stack) == before) is (name in SAME_SERVER)


@pytest.mark.parametrize("name", [name for name in EFFECTS if name not in {Noop.name, RedisFreeze.name}])
def test_connections_that_exist_are_cut(stack: LocalStack, name: str) -> None:
    with socket.create_connection((HOST, stack.addresses.redis_port), timeout=5) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(100) == b"+PONG\r\n"
        with nemesis.fault_named(name)(stack):
            assert connection.recv(100) == b""


def test_a_frozen_redis_answers_afterwards_what_it_was_asked_meanwhile(stack: LocalStack) -> None:
    with socket.create_connection((HOST, stack.addresses.redis_port), timeout=5) as connection:
        with RedisFreeze(stack):
            connection.sendall(b"PING\r\n")
            connection.settimeout(0.2)
            with pytest.raises(TimeoutError):
                connection.recv(100)
        connection.settimeout(5)
        assert connection.recv(100) == b"+PONG\r\n"


def test_a_slow_redis_is_late_by_the_stated_time_on_every_answer(stack: LocalStack) -> None:
    with RedisSlow(stack, delay_s=0.05), redis.Redis(port=stack.addresses.redis_port) as client:
        for _ in range(3):
            started_s = time.monotonic()
            assert client.echo(b"x" * 100_000) == b"x" * 100_000
            assert time.monotonic() - started_s >= 0.1


def test_a_redis_that_is_killed_while_it_is_slow_comes_back_undelayed(stack: LocalStack) -> None:
    stack.delay(Component.REDIS, delay_s=1.0)
    stack.kill(Component.REDIS)
    stack.start_component(Component.REDIS)
    assert look(stack, silence_s=1.0).outcome is Outcome.ANSWERED


def test_a_fault_can_be_injected_again_after_it_was_healed(stack: LocalStack) -> None:
    fault = RedisRefuse(stack)
    for _ in range(2):
        fault.inject()
        with pytest.raises(FaultError, match="redis_refuse is injected already"):
            fault.inject()
        fault.heal()
        fault.heal()


def test_faults_write_what_they_did_and_what_was_seen_into_the_history(stack: LocalStack) -> None:
    history = History()
    with RedisRefuse(stack, recorder=history.info):
        pass
    ops = list(history)
    assert [(op.process, op.type, op.f) for op in ops] == [("nemesis", OpType.INFO, "redis_refuse")] * 4
    assert [op.value["phase"] for op in ops] == ["inject", "effective", "heal", "gone"]
    assert ops[1].value["seen"].startswith("refused")
    assert ops[3].value["seen"].startswith("answered")


class Ineffective(RedisFreeze):
    """Means to freeze Redis and does nothing."""

    name = "ineffective"

    def _apply(self) -> None:
        return


class Incurable(RedisFreeze):
    """Freezes Redis and does not let it go on."""

    name = "incurable"

    def _remove(self) -> None:
        return


class FailsHalfway(RedisFreeze):
    """Freezes Redis and then fails."""

    name = "fails_halfway"

    def _apply(self) -> None:
        super()._apply()
        raise FaultError("halfway")


def test_a_fault_without_effect_makes_the_run_invalid(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fault_base, "_EFFECT_TIMEOUT_S", 0.2)
    with pytest.raises(InvalidFault, match="ineffective had no effect") as invalid, Ineffective(stack):
        pytest.fail("the block must not run")
    assert "answered" in invalid.value.message
    assert stack.undo.outstanding == []


def test_a_fault_that_stays_makes_the_run_invalid_in_its_own_way(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fault_base, "_RECOVERY_TIMEOUT_S", 0.2)
    fault = Incurable(stack)
    fault.inject()
    try:
        with pytest.raises(CleanupFailed, match="incurable could not be healed") as failed:
            fault.heal()
        assert "silent" in failed.value.message
    finally:
        stack.resume(Component.REDIS)


def test_a_fault_that_stays_does_not_hide_the_error_of_the_test(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fault_base, "_RECOVERY_TIMEOUT_S", 0.2)

    def fail_inside() -> None:
        with Incurable(stack):
            raise RuntimeError("the first error")

    try:
        with pytest.raises(RuntimeError, match="the first error") as caught:
            fail_inside()
        assert any("incurable could not be healed" in note for note in caught.value.__notes__)
    finally:
        stack.resume(Component.REDIS)


def test_a_fault_that_fails_halfway_is_undone(stack: LocalStack) -> None:
    with pytest.raises(FaultError, match="halfway"):
        FailsHalfway(stack).inject()
    assert look(stack).outcome is Outcome.ANSWERED
    assert stack.undo.outstanding == []


def test_no_fault_is_injected_into_a_redis_that_is_not_healthy(stack: LocalStack) -> None:
    with RedisFreeze(stack), pytest.raises(FaultError, match="redis is not healthy before it"):
        RedisRefuse(stack).inject()
    assert look(stack).outcome is Outcome.ANSWERED


def test_what_a_test_left_broken_is_undone_when_the_stack_is_detached() -> None:
    stack = redis_stack()
    stack.start()
    RedisRefuse(stack).inject()
    record = stack.detach()
    try:
        assert look(stack).outcome is Outcome.ANSWERED
    finally:
        stack.remove()
        assert record.directory.is_dir(), (
            "a stack that was left to run on its own is not this one's to remove"
        )
        record.end()


def test_a_stack_with_a_fault_in_it_can_be_stopped() -> None:
    for name in EFFECTS:
        with redis_stack() as stack:
            nemesis.fault_named(name)(stack).inject()


class ImmobileStack:
    """A stack whose driver cannot freeze anything."""

    kind = "immobile"
    options = StackOptions()
    faultable = options.components - {Component.BACKEND}


def test_a_fault_needs_the_ability_of_the_driver() -> None:
    stack: Any = ImmobileStack()
    with pytest.raises(AbilityMissing, match="the 'immobile' stack lacks the ability Pausable"):
        RedisFreeze(stack)
    assert not isinstance(stack, Pausable)
    offer = nemesis.offered(stack)
    assert offer.withheld[RedisFreeze.name] == "the 'immobile' stack lacks the ability Pausable"
    assert RedisOutOfClients.name in offer.faults


def test_a_fault_needs_the_permission_for_its_component() -> None:
    stack: Any = ImmobileStack()
    stack.faultable = frozenset()
    with pytest.raises(AbilityMissing, match=r"the 'immobile' stack lacks the ability Faults\(redis\)"):
        RedisOutOfClients(stack)
    assert nemesis.offered(stack).withheld[RedisOutOfClients.name] == "nobody allowed faults of redis"
