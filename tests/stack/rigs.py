"""What the tests of a stack's life need to know of a driver, so that they are the same for every one."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from fixtures.errors import StackError
from fixtures.images.choose import choose_image
from fixtures.images.engine import PROBE_TIMEOUT_S, connect
from fixtures.images.labels import STACK
from fixtures.images.wanted import wanted_images
from fixtures.stack.base import Component, StackOptions
from fixtures.stack.containers.sweep import containers_with
from fixtures.stack.docker import DockerStack
from fixtures.stack.local import LocalStack
from fixtures.wait import eventually
from tests.stack.support import REDIS_ONLY, left_of, living, ports_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

    from fixtures.stack.crew_stack import CrewStack

    AnyStack = CrewStack[Any, Any]


class Rig(Protocol):
    """One driver.

    Attributes:
        end_by_kill: How a message tells that a component was killed behind the driver's back.
    """

    end_by_kill: str

    def make(self, options: StackOptions | None = None) -> AnyStack:
        """A stack, not yet started."""

    def kill_behind_its_back(self, stack: AnyStack, component: Component) -> None:
        """Ends a component without the driver's knowledge, and returns when it is dead."""

    def left_of(self, stack: AnyStack) -> list[str]:
        """What a stack that is gone has left behind; an empty list when it is clean."""

    def living(self, pids: list[int]) -> list[int]:
        """Those processes of ended components that live all the same."""


def redis_alone(rig: Rig) -> AnyStack:
    """A stack of Redis alone, not yet started: up within some 20 ms as a process, within a second as a container."""
    return rig.make(StackOptions(components=REDIS_ONLY))


class LocalRig:
    """Processes of this machine."""

    end_by_kill = "by signal 9"

    def make(self, options: StackOptions | None = None) -> LocalStack:
        """A stack, not yet started."""
        return LocalStack(options)

    def kill_behind_its_back(self, stack: AnyStack, component: Component) -> None:
        """Ends a component's first process."""
        pid = stack.figures(component)[0].pid
        os.kill(pid, signal.SIGKILL)
        # Its first thread may be gone before the others are: dead is what can be waited for.
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    def left_of(self, stack: AnyStack) -> list[str]:
        """Processes, ports and directory."""
        return left_of(stack.name, stack.directory, ports_of(stack.addresses))

    def living(self, pids: list[int]) -> list[int]:
        """Those that live."""
        return living(pids)


class DockerRig:
    """Containers.

    Args:
        engine: Where they run.
    """

    end_by_kill = "with exit code 137"

    def __init__(self, engine: DockerClient) -> None:
        self._engine = engine

    def make(self, options: StackOptions | None = None) -> DockerStack:
        """A stack, not yet started."""
        return DockerStack(options, images=wanted_images())

    def kill_behind_its_back(self, stack: AnyStack, component: Component) -> None:
        """Has the engine kill a component's container."""
        container = self._engine.containers.get(f"{stack.name}-{component}")
        container.kill()
        runner = stack._crew.runners()[component]
        eventually(lambda: runner.exit_status is not None, timeout_s=10, what="the end to be noticed")

    def left_of(self, stack: AnyStack) -> list[str]:
        """Containers, network, ports and directory."""
        return left_on(self._engine, stack.name) + left_of(
            stack.name, stack.directory, ports_of(stack.addresses)
        )

    def living(self, pids: list[int]) -> list[int]:  # noqa: ARG002  (numbers inside containers that are gone)
        """None: a container that ended takes all of its processes with it."""
        return []


@contextmanager
def engine_with_images() -> Iterator[DockerClient]:
    """The engine; what needs it is skipped where it, or an image, cannot be had."""
    try:
        client = connect(timeout_s=PROBE_TIMEOUT_S)
    except StackError as error:
        pytest.skip(str(error))
    try:
        images = wanted_images()
        for wanted in (images.kong, images.redis, images.python):
            choose_image(client, wanted)
    except StackError as error:
        client.close()
        pytest.skip(str(error))
    try:
        yield client
    finally:
        client.close()


def left_on(engine: DockerClient, name: str) -> list[str]:
    """Containers and networks of a stack that are on the engine."""
    mine = f"{STACK}={name}"
    containers = [str(each["Names"][0]).removeprefix("/") for each in containers_with(engine, mine)]
    return containers + [str(each.name) for each in engine.networks.list(filters={"label": mine})]
