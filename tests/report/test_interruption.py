"""A run that is interrupted, stopped at its first failure or cut short by a dying worker still has its report."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from fixtures.interruptible import interruptible
from tests.report.example import TIMEOUT_S, ExampleRun, command, environment, lay_out

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WAITS = """
import os, time
import pytest

@pytest.mark.clause("L1", "F1")
def test_runs(evidence):
    evidence.figure("requests", 1000)

@pytest.mark.clause("L1")
def test_waits():
    # Opening the far end of a pipe tells the process outside that this test has begun.
    os.open("begun", os.O_WRONLY)
    time.sleep(600)

@pytest.mark.clause("K1")
def test_never_begins():
    pass
"""


def _interrupt(root: Path, number: signal.Signals, *options: str) -> ExampleRun:
    lay_out(root, {"test_example.py": WAITS})
    os.mkfifo(root / "begun")
    with subprocess.Popen(
        interruptible(*command(*options)),
        cwd=root,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        (root / "begun").open("rb").close()
        process.send_signal(number)
        output, _ = process.communicate(timeout=TIMEOUT_S)
    return ExampleRun(root, process.returncode, output)


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["one process", "xdist"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_writes_its_report(
    tmp_path: Path, number: signal.Signals, options: tuple[str, ...]
) -> None:
    example = _interrupt(tmp_path, number, *options)
    assert example.exit_code == pytest.ExitCode.INTERRUPTED
    assert example.data["status"] == "interrupted"
    assert example.verdict("F1") == "passed"
    assert example.verdict("L1") == "incomplete"
    assert example.verdict("K1") == "not judged"
    assert example.table["L1"].reason == "1 of 2 tests did not run"


def test_a_run_that_stops_at_its_first_failure_shows_what_did_not_run(
    run_example: Callable[..., ExampleRun],
) -> None:
    example = run_example(
        """
import pytest
@pytest.mark.clause("F1")
def test_fails(): assert False
@pytest.mark.clause("F2")
def test_is_left(): pass
""",
        "-x",
    )
    assert example.verdict("F1") == "failed"
    assert example.verdict("F2") == "not judged"
    assert example.table["F2"].reason == "1 of 1 tests did not run"


def test_a_worker_that_dies_is_named_and_its_test_failed(run_example: Callable[..., ExampleRun]) -> None:
    example = run_example(
        """
import os
import pytest
@pytest.mark.clause("F1")
def test_dies(): os.kill(os.getpid(), 9)
@pytest.mark.clause("F2")
def test_passes(evidence): evidence.figure("drops", 0, equals=0)
""",
        "-n",
        "1",
        "--max-worker-restart=1",
    )
    assert example.exit_code == 1
    assert example.verdict("F1") == "failed"
    assert example.verdict("F2") == "passed"
    assert "gw0 ended without a last word" in example.output
    assert "gw0 ended without a last word" in example.html


def test_a_module_that_cannot_be_collected_is_shown(run_example: Callable[..., ExampleRun]) -> None:
    example = run_example("import nothing_of_that_name")
    assert example.data["collection_errors"][0]["where"] == "test_example.py"
    assert "nothing_of_that_name" in example.html
    assert "nothing_of_that_name" in example.markdown
    assert {row.verdict for row in example.table.values()} == {"not judged"}
