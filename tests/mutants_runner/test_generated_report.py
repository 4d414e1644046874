"""What is known of a generated mutant: only a judgement kills it, or the system's own word that it cannot start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.mutants.generated.report import GeneratedReport, GeneratedRow, Result
from fixtures.mutants.generated.site import Site
from fixtures.mutants.trial import Stage, run_trial
from tests.mutants_runner.small import SYSTEM, TESTS, thing

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.mutants.server import Server

SITE = Site(file=SYSTEM, operator="number", start=8, before="0", after="1", source=thing(0))
# Tests of the repository in miniature take milliseconds; one of them sleeps for a minute.
LIMIT_S = 2.0


def row(server: Server, value: int) -> GeneratedRow:
    stages = [Stage((TESTS,), ("--clause", "F1"), timeout_s=LIMIT_S)]
    return GeneratedRow(site=SITE, trial=run_trial(server, "small", "", {SYSTEM: thing(value)}, stages))


@pytest.mark.parametrize(
    ("value", "result", "seen"),
    [
        (0, Result.SURVIVED, ""),
        (10, Result.KILLED, f"`{TESTS}::test_value_is_small`"),
        (-8, Result.REFUSED, "`gateway: nginx: [error] init_by_lua error: queue.lua:3: no field 'x'`"),
        (-14, Result.REFUSED, "`gateway: max_request_size: expected an integer`"),
        (6, Result.NOT_STARTED, f"`{TESTS}::test_stack`"),
        (-10, Result.NOT_STARTED, f"`{TESTS}::test_stack`"),
        (-12, Result.NOT_STARTED, f"`{TESTS}::test_stack`"),
        (-16, Result.OUT_OF_TIME, ""),
        (8, Result.NOT_JUDGED, f"`{TESTS}::test_time`"),
        (4, Result.NOT_JUDGED, f"`{TESTS}::test_fault`"),
    ],
    ids=[
        "nothing",
        "judged",
        "gateway ended and said why",
        "gateway refused its configuration",
        "stack did not start",
        "gateway was killed",
        "something else ended",
        "limit of the runner",
        "time limit of a test",
        "fault without effect",
    ],
)
def test_a_trial_is_told_for_what_it_shows(server: Server, value: int, result: Result, seen: str) -> None:
    found = row(server, value)
    assert (found.result, found.seen) == (result, seen)


def test_what_says_nothing_is_listed_and_stays_open(server: Server, tmp_path: Path) -> None:
    known = GeneratedRow(site=SITE, trial=None, equivalent="nothing depends on it")
    rows = [row(server, 10), row(server, -8), known, row(server, 6), row(server, -16)]
    report = GeneratedReport(rows=rows, seed=1, elapsed_s=1.0)
    assert [each.result for each in report.open_rows] == [Result.NOT_STARTED, Result.OUT_OF_TIME]
    told = "1 killed, 1 refused, 1 equivalent, 0 not judged, 1 out of time, 1 not started, 0 survived"
    assert told in report.summary()
    report.write(tmp_path)
    written = (tmp_path / "generated.md").read_text(encoding="utf-8")
    assert f"| not started | thing.py:1 | number | 0 → 1 in: VALUE = 0 | `{TESTS}::test_stack` |" in written
    assert (
        "| refused | thing.py:1 | number | 0 → 1 in: VALUE = 0 | `gateway: nginx: [error] init_by_lua"
        in written
    )
