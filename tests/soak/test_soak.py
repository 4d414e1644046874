"""Five minutes of steady traffic: a system in order passes, and a leak of 50 KB per second is found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import soak
from fixtures.checkers.base import State
from fixtures.failures import ClauseViolated, InvalidRun
from fixtures.judging.judge import judge
from fixtures.judging.judgement import ClauseState
from fixtures.judging.stored import read_run

if TYPE_CHECKING:
    from fixtures.judging.judgement import Judgement
    from fixtures.report.recorder import Evidence

ROOT = Path(__file__).resolve().parents[2]
# With that little to do both run side by side, beside nothing else.
RATE_PER_S = 70
LASTS = "5m"
# Steady state, soak and recovery; a copy of the repository and a stack besides.
TIMEOUT_S = 600

pytestmark = [pytest.mark.nightly, pytest.mark.measures("waits"), pytest.mark.timeout(TIMEOUT_S)]


def run_soak(path: Path, *words: str) -> Judgement:
    """Runs `scripts/chaos --soak` and judges its file; returns the judgement."""
    command = [
        sys.executable,
        "-m",
        "fixtures.cli.chaos",
        "--soak",
        LASTS,
        "--rate",
        str(RATE_PER_S),
        "--out",
        path,
    ]
    done = subprocess.run(
        [*map(str, command), *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    assert path.is_file(), done.stdout + done.stderr
    return judge(read_run(path))


@pytest.mark.clause("L2")
def test_nothing_grows_in_five_minutes_of_traffic(tmp_path: Path, evidence: Evidence) -> None:
    judgement = run_soak(tmp_path / "soak.jsonl.gz")
    clause = next(clause for clause in judgement.clauses if clause.clause == "L2")
    for verdict in clause.verdicts:
        evidence.verdict(verdict, clause="L2")
    if clause.state is ClauseState.FAILED:
        raise ClauseViolated(f"L2: {clause.reason}", "\n".join(map(str, clause.verdicts)))
    if clause.state is not ClauseState.PASSED:
        raise InvalidRun(f"the soak proves nothing: {clause.reason}", judgement.headline)


@pytest.mark.no_clause("shows that a soak finds what it is for")
def test_a_leak_of_fifty_kilobytes_a_second_is_found(tmp_path: Path) -> None:
    judgement = run_soak(tmp_path / "leak.jsonl.gz", "--mutant", "L2-every-request-id-is-kept")
    verdict = next(verdict for verdict in judgement.verdicts if verdict.checker == soak.NAME)
    assert verdict.state is State.INVALID, str(verdict)
    assert any("Lua heap" in example for example in verdict.examples)
    assert "L2" in {clause.clause for clause in judgement.failed}
