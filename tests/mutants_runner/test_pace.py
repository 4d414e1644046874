"""A log says now and then how far a run is."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from fixtures.mutants import pace
from fixtures.mutants.bench import Bench
from fixtures.mutants.cache import TrialCache
from fixtures.mutants.pace import INTERVAL_S, Pace
from fixtures.mutants.runner import Task
from fixtures.mutants.trial import Stage
from tests.mutants_runner.small import SYSTEM, TESTS, thing

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_left_is_told_now_and_then_by_the_work_that_is_done() -> None:
    now_s = 100.0
    counted = Pace({"long": 30.0, "one": 10.0, "two": 10.0, "three": 10.0}, clock=lambda: now_s)
    now_s += INTERVAL_S - 1
    assert counted.done("one") == ""
    now_s += 11
    # 40 of 60 expected seconds took 40 s.
    assert counted.done("long") == "2 of 4 mutants, about 20 s left"
    now_s += 1
    assert counted.done("two") == ""
    now_s += INTERVAL_S
    assert counted.done("three") == "", "nothing is left"


@pytest.mark.parametrize("terminal", [False, True])
def test_a_log_gets_lines_and_a_terminal_its_bar(
    small_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    monkeypatch.setattr(pace, "INTERVAL_S", 0.0)
    printed = io.StringIO()
    bench = Bench(
        root=small_root,
        cache=TrialCache(small_root, tmp_path),
        use_cache=False,
        jobs=1,
        console=Console(file=printed, width=160, force_terminal=terminal, legacy_windows=False),
    )
    tasks = {
        name: Task(name, "F1", {SYSTEM: thing(10)}, [Stage((TESTS,), ("--clause", "F1"))])
        for name in ("one", "two")
    }
    bench.try_all(tasks, {name: {} for name in tasks})
    assert ("1 of 2 mutants, about " in printed.getvalue()) is not terminal
