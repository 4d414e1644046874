"""A stack's life: start, restart, pause, kill, reload, stop; the same with every driver that starts components."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.errors import ComponentExited, StackError, WrongState
from fixtures.gateway_config import Route, standard_config
from fixtures.stack.base import Component, ComponentState, StackOptions
from fixtures.stack.probes import http_status, redis_reply
from fixtures.wait import eventually
from tests.stack.rigs import DockerRig, LocalRig, engine_with_images, redis_alone
from tests.stack.support import ports_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.report.recorder import Evidence
    from tests.stack.rigs import AnyStack, Rig

# The promise is 2 s for processes on two idle cores and 10 s for containers; other tests load the cores here, so this
# only catches a start in sequence or one that waits for a deadline. The measured time goes into the report.
START_BOUND_S = 10.0
STOP_BOUND_S = 5.0

LATE_WORKER = "late-worker"
SOURCE = Path(__file__).parent / "plugins" / LATE_WORKER

# Containers in one process: each start sweeps the engine, which others would see.
DRIVERS = ["local", pytest.param("docker", marks=[pytest.mark.xdist_group("docker"), pytest.mark.engine])]


@pytest.fixture(scope="module", params=DRIVERS)
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Each driver in turn; containers only where there is an engine with the images."""
    if request.param == "local":
        yield LocalRig()
        return
    with engine_with_images() as engine:
        yield DockerRig(engine)


@pytest.fixture(scope="module")
def whole(rig: Rig) -> Iterator[AnyStack]:
    """A whole stack for the tests of this module; each leaves it running and healthy."""
    with rig.make() as stack:
        yield stack


def test_the_whole_stack_starts_answers_and_leaves_nothing(rig: Rig, evidence: Evidence) -> None:
    # Images of containers are built when first used; the promise is about the stack.
    with redis_alone(rig):
        pass
    stack = rig.make()
    with ExitStack() as cleanup:
        cleanup.callback(stack.remove)
        started_s = time.monotonic()
        stack.start()
        start_s = time.monotonic() - started_s
        addresses = stack.addresses
        assert http_status(f"{addresses.admin_url}/status") == 200
        assert http_status(f"{addresses.backend_url}/health") == 200
        assert http_status(f"{addresses.upstream_url}/_emulator/health") == 200
        assert redis_reply(addresses.redis_host, addresses.redis_port) == "+PONG"
        assert len(stack.worker_pids()) == stack.options.workers
        stopping_s = time.monotonic()
        stack.stop()
        stop_s = time.monotonic() - stopping_s
        logs = {name: log.read_text() for name, log in stack.logs().items()}
    assert evidence.figure(f"stack up, {stack.kind}", start_s, "s", below=START_BOUND_S).holds
    assert evidence.figure(f"stack down, {stack.kind}", stop_s, "s", below=STOP_BOUND_S).holds
    assert "start worker process" in logs["gateway.error"], "logs stay readable between stop and remove"
    assert "Ready to accept connections" in logs["redis"]
    assert "subscribed" in logs["backend"]
    assert rig.left_of(stack) == []


def test_a_gateway_is_started_when_its_last_worker_accepts(rig: Rig) -> None:
    options = StackOptions(components=frozenset({Component.GATEWAY}), gateway_plugins={LATE_WORKER: SOURCE})
    with rig.make(options) as stack:
        assert len(stack.worker_pids()) == options.workers
        stack.kill(Component.GATEWAY)
        stack.start_component(Component.GATEWAY)
        assert len(stack.worker_pids()) == options.workers


def test_two_stacks_run_side_by_side(rig: Rig) -> None:
    with redis_alone(rig) as first, redis_alone(rig) as second:
        ports = ports_of(first.addresses) + ports_of(second.addresses)
        assert len(set(ports)) == len(ports)
        assert first.directory != second.directory
        first.kill(Component.REDIS)
        assert redis_reply(second.addresses.redis_host, second.addresses.redis_port) == "+PONG"
        first.start_component(Component.REDIS)
    assert rig.left_of(first) + rig.left_of(second) == []


@pytest.mark.parametrize("component", sorted(StackOptions().components))
def test_a_component_comes_back_on_its_port(whole: AnyStack, component: Component) -> None:
    before = whole.addresses
    whole.stop_component(component)
    assert whole.state(component) is ComponentState.STOPPED
    assert whole.figures(component) == []
    whole.start_component(component)
    assert whole.state(component) is ComponentState.RUNNING
    assert whole.addresses == before
    whole.require_running()


@pytest.mark.parametrize("component", sorted(StackOptions().components))
def test_a_killed_component_leaves_no_process_and_comes_back(
    rig: Rig, whole: AnyStack, component: Component
) -> None:
    family = [figures.pid for figures in whole.figures(component)]
    whole.kill(component)
    assert whole.state(component) is ComponentState.STOPPED
    assert whole.figures(component) == []
    assert rig.living(family) == []
    whole.start_component(component)
    whole.require_running()


def test_a_paused_redis_accepts_and_stays_silent_until_it_is_resumed(rig: Rig) -> None:
    with redis_alone(rig) as stack:
        stack.pause(Component.REDIS)
        assert stack.state(Component.REDIS) is ComponentState.PAUSED
        with pytest.raises(TimeoutError):
            redis_reply("127.0.0.1", stack.addresses.redis_port, timeout_s=0.2)
        stack.resume(Component.REDIS)
        assert redis_reply("127.0.0.1", stack.addresses.redis_port) == "+PONG"


def test_a_paused_gateway_is_frozen_with_its_workers(whole: AnyStack) -> None:
    whole.pause(Component.GATEWAY)
    try:
        with pytest.raises(TimeoutError):
            http_status(f"{whole.addresses.gateway_url}/plain")
    finally:
        whole.resume(Component.GATEWAY)
    assert http_status(f"{whole.addresses.admin_url}/status") == 200


def test_actions_that_do_not_fit_the_state_are_refused(rig: Rig) -> None:
    with redis_alone(rig) as stack:
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


def test_a_stack_starts_once_and_has_no_addresses_before(rig: Rig) -> None:
    stack = redis_alone(rig)
    with pytest.raises(StackError, match="has no addresses: it is not started"):
        _ = stack.addresses
    with stack, pytest.raises(StackError, match="is started already"):
        stack.start()


def test_a_component_that_ended_on_its_own_is_reported_by_every_further_step(rig: Rig) -> None:
    with redis_alone(rig) as stack:
        rig.kill_behind_its_back(stack, Component.REDIS)
        with pytest.raises(ComponentExited, match=f"redis ended on its own, {rig.end_by_kill}") as noticed:
            stack.require_running()
        assert "Ready to accept connections" in noticed.value.last_lines
        with pytest.raises(ComponentExited):
            stack.pause(Component.REDIS)
        with pytest.raises(ComponentExited):
            stack.stop()
        stack.stop()
    assert rig.left_of(stack) == []


def test_an_error_in_the_block_is_kept_and_tells_of_a_component_that_ended(rig: Rig) -> None:
    def fail_inside() -> None:
        with redis_alone(rig) as stack:
            rig.kill_behind_its_back(stack, Component.REDIS)
            raise RuntimeError("the first error")

    with pytest.raises(RuntimeError, match="the first error") as caught:
        fail_inside()
    assert any("redis ended on its own" in note for note in caught.value.__notes__)


def test_logs_go_on_over_a_restart_and_hold_all_that_was_said(whole: AnyStack) -> None:
    log = whole.logs()["redis"]
    starts = log.read_text().count("Ready to accept connections")
    whole.stop_component(Component.REDIS)
    whole.start_component(Component.REDIS)
    text = whole.logs()["redis"].read_text()
    assert text.count("Ready to accept connections") == starts + 1
    assert "suite-mark-" not in text


def test_a_reload_replaces_every_worker(whole: AnyStack) -> None:
    before = whole.worker_pids()
    whole.reload_gateway()
    after = whole.worker_pids()
    assert len(after) == len(before)
    assert set(after).isdisjoint(before)


def test_a_reload_reads_what_was_declared_last(whole: AnyStack) -> None:
    standard = standard_config(whole.addresses)
    url = f"{whole.addresses.gateway_url}/declared"
    whole.declare(standard.with_routes(Route(name="declared", path="/declared", plugins={})).to_yaml())
    assert http_status(url) == 404, "nothing changes before the reload"
    whole.reload_gateway()
    assert http_status(url) != 404
    whole.declare(standard.to_yaml())
    whole.reload_gateway()
    assert http_status(url) == 404


def test_a_killed_worker_is_replaced(whole: AnyStack) -> None:
    victim = whole.worker_pids()[0]
    whole.kill_worker(victim)
    eventually(
        lambda: victim not in (now := whole.worker_pids()) and len(now) == whole.options.workers,
        timeout_s=10,
        what="another worker in place of the killed one",
    )


@pytest.mark.parametrize("way", ["quit_gateway", "terminate_gateway"])
def test_a_stopped_gateway_leaves_no_worker(rig: Rig, whole: AnyStack, way: str) -> None:
    workers = whole.worker_pids()
    getattr(whole, way)()
    assert rig.living(workers) == []
    assert whole.worker_pids() == []
    whole.start_component(Component.GATEWAY)


def test_figures_tell_of_master_and_workers(whole: AnyStack) -> None:
    figures = whole.figures(Component.GATEWAY)
    assert [row.role for row in figures].count("main") == 1
    assert sorted(row.pid for row in figures if row.role == "worker") == whole.worker_pids()
    assert all(row.rss_bytes > 0 and row.handles > 0 and row.threads > 0 for row in figures)
