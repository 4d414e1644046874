"""A stack of containers: start, restart, pause, kill, stop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from fixtures.errors import ComponentExited, WrongState
from fixtures.images.choose import choose_image
from fixtures.images.wanted import wanted_images
from fixtures.nemesis import FAULTS
from fixtures.stack.base import Component, ComponentState, StackOptions
from fixtures.stack.docker import DockerStack
from fixtures.stack.probes import http_status, redis_reply
from fixtures.wait import eventually
from tests.docker.support import left_on, redis_stack, volumes_of

if TYPE_CHECKING:
    from docker import DockerClient

    from fixtures.nemesis.base import Fault
    from fixtures.report.recorder import Evidence

# In one process: each start sweeps the engine, which others would see.
pytestmark = pytest.mark.xdist_group("docker")

# The promise for two cores with the images present.
START_BOUND_S = 10.0


def test_the_whole_stack_starts_answers_and_leaves_nothing(engine: DockerClient, evidence: Evidence) -> None:
    volumes = volumes_of(engine)
    stack = DockerStack(images=wanted_images())
    # The images are built before: the promise is about the stack.
    redis_stack().__enter__().__exit__(None, None, None)
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
    finally:
        stack.stop()
        logs = {name: log.read_text() for name, log in stack.logs().items()}
        stack.remove()
    assert evidence.figure("stack of containers up", start_s, "s", below=START_BOUND_S).holds
    assert "start worker process" in logs["gateway.error"]
    assert "Ready to accept connections" in logs["redis"]
    assert "subscribed" in logs["backend"]
    assert left_on(engine, stack.name) == []
    assert volumes_of(engine) == volumes
    assert not stack.directory.exists()


def test_every_image_that_stands_in_for_another_is_named(engine: DockerClient, whole: DockerStack) -> None:
    told = whole.describe()
    images = wanted_images()
    for name, wanted in (
        ("gateway", images.kong),
        ("redis", images.redis),
        ("backend and upstream", images.python),
    ):
        chosen = choose_image(engine, wanted)
        assert str(chosen) in told[name]
        assert (f"stands in for {wanted}" in told[name]) == chosen.stands_in
    assert ("not Kong" in told["gateway"]) == choose_image(engine, images.kong).stands_in


@pytest.mark.parametrize("component", list(Component))
def test_a_component_comes_back_on_its_port(whole: DockerStack, component: Component) -> None:
    before = whole.addresses
    whole.stop_component(component)
    assert whole.state(component) is ComponentState.STOPPED
    assert whole.figures(component) == []
    whole.start_component(component)
    assert whole.addresses == before
    whole.require_running()


@pytest.mark.parametrize("component", [Component.GATEWAY, Component.REDIS])
def test_a_killed_component_comes_back(whole: DockerStack, component: Component) -> None:
    whole.kill(component)
    assert whole.state(component) is ComponentState.STOPPED
    whole.start_component(component)
    whole.require_running()


def test_logs_go_on_over_a_restart_and_hold_all_that_was_said(whole: DockerStack) -> None:
    log = whole.logs()["redis"]
    starts = log.read_text().count("Ready to accept connections")
    whole.stop_component(Component.REDIS)
    whole.start_component(Component.REDIS)
    text = whole.logs()["redis"].read_text()
    assert text.count("Ready to accept connections") == starts + 1
    assert "suite-mark-" not in text


def test_a_request_is_in_the_access_log_as_soon_as_it_was_answered(whole: DockerStack) -> None:
    log = whole.logs()["gateway.access"]
    for _ in range(20):
        lines = log.read_text().count("\n")
        assert http_status(f"{whole.addresses.gateway_url}/plain") == 200
        assert whole.logs()["gateway.access"].read_text().count("\n") > lines


def test_a_reload_replaces_every_worker(whole: DockerStack) -> None:
    before = whole.worker_pids()
    whole.reload_gateway()
    after = whole.worker_pids()
    assert len(after) == len(before)
    assert set(after).isdisjoint(before)


def test_a_killed_worker_is_replaced(whole: DockerStack) -> None:
    victim = whole.worker_pids()[0]
    whole.kill_worker(victim)
    eventually(
        lambda: victim not in (now := whole.worker_pids()) and len(now) == whole.options.workers,
        timeout_s=10,
        what="another worker in place of the killed one",
    )


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_shows_and_goes(whole: DockerStack, fault: type[Fault]) -> None:
    with fault(whole):
        pass
    assert whole.undo.outstanding == []
    whole.require_running()


def test_a_paused_redis_accepts_and_stays_silent_until_it_is_resumed(whole: DockerStack) -> None:
    whole.pause(Component.REDIS)
    try:
        with pytest.raises(WrongState):
            whole.stop_component(Component.REDIS)
        with pytest.raises(TimeoutError):
            redis_reply("127.0.0.1", whole.addresses.redis_port, timeout_s=0.2)
    finally:
        whole.resume(Component.REDIS)
    assert redis_reply("127.0.0.1", whole.addresses.redis_port) == "+PONG"


def test_two_stacks_run_side_by_side(engine: DockerClient) -> None:
    with redis_stack() as first, redis_stack() as second:
        assert first.addresses.redis_port != second.addresses.redis_port
        first.kill(Component.REDIS)
        assert redis_reply("127.0.0.1", second.addresses.redis_port) == "+PONG"
    assert left_on(engine, first.name) + left_on(engine, second.name) == []


def test_a_component_that_ends_while_it_starts_is_noticed_at_once(engine: DockerClient) -> None:
    options = StackOptions(
        components=frozenset({Component.GATEWAY}), declarative_config="_format_version: '9'"
    )
    stack = DockerStack(options, images=wanted_images())
    began_s = time.monotonic()
    with pytest.raises(ComponentExited, match="gateway ended on its own, with exit code 1") as noticed:
        stack.start()
    assert time.monotonic() - began_s < START_BOUND_S
    assert "the declarative configuration was refused" in str(noticed.value)
    assert "_format_version" in noticed.value.last_lines
    assert left_on(engine, stack.name) == []
    assert not stack.directory.exists()


def test_a_component_that_ended_on_its_own_is_reported(engine: DockerClient) -> None:
    with redis_stack() as stack:
        for container in engine.containers.list(filters={"name": stack.name}, ignore_removed=True):
            container.kill()
        with pytest.raises(ComponentExited, match="redis ended on its own, with exit code 137"):
            eventually(stack.require_running, timeout_s=10, what="the end to be noticed")
        with pytest.raises(ComponentExited):
            stack.stop()
    assert left_on(engine, stack.name) == []
