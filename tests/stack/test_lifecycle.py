"""A stack's life: start, restart, pause, stop."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from fixtures.errors import ComponentExited, StackError, WrongState
from fixtures.stack.base import Component, ComponentState
from fixtures.stack.local import LocalStack
from fixtures.stack.probes import http_status, redis_reply
from tests.stack.support import left_of, living, ports_of, redis_stack

if TYPE_CHECKING:
    from fixtures.report.recorder import Evidence

# The promise is 2 s on two idle cores; other tests load the cores here, so this only catches a start in sequence
# or one that waits for a deadline. The measured time goes into the report.
START_BOUND_S = 10.0
STOP_BOUND_S = 5.0


def kill_redis_behind_its_back(stack: LocalStack) -> None:
    """Ends Redis without the driver's knowledge, and returns when it is dead."""
    pid = stack.figures(Component.REDIS)[0].pid
    os.kill(pid, signal.SIGKILL)
    # Its first thread may be gone before the others are: dead is what can be waited for.
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_the_whole_stack_starts_answers_and_leaves_nothing(evidence: Evidence) -> None:
    stack = LocalStack()
    started_s = time.monotonic()
    stack.start()
    start_s = time.monotonic() - started_s
    try:
        addresses = stack.addresses
        assert http_status(f"{addresses.admin_url}/status") == 200
        assert http_status(f"{addresses.backend_url}/health") == 200
        assert http_status(f"{addresses.upstream_url}/_emulator/health") == 200
        assert redis_reply(addresses.redis_host, addresses.redis_port) == "+PONG"
        assert len(stack.worker_pids()) == stack.options.workers
        assert stack.describe()["gateway"] == "embedded gateway host, not Kong"
    finally:
        stopping_s = time.monotonic()
        stack.stop()
        stop_s = time.monotonic() - stopping_s
        logs = stack.logs()
        readable = {name for name, log in logs.items() if log.is_file()}
        stack.remove()
    assert evidence.figure("stack up", start_s, "s", below=START_BOUND_S).holds
    assert evidence.figure("stack down", stop_s, "s", below=STOP_BOUND_S).holds
    assert readable == set(logs), "logs stay readable between stop and remove"
    assert left_of(stack.name, stack.directory, ports_of(addresses)) == []


def test_two_stacks_run_side_by_side() -> None:
    with redis_stack() as first, redis_stack() as second:
        ports = ports_of(first.addresses) + ports_of(second.addresses)
        assert len(set(ports)) == len(ports)
        assert first.directory != second.directory
        first.kill(Component.REDIS)
        assert redis_reply("127.0.0.1", second.addresses.redis_port) == "+PONG"
        first.start_component(Component.REDIS)


@pytest.mark.parametrize("component", list(Component))
def test_a_component_comes_back_on_its_port(local_stack: LocalStack, component: Component) -> None:
    before = local_stack.addresses
    local_stack.stop_component(component)
    assert local_stack.state(component) is ComponentState.STOPPED
    assert local_stack.figures(component) == []
    local_stack.start_component(component)
    assert local_stack.state(component) is ComponentState.RUNNING
    assert local_stack.addresses == before
    local_stack.require_running()


@pytest.mark.parametrize("component", list(Component))
def test_a_killed_component_leaves_no_process_and_comes_back(
    local_stack: LocalStack, component: Component
) -> None:
    family = [figures.pid for figures in local_stack.figures(component)]
    local_stack.kill(component)
    assert living(family) == []
    local_stack.start_component(component)
    local_stack.require_running()


def test_a_paused_redis_accepts_and_stays_silent_until_it_is_resumed() -> None:
    with redis_stack() as stack:
        stack.pause(Component.REDIS)
        assert stack.state(Component.REDIS) is ComponentState.PAUSED
        with pytest.raises(TimeoutError):
            redis_reply("127.0.0.1", stack.addresses.redis_port, timeout_s=0.2)
        stack.resume(Component.REDIS)
        assert redis_reply("127.0.0.1", stack.addresses.redis_port) == "+PONG"


def test_a_paused_gateway_is_frozen_with_its_workers(local_stack: LocalStack) -> None:
    local_stack.pause(Component.GATEWAY)
    try:
        with pytest.raises(TimeoutError):
            http_status(f"{local_stack.addresses.gateway_url}/plain")
    finally:
        local_stack.resume(Component.GATEWAY)
    assert http_status(f"{local_stack.addresses.admin_url}/status") == 200


def test_actions_that_do_not_fit_the_state_are_refused() -> None:
    with redis_stack() as stack:
        with pytest.raises(WrongState, match="cannot resume redis: it is running, not paused"):
            stack.resume(Component.REDIS)
        with pytest.raises(WrongState, match="cannot start redis: it is running, not stopped"):
            stack.start_component(Component.REDIS)
        stack.pause(Component.REDIS)
        with pytest.raises(WrongState, match="cannot pause redis: it is paused, not running"):
            stack.pause(Component.REDIS)
        with pytest.raises(WrongState, match="cannot stop redis: it is paused, not running"):
            stack.stop_component(Component.REDIS)
        stack.kill(Component.REDIS)
        with pytest.raises(WrongState, match="cannot kill redis: it is stopped, not running or paused"):
            stack.kill(Component.REDIS)
        with pytest.raises(WrongState, match="cannot stop backend: it is not part of this stack"):
            stack.stop_component(Component.BACKEND)
        stack.start_component(Component.REDIS)


def test_a_stack_starts_once_and_has_no_addresses_before() -> None:
    stack = redis_stack()
    with pytest.raises(StackError, match="has no addresses: it is not started"):
        _ = stack.addresses
    with stack, pytest.raises(StackError, match="is started already"):
        stack.start()


def test_a_component_that_ended_on_its_own_is_reported_by_every_further_step() -> None:
    with redis_stack() as stack:
        kill_redis_behind_its_back(stack)
        with pytest.raises(ComponentExited, match="redis ended on its own, by signal 9") as noticed:
            stack.require_running()
        assert "Ready to accept connections" in noticed.value.last_lines
        with pytest.raises(ComponentExited):
            stack.pause(Component.REDIS)
        with pytest.raises(ComponentExited):
            stack.stop()
        stack.stop()
    assert left_of(stack.name, stack.directory, [stack.addresses.redis_port]) == []


def test_an_error_in_the_block_is_kept_and_tells_of_a_component_that_ended() -> None:
    def fail_inside() -> None:
        with redis_stack() as stack:
            kill_redis_behind_its_back(stack)
            raise RuntimeError("the first error")

    with pytest.raises(RuntimeError, match="the first error") as caught:
        fail_inside()
    assert any("redis ended on its own" in note for note in caught.value.__notes__)


def test_a_reload_replaces_every_worker(local_stack: LocalStack) -> None:
    before = local_stack.worker_pids()
    local_stack.reload_gateway()
    after = local_stack.worker_pids()
    assert len(after) == len(before)
    assert set(after).isdisjoint(before)


@pytest.mark.parametrize("way", ["quit_gateway", "terminate_gateway"])
def test_a_stopped_gateway_leaves_no_worker(local_stack: LocalStack, way: str) -> None:
    workers = local_stack.worker_pids()
    getattr(local_stack, way)()
    assert living(workers) == []
    assert local_stack.worker_pids() == []
    local_stack.start_component(Component.GATEWAY)


def test_figures_tell_of_master_and_workers(local_stack: LocalStack) -> None:
    figures = local_stack.figures(Component.GATEWAY)
    assert [row.role for row in figures].count("main") == 1
    assert sorted(row.pid for row in figures if row.role == "worker") == local_stack.worker_pids()
    assert all(row.rss_bytes > 0 and row.handles > 0 and row.threads > 0 for row in figures)
