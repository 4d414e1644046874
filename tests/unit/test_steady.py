"""Repeated runs are added up rightly, under a load that ends with its run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

from fixtures.cli import steady
from fixtures.cli.command import app_of
from fixtures.steady.burden import burden
from fixtures.steady.tally import Tally
from fixtures.wait import eventually

ROOT = Path(__file__).resolve().parents[2]


def report(*outcomes: str, status: str = "passed", false_alarm: float = 1e-6) -> dict[str, Any]:
    """What a run says whose tests ended so."""
    return {
        "status": status,
        "duration_s": 1.0,
        "chance": {"figures": 1, "false_alarm": false_alarm},
        "tests": [
            {"nodeid": f"test_{number}", "outcome": outcome, "duration_s": float(number)}
            for number, outcome in enumerate(outcomes)
        ],
    }


def test_failures_of_any_kind_count_and_skipped_tests_do_not_run() -> None:
    tally = Tally()
    assert tally.add("one", report("passed", "failed", "skipped", status="tests failed")) == ["test_1"]
    assert tally.add("two", report("passed", "invalid", "not run", status="tests failed")) == ["test_1"]
    assert [(test.nodeid, test.runs, test.failures, test.invalid) for test in tally.tests()] == [
        ("test_1", 2, 2, 1),
        ("test_0", 2, 0, 0),
    ]
    assert not tally.steady


def test_the_bound_of_a_test_that_never_failed_is_exact() -> None:
    tally = Tally()
    for number in range(50):
        tally.add(str(number), report("passed"))
    (test,) = tally.tests()
    # Nobody fails n times out of n at the rate where passing them all has a probability of 5 %.
    assert (1 - test.rate_max) ** 50 == pytest.approx(0.05)
    assert tally.steady


def test_too_much_left_to_chance_is_not_steady() -> None:
    tally = Tally()
    tally.add("one", report("passed", false_alarm=2e-4))
    assert not tally.steady


def busy() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # a zombie counts as gone
            if "select" in " ".join(child.cmdline()):
                found.append(child)
    return found


def test_the_load_is_there_and_ends_with_its_block() -> None:
    with burden(processes=2, lasting_s=30):
        running = busy()
        assert len(running) == 2
        eventually(
            lambda: all(sum(process.cpu_times()[:2]) > 0.05 for process in running),
            timeout_s=20,
            what="the processes to use their cores",
        )
    assert busy() == []


def test_the_load_ends_when_its_owner_is_killed() -> None:
    code = (
        "import sys, psutil, signal\nfrom fixtures.steady.burden import burden\n"
        "with burden(processes=1, lasting_s=30):\n"
        "    print(psutil.Process().children()[0].pid, flush=True)\n    signal.pause()\n"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        owner.kill()
    eventually(lambda: not psutil.pid_exists(pid), timeout_s=20, what=f"process {pid} to end")


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A gate that writes what stands in `next.json` as its report."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "reports" / "latest").mkdir(parents=True)
    script = tmp_path / "scripts" / "run"
    script.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\ncp {tmp_path}/next.json {tmp_path}/reports/latest/run.json\n'
        f"echo >> {tmp_path}/next.json\n"
    )
    script.chmod(0o755)
    monkeypatch.setattr(steady, "ROOT", tmp_path)
    monkeypatch.setattr(steady, "REPORT", tmp_path / "reports" / "steady")
    return tmp_path


def call(*arguments: str) -> Any:
    return CliRunner().invoke(app_of(steady.main), arguments)


def test_every_run_has_a_seed_of_its_own_that_the_first_repeats(gate: Path) -> None:
    (gate / "next.json").write_text(json.dumps(report("passed")))
    for _ in range(2):
        assert call("--runs=2", "--seed=7").exit_code == 0
    first, second, *again = (gate / "calls").read_text().splitlines()
    assert first != second
    assert again == [first, second]
    assert "--random-order" in first
    assert "| 2, seed" in (gate / "reports" / "steady" / "steady.md").read_text()


def test_a_run_that_fails_is_told_with_its_tests_and_ends_red(gate: Path) -> None:
    (gate / "next.json").write_text(json.dumps(report("passed", "failed", status="tests failed")))
    done = call("--runs=1", "--loaded=1")
    assert done.exit_code == 1
    assert "tests failed in 1 s\n  test_1\n" in done.output


def test_a_run_without_a_report_ends_at_once(gate: Path) -> None:
    (gate / "scripts" / "run").write_text("#!/bin/sh\necho no nginx\n")
    done = call("--runs=3")
    assert done.exit_code == 2
    assert "no nginx" in done.output


def test_loaded_runs_are_spread_over_the_others(gate: Path) -> None:
    (gate / "next.json").write_text(json.dumps(report("passed")))
    done = call("--runs=5", "--loaded=2")
    told = [line for line in done.output.splitlines() if line.startswith("run ")]
    assert ["(loaded)" in line for line in told] == [False, False, True, False, True]


def test_more_loaded_runs_than_runs_are_refused(gate: Path) -> None:
    done = call("--runs=1", "--loaded=2")
    assert str(done.exception) == "--loaded=2: must be at most --runs=1"
    assert not (gate / "calls").exists()


def test_a_run_that_takes_too_long_is_interrupted_and_counts_as_failed(
    gate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steady, "_RUN_S_MAX", 2.0)
    (gate / "next.json").write_text(json.dumps(report("passed", status="interrupted")))
    # Waits until it is interrupted, and writes its report then.
    copy = f"cp {gate}/next.json {gate}/reports/latest/run.json"
    (gate / "scripts" / "run").write_text(
        f"#!/bin/sh\ntrap 'kill $!; {copy}; exit 2' INT\nsleep 60 &\nwait\n"
    )
    done = call("--runs=1")
    assert done.exit_code == 1
    assert "not over within 2 s in 1 s" in done.output
