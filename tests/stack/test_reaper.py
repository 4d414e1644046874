"""When the test process dies, by any means, nothing of its stack is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.interruptible import interruptible
from fixtures.stack import reaper
from fixtures.stack.component import ROOT
from fixtures.stack.state_file import read_record
from fixtures.wait import eventually
from tests.stack.support import left_of, living

if TYPE_CHECKING:
    from collections.abc import Iterator

# A killed process group and its directory are gone within tens of milliseconds; loaded cores need longer.
GONE_TIMEOUT_S = 10.0

# Starts a stack, with a name server as well, tells where it is, and lives until it is killed.
CHILD = """
import json, sys, time
from fixtures.stack.base import Component, StackOptions
from fixtures.stack.drivers import local_stack
from fixtures.stack.reaper import marked_processes
components = frozenset(Component(name) for name in sys.argv[1].split(","))
stack = local_stack(StackOptions(components=components, movable_redis=True), keep=sys.argv[3] == "keep")
stack.start()
if sys.argv[2]:
    stack.pause(Component(sys.argv[2]))
pids = [row.pid for component in components for row in stack.figures(component)]
pids += [process.pid for process in marked_processes(stack.name) if process.pid not in pids]
ports = [stack.addresses.redis_port]
print(json.dumps({"name": stack.name, "directory": str(stack.directory), "pids": pids, "ports": ports}), flush=True)
time.sleep(600)
"""


@contextmanager
def running_child(
    components: str = "redis", *, paused: str = "", keep: str = ""
) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A process with a stack of its own, and what it says of it."""
    child = subprocess.Popen(
        interruptible(sys.executable, "-c", CHILD, components, paused, keep),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    groups: dict[int, int] = {}
    name = "no stack yet"
    try:
        assert child.stdout is not None
        told = json.loads(child.stdout.readline())
        record = read_record(Path(told["directory"]))
        groups, name = {process.pid: process.started for process in record.processes.values()}, record.name
        yield child, told
    finally:
        child.kill()
        child.communicate()
        # Nothing to do, unless the reaper that is tested here did not do it.
        reaper.end_groups(groups, name)


def require_gone(told: dict[str, Any]) -> None:
    directory = Path(told["directory"])

    def gone() -> bool:
        left = [f"process {pid}" for pid in living(told["pids"])]
        left += left_of(told["name"], directory, told["ports"])
        assert left == []
        return True

    eventually(gone, timeout_s=GONE_TIMEOUT_S, transient=(AssertionError,), what=f"{told} to be gone")


def test_a_killed_test_process_leaves_nothing_of_a_whole_stack() -> None:
    with running_child("redis,gateway,backend,upstream") as (child, told):
        assert len(told["pids"]) == 7, "gateway master and two workers, redis, backend, upstream, name server"
        child.kill()
        require_gone(told)


def test_a_frozen_component_of_a_killed_test_process_is_ended_as_well() -> None:
    with running_child(paused="redis") as (child, told):
        child.kill()
        require_gone(told)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_to_the_whole_terminal_leaves_nothing(number: signal.Signals) -> None:
    with running_child() as (child, told):
        os.killpg(child.pid, number)
        require_gone(told)


def test_a_stack_that_is_kept_outlives_its_test_process_and_is_thawed() -> None:
    with running_child(paused="redis", keep="keep") as (child, told):
        child.kill()
        record = read_record(Path(told["directory"]))
        pid = told["pids"][0]
        eventually(
            lambda: (stat := reaper.read_stat(pid)) is not None and stat.state != "T",
            timeout_s=GONE_TIMEOUT_S,
            what="the kept redis to go on",
        )
        child.wait()
        assert not record.in_use
        record.end()
        require_gone(told)


def test_a_process_number_that_was_reused_is_left_alone() -> None:
    other = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        stat = reaper.read_stat(other.pid)
        assert stat is not None
        assert [member.pid for member in reaper.group_members(other.pid, stat.started)] == [other.pid]
        reaper.end_groups({other.pid: stat.started - 1}, mark="no-such-stack")
        assert other.poll() is None
        reaper.signal_all([stat._replace(started=stat.started - 1)], signal.SIGKILL)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_only_a_directory_with_the_marker_is_removed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    reaper.remove_directory(precious)
    assert precious.is_dir()
    (precious / reaper.MARKER).write_text("{}")
    reaper.remove_directory(precious)
    assert not precious.exists()


def test_a_process_that_was_started_but_not_yet_registered_is_found_by_its_mark() -> None:
    environment = {**os.environ, reaper.MARK_VARIABLE: "stack-unregistered"}
    other = subprocess.Popen(["sleep", "60"], env=environment, start_new_session=True)
    try:
        eventually(
            lambda: reaper.marked_processes("stack-unregistered"), timeout_s=5, what="the mark to be seen"
        )
        reaper.end_groups({}, "stack-unregistered")
        assert other.wait(5) == -signal.SIGKILL
    finally:
        other.kill()
        other.wait()
