"""What is left to chance is declared, added up, and bounded: for a run, and for all runs of a night."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
import typer

from fixtures.cli.chance import main
from fixtures.report.evidence import Figure
from fixtures.report.recorder import Evidence
from fixtures.statistics import ALPHA
from tests.benchmarks.pairing import judge

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fixtures.lab.lab import Lab
    from tests.report.example import ExampleRun

TWO = """
import pytest

@pytest.mark.clause("F1")
@pytest.mark.parametrize("number", range(2))
def test_it(evidence, number):
    assert evidence.figure("slow", number, at_most=2, false_alarm=RATE).holds
"""


def test_a_run_that_leaves_little_to_chance_passes_and_says_how_much(
    run_example: Callable[..., ExampleRun],
) -> None:
    example = run_example(TWO.replace("RATE", "4.9e-5"))
    assert example.exit_code == 0
    assert example.data["facts"]["left to chance"] == "2 figures, probability of a false alarm 9.8e-05 in all"


def test_a_run_that_leaves_too_much_to_chance_is_red_though_every_test_passed(
    run_example: Callable[..., ExampleRun],
) -> None:
    example = run_example(TWO.replace("RATE", "5e-5"))
    told = (
        "too much left to chance: 2 figures, probability of a false alarm 1.0e-04 in all, must be below 1e-04"
    )
    assert example.exit_code == 1
    assert f"failed: {told}" in example.output
    assert told in example.html
    assert example.data["status"] == "tests failed"


@pytest.mark.parametrize(("since", "red"), [("20260102T", False), ("20260101T", True)])
def test_the_runs_of_a_night_are_added_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], since: str, red: bool
) -> None:
    for day, rate in enumerate([3e-5, 6e-5, 3e-5], 1):
        run = tmp_path / f"2026010{day}T000000Z-abcdef"
        run.mkdir()
        chance = {"figures": 10, "false_alarm": rate}
        (run / "run.json").write_text(json.dumps({"chance": chance}), encoding="utf-8")
    (tmp_path / "latest").symlink_to(run.name)
    if red:
        with pytest.raises(typer.Exit):
            main(since, tmp_path)
    else:
        main(since, tmp_path)
    told = capsys.readouterr()
    runs, figures, rate_told = (3, 30, "1.2e-04") if red else (2, 20, "9.0e-05")
    summed = f"{figures} figures, probability of a false alarm {rate_told} in all"
    assert told.out == f"left to chance in {runs} runs: {summed}\n"
    assert told.err == (f"error: too much left to chance: {summed}, must be below 1e-04\n" if red else "")


def test_a_judged_speed_declares_what_it_leaves_to_chance() -> None:
    evidence = Evidence()
    judge(cast("Lab", SimpleNamespace(evidence=evidence)), "more time", iter([(1.0, 1.0)] * 64), bound=0.25)
    (figure,) = (item for item in evidence.items if isinstance(item, Figure))
    assert (figure.holds, figure.false_alarm) == (True, ALPHA)
