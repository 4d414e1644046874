"""Defects planted in the system: a run finds each, its file shows it again, and shrinking leaves what it takes.

Takes about five minutes for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from fixtures.chaos.header import read_recipe
from fixtures.judging.stored import judge_file
from tests.chaos.commands import said_by

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.chaos.header import Recipe

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1500)]

# Beside the fault that it takes: three episodes in all fit into the time.
INNOCENT = "backend_restart,upstream_slow"
MINUTES = "0.6"
RATE_PER_S = "120"
SHRINK_MINUTES = "3"


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A defect.

    Attributes:
        mutant: Which, of `tests/mutants/`.
        clause: What a run has to find broken.
        fault: What brings it out; empty when traffic alone does.
        seed: Of a schedule in which that fault has parameters that do.
    """

    mutant: str
    clause: str
    fault: str
    seed: int = 7

    def run(self, *words: str, out: Path, timeout_s: float) -> None:
        """Runs the broken system; the command has to call it broken."""
        code, output = said_by(*words, "--mutant", self.mutant, "--out", str(out), timeout_s=timeout_s)
        assert code == 1, output
        assert self.clause in broken_by(out), output


PLANTED = (
    Planted(mutant="F3-gives-up", clause="F3", fault="redis_stop"),
    Planted(mutant="F4-refusals-count-as-published", clause="F4", fault="wire_error", seed=8),
    Planted(mutant="F5-line-per-failure", clause="F5", fault="redis_stop"),
    # Two queues of a worker number alike: no reload is needed, and shrinking finds that out.
    Planted(mutant="E6-event-ids-repeat-after-reload", clause="E6", fault=""),
    Planted(mutant="K1-gives-up-after-a-refusal-of-the-password", clause="K1", fault="redis_password"),
    Planted(mutant="U1-each-delta-for-itself", clause="U1", fault=""),
)


def broken_by(path: Path) -> set[str]:
    """The clauses that a stored run shows broken."""
    return {found.clause for found in judge_file(path).failed}


def faults_of(recipe: Recipe) -> list[str]:
    """The kinds of faults of a run's schedule."""
    return [fault.fault for fault in recipe.schedule.faults]


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.mutant)
def test_a_planted_defect_is_found_replayed_and_shrunk(planted: Planted, tmp_path: Path) -> None:
    found, replayed, shrunk = (tmp_path / f"{name}.jsonl.gz" for name in ("found", "replayed", "shrunk"))
    faults = f"{planted.fault},{INNOCENT}".strip(",")
    drawn = ("--minutes", MINUTES, "--seed", str(planted.seed), "--rate", RATE_PER_S, "--faults", faults)
    planted.run(*drawn, out=found, timeout_s=300)
    assert len(faults_of(read_recipe(found))) >= 2

    planted.run("--replay", str(found), out=replayed, timeout_s=300)
    assert read_recipe(replayed).schedule == read_recipe(found).schedule

    again = ("--shrink", str(found), "--clause", planted.clause, "--shrink-minutes", SHRINK_MINUTES)
    planted.run(*again, out=shrunk, timeout_s=600)
    assert faults_of(read_recipe(shrunk)) == ([planted.fault] if planted.fault else [])
