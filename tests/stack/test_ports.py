"""Ports that are reserved stay so until they are given back or their holder dies."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from fixtures.errors import PortTaken, StackError
from fixtures.stack import ports
from fixtures.stack.component import ROOT
from fixtures.stack.ports import HOST, PortBlock, can_listen, require_free

if TYPE_CHECKING:
    from pathlib import Path

CHILD = """
import sys
from pathlib import Path
from fixtures.stack.ports import PortBlock
block = PortBlock(Path(sys.argv[1]))
print(block.take(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves a single block to choose from, which nobody outside these tests uses."""
    block = PortBlock()
    start = block.take()
    block.release()
    monkeypatch.setattr(ports, "_FIRST_PORT", start)
    monkeypatch.setattr(ports, "_LAST_PORT", start)


@pytest.mark.usefixtures("one_block")
def test_a_block_is_had_once_until_it_is_given_back(tmp_path: Path) -> None:
    block = PortBlock(tmp_path)
    with pytest.raises(StackError, match="no 8 neighbouring ports are free"):
        PortBlock(tmp_path)
    block.release()
    block.release()
    again = PortBlock(tmp_path)
    assert len({again.take() for _ in range(8)}) == 8
    again.release()


@pytest.mark.usefixtures("one_block")
def test_a_block_in_which_a_port_is_in_use_is_left_alone(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((HOST, ports._FIRST_PORT + 7))
        taken.listen()
        with pytest.raises(StackError, match="no 8 neighbouring ports are free"):
            PortBlock(tmp_path)
    PortBlock(tmp_path).release()


def test_a_block_of_another_process_is_free_when_that_process_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None
        start = int(child.stdout.readline())
        monkeypatch.setattr(ports, "_FIRST_PORT", start)
        monkeypatch.setattr(ports, "_LAST_PORT", start)
        with pytest.raises(StackError):
            PortBlock(tmp_path)
    finally:
        child.kill()
        child.communicate()
    PortBlock(tmp_path).release()


def test_a_port_in_use_is_refused_by_its_number() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        port = taken.getsockname()[1]
        assert not can_listen(port)
        with pytest.raises(PortTaken, match=f"redis cannot listen on 127.0.0.1:{port}"):
            require_free(port, component="redis")
    assert can_listen(port)
