"""A stack that outlives the tests: they inject a fault into it and are then killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.stack.component import ROOT
from fixtures.stack.reaper import read_stat
from fixtures.stack.state_file import StackRecord, read_record
from fixtures.wait import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Starts a stack that is to be kept, injects a fault once it is told to, and lives until it is killed.
CHILD = """
import json, sys, time
from fixtures.nemesis import fault_named, make_fault
from fixtures.nemesis.gateway_timers import PLUGIN, SOURCE
from fixtures.stack.base import Component, StackOptions
from fixtures.stack.local import LocalStack
components = frozenset(Component(name) for name in sys.argv[2].split(","))
stack = LocalStack(StackOptions(components=components, gateway_plugins={PLUGIN: SOURCE}), keep=True)
stack.start()
withheld = fault_named(sys.argv[1]).withheld(stack)
print(json.dumps({"directory": str(stack.directory), "withheld": withheld}), flush=True)
sys.stdin.readline()
seen = make_fault(sys.argv[1], stack).inject()
print(json.dumps({"seen": str(seen)}), flush=True)
time.sleep(600)
"""
_CAUGHT_TIMEOUT_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A stack whose owner is dead.

    Attributes:
        record: How to reach it.
        before: Its state before the fault.
    """

    record: StackRecord
    before: Any


def _no_state(_record: StackRecord) -> None:
    """Looks at nothing."""


@contextmanager
def killed_in_mid_fault(
    name: str, components: str, *, state: Callable[[StackRecord], Any] = _no_state
) -> Iterator[Kept]:
    """A stack whose owner injected a fault and was killed while that had changed its state; ended afterwards."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, name, components],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    record: StackRecord | None = None
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        started = json.loads(child.stdout.readline())
        record = read_record(Path(started["directory"]))
        if started["withheld"]:
            pytest.skip(started["withheld"])
        before = state(record)
        child.stdin.write("go\n")
        child.stdin.flush()
        assert json.loads(child.stdout.readline())["seen"]
        if state is not _no_state:
            _stop_where(child.pid, lambda: state(record) != before)
        child.send_signal(signal.SIGKILL)
        child.wait()
        yield Kept(record=record, before=before)
    finally:
        child.kill()
        child.communicate()
        if record is not None:
            read_record(record.directory).end()


def _stop_where(pid: int, changed: Callable[[], bool]) -> None:
    """Stops a process at a moment at which the state is changed: some faults change it only now and then."""

    def caught() -> bool:
        os.kill(pid, signal.SIGSTOP)
        eventually(
            lambda: (stat := read_stat(pid)) and stat.state == "T", timeout_s=5.0, what="it to stand still"
        )
        if changed():
            return True
        os.kill(pid, signal.SIGCONT)
        return False

    eventually(caught, timeout_s=_CAUGHT_TIMEOUT_S, what="the fault to have changed something")
