"""What a test process leaves on the engine when it is killed is gone after the next start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.images.engine import connect
from fixtures.stack.base import Component
from fixtures.stack.component import ROOT
from fixtures.stack.containers.owner import Owner
from fixtures.stack.containers.sweep import sweep_leftovers
from fixtures.stack.probes import redis_reply
from fixtures.stack.state_file import read_record
from tests.docker.support import redis_stack, volumes_of
from tests.stack.rigs import left_on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from docker import DockerClient

# In one process: each start sweeps the engine, which others would see.
pytestmark = pytest.mark.xdist_group("docker")

# Starts a stack, tells where it is, and lives until it is killed.
CHILD = """
import json, sys
from pathlib import Path
from fixtures.images.engine import connect
from fixtures.stack.base import Component
from tests.docker.support import redis_stack, volumes_of
stack = redis_stack(base_directory=Path(sys.argv[1]), keep=sys.argv[3] == "keep")
stack.start()
if sys.argv[2] == "paused":
    stack.pause(Component.REDIS)
print(json.dumps({"name": stack.name, "at": [stack.addresses.redis_host, stack.addresses.redis_port]}), flush=True)
sys.stdin.read()
"""

# Starts a stack with a database, and every kind of container that helps the driver; none of them comes to its end.
HELPED = """
import json, sys, threading
from pathlib import Path
from fixtures.images.engine import connect
from fixtures.images.wanted import wanted_images
from fixtures.stack.base import Component, Database, StackOptions
from fixtures.stack.containers import errand
from fixtures.stack.containers.place_on_network import PlaceOnNetwork
from fixtures.stack.docker import DockerStack
from fixtures.wait import eventually
from tests.stack.rigs import left_on
stack = DockerStack(
    StackOptions(database=Database.POSTGRES), images=wanted_images(), base_directory=Path(sys.argv[1])
)
stack.start()
stack.delay(Component.REDIS, delay_s=0.01)
errand.eventually = PlaceOnNetwork.put_back = lambda *_, **__: threading.Event().wait()
works = stack._prepare_database, stack.move_redis, lambda: stack.open_black_hole(Component.UPSTREAM)
for work in works:
    threading.Thread(target=work, daemon=True).start()
client = connect()
eventually(lambda: len(left_on(client, stack.name)) == 10, timeout_s=60, what="the helpers")
print(json.dumps({"name": stack.name}), flush=True)
sys.stdin.read()
"""
COMPONENTS_AND_HELPERS = [
    *("backend", "database", "gateway", "redis", "upstream"),
    *("migrations", "redis-place-holder", "redis-relay", "upstream-black-hole"),
]


@contextmanager
def child(
    directory: Path, *, script: str = CHILD, state: str = "running", keep: bool = False
) -> Iterator[tuple[int, dict[str, Any]]]:
    """A process that holds a stack; killed at the end at the latest."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(directory), state, "keep" if keep else "end"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        try:
            yield process.pid, json.loads(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("state", ["running", "paused"])
def test_a_killed_owner_leaves_nothing_after_the_next_start(
    engine: DockerClient, tmp_path: Path, state: str
) -> None:
    with child(tmp_path, state=state) as (pid, told):
        assert len(left_on(engine, told["name"])) == 2
        os.kill(pid, signal.SIGKILL)
    with redis_stack():
        assert left_on(engine, told["name"]) == []
        assert list(tmp_path.glob("*")) == []


def test_every_kind_of_helper_goes_as_well(engine: DockerClient, tmp_path: Path) -> None:
    with child(tmp_path, script=HELPED) as (pid, told):
        found = {name.removeprefix(f"{told['name']}-") for name in left_on(engine, told["name"])}
        assert found == {*COMPONENTS_AND_HELPERS, told["name"]}
        database = engine.api.inspect_container(f"{told['name']}-database")
        volumes = {mount["Name"] for mount in database["Mounts"]}
        assert volumes
        os.kill(pid, signal.SIGKILL)
    with redis_stack():
        assert left_on(engine, told["name"]) == []
        assert volumes.isdisjoint(volumes_of(engine))
        assert list(tmp_path.glob("*")) == []


def test_several_that_start_together_remove_leftovers_once(engine: DockerClient, tmp_path: Path) -> None:
    with child(tmp_path) as (_, told):
        pass
    clients = [connect() for _ in range(4)]
    with ThreadPoolExecutor(len(clients)) as pool:
        swept = [name for names in pool.map(sweep_leftovers, clients) for name in names]
    for client in clients:
        client.close()
    # None of the four, when a stack that started meanwhile in another process was first.
    assert swept.count(told["name"]) <= 1
    assert left_on(engine, told["name"]) == []


def test_a_living_owner_keeps_its_stack(engine: DockerClient, tmp_path: Path) -> None:
    with child(tmp_path) as (_, told):
        with redis_stack():
            pass
        assert redis_reply(*told["at"]) == "+PONG"
    with redis_stack():
        assert left_on(engine, told["name"]) == []


def test_a_stack_that_is_kept_outlives_its_owner_until_it_is_ended(
    engine: DockerClient, tmp_path: Path
) -> None:
    with child(tmp_path, keep=True) as (_, told):
        pass
    record = read_record(tmp_path / told["name"])
    try:
        with redis_stack():
            assert redis_reply(*told["at"]) == "+PONG"
        assert not record.in_use
    finally:
        record.end()
    assert left_on(engine, told["name"]) == []
    assert list(tmp_path.glob("*")) == []


def test_of_a_process_on_another_machine_nothing_is_known() -> None:
    mine = Owner.this_process()
    assert not mine.is_dead
    assert Owner.from_label(mine.label) == mine
    assert not Owner(machine="another", boot=mine.boot, pid=mine.pid, started=mine.started + 1).is_dead
    assert Owner(machine=mine.machine, boot=mine.boot, pid=mine.pid, started=mine.started + 1).is_dead
    assert Owner(machine=mine.machine, boot="earlier", pid=mine.pid, started=mine.started).is_dead
    assert Owner.from_label("of someone else") is None


def test_detaching_leaves_the_stack_up(engine: DockerClient, tmp_path: Path) -> None:
    stack = redis_stack(base_directory=tmp_path)
    stack.start()
    record = read_record(stack.directory)
    assert record.in_use
    stack.detach()
    stack.remove()
    record = read_record(stack.directory)
    try:
        assert not record.in_use
        assert redis_reply(stack.addresses.redis_host, stack.addresses.redis_port) == "+PONG"
    finally:
        record.end()
    assert left_on(engine, stack.name) == []
    assert Component.REDIS in stack.options.components
