"""A run of several trials: its verdict, and that nothing is left of it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.interruptible import interruptible
from fixtures.mutants.kill_table import KillTable, Row
from fixtures.mutants.runner import Task, run_tasks
from fixtures.mutants.trial import Outcome, Stage, Trial
from fixtures.wait import eventually
from tests.mutants_runner.small import ROOT, SYSTEM, TESTS, make_root, thing
from tests.mutants_runner.test_mutants import MUTANT

if TYPE_CHECKING:
    from signal import Signals

# Starts, imports and ends take two seconds; a busy machine needs more.
TIMEOUT_S = 40.0
# Runs one trial whose test waits until it is killed.
SCRIPT = """
import sys
from pathlib import Path
from fixtures.mutants.runner import Task, run_tasks
from fixtures.mutants.trial import Stage

task = Task("waiting", "F1", {"system/thing.py": "VALUE = 0\\n"}, [Stage(("tests/test_waiting.py",))])
run_tasks([task], root=Path(sys.argv[1]), jobs=1, on_done=print)
"""
WAITING = """
import subprocess
from pathlib import Path


def test_waits():
    child = subprocess.Popen(["sleep", "60"])
    Path({path!r}).write_text(f"{{Path.cwd()}}\\n{{child.pid}}")
    child.wait()
"""


def test_several_trials_run_at_once_and_each_has_its_own_result(small_root: Path) -> None:
    tasks = [
        Task(f"value-{value}", "F1", {SYSTEM: thing(value)}, [Stage((TESTS,), ("--clause", "F1"))])
        for value in (0, 10, 12)
    ]
    trials: list[Trial] = []
    run_tasks(tasks, root=small_root, jobs=2, on_done=trials.append)
    assert {trial.name: trial.outcome for trial in trials} == {
        "value-0": Outcome.SURVIVED,
        "value-10": Outcome.KILLED,
        "value-12": Outcome.KILLED,
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_run_that_is_ended(tmp_path: Path, number: Signals) -> None:
    root = make_root(tmp_path / "repository")
    seen = tmp_path / "seen"
    (root / "tests" / "test_waiting.py").write_text(WAITING.format(path=str(seen)), encoding="utf-8")
    run = subprocess.Popen(
        interruptible(sys.executable, "-c", SCRIPT, str(root)),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(
            lambda: seen.exists() and seen.read_text() != "", timeout_s=TIMEOUT_S, what="the test to run"
        )
        room, pid = seen.read_text(encoding="utf-8").split("\n")
        os.kill(run.pid, number)
        assert run.wait(TIMEOUT_S) != 0
    finally:
        run.kill()
    eventually(lambda: not Path(room).parent.exists(), timeout_s=TIMEOUT_S, what="the room to be removed")
    eventually(lambda: not Path(f"/proc/{pid}").exists(), timeout_s=TIMEOUT_S, what="the test's child to end")


def row(outcome: Outcome) -> Row:
    return Row(
        mutant=MUTANT, trial=Trial(name="small", outcome=outcome, total_s=2.0, cpu_s=1.0, ran=(TESTS,))
    )


@pytest.mark.parametrize("outcome", [Outcome.SURVIVED, Outcome.MISATTRIBUTED, Outcome.BROKEN])
def test_whatever_is_not_killed_stays_open(outcome: Outcome, tmp_path: Path) -> None:
    table = KillTable(rows=[row(Outcome.KILLED), row(outcome)], elapsed_s=4.0, jobs=2)
    assert [left.trial.outcome for left in table.open_rows] == [outcome]
    table.write(tmp_path)
    assert f"| {outcome} |" in (tmp_path / "mutants.md").read_text(encoding="utf-8")
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "1 of 2 mutants are not caught by a test of their clause" in page
