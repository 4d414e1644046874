"""An engine that falls silent or vanishes while a stack is up: one clear message, and nothing stays for long."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from fixtures.stack.component import ROOT
from tests.docker.engine_proxy import engine_proxy
from tests.docker.support import redis_stack
from tests.stack.rigs import left_on

if TYPE_CHECKING:
    from pathlib import Path

    from docker import DockerClient

# In one process: each start sweeps the engine, which others would see.
pytestmark = pytest.mark.xdist_group("docker")

# One answer is waited for 20 s, each further one for 2 s.
END_TIMEOUT_S = 60

CHILD = """
import sys
from pathlib import Path
from fixtures.errors import StackError
from tests.docker.support import redis_stack
stack = redis_stack(base_directory=Path(sys.argv[1]))
stack.start()
print(stack.name, flush=True)
sys.stdin.readline()
try:
    stack.remove()
except StackError as error:
    print(error)
"""


@pytest.mark.long
@pytest.mark.parametrize(
    ("what_happens", "message"),
    [
        ("fall_silent", "the Docker engine stopped answering: "),
        ("vanish", "no container engine answers at unix://"),
    ],
)
def test_what_is_left_on_it_goes_with_the_next_start(
    engine: DockerClient, tmp_path: Path, what_happens: str, message: str
) -> None:
    socket_path = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not socket_path.startswith("unix://"):
        pytest.skip(f"the engine at {socket_path} is reached by another way than a socket")
    directory = tmp_path / "stacks"
    directory.mkdir()
    with engine_proxy(tmp_path / "engine.sock", socket_path.removeprefix("unix://")) as proxy:
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(directory)],
            cwd=ROOT,
            env={**os.environ, "DOCKER_HOST": proxy.url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with child:
            try:
                assert child.stdout is not None
                name = child.stdout.readline().strip()
                getattr(proxy, what_happens)()
                said, _ = child.communicate("\n", timeout=END_TIMEOUT_S)
            finally:
                child.kill()
    assert said.startswith(message)
    assert said.count("\n") == 1
    assert len(left_on(engine, name)) == 2
    with redis_stack():
        assert left_on(engine, name) == []
    assert list(directory.glob("*")) == []
