"""`scripts/judge` judges a file by itself, says so with its exit code, and refuses bad input with one line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.history import OpType
from tests.judging.made import made

ROOT = Path(__file__).resolve().parents[2]


def run_judge(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fixtures.cli.judge", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(chaos_s=20).store(tmp_path_factory.mktemp("run") / "history.jsonl.gz")


def test_a_stored_run_is_judged_and_reported(stored: Path, tmp_path: Path) -> None:
    page, judgement = tmp_path / "night.html", tmp_path / "judgement.json"
    done = run_judge(stored, "--html", page, "--json", judgement, "--nights", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "valid: 23 clauses held" in done.stdout
    assert json.loads(judgement.read_text())["state"] == "valid"
    assert "<title>aws-masker: night of" in page.read_text()
    assert len((tmp_path / "nights.jsonl").read_text().splitlines()) == 1


def test_a_broken_clause_and_an_open_one_have_exit_codes_of_their_own(tmp_path: Path) -> None:
    run = made(chaos_s=20)
    run.of("request", OpType.OK)[5].value["leaks"] = 1
    broken = run_judge(run.store(tmp_path / "broken.jsonl"))
    assert (broken.returncode, "invalid: broken: M1" in broken.stdout) == (1, True)
    run.of("request", OpType.OK)[5].value["leaks"] = 0
    run.entries = [entry for entry in run.entries if entry.value.get("phase") != "end"]
    assert run_judge(run.store(tmp_path / "open.jsonl")).returncode == 3


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text[:-30], "line .* is cut off"),
        (lambda text: text.replace('"history":1', '"history":2', 1), "format version 2, this suite reads 1"),
        (lambda text: text.replace('"contract":"', '"contract":"x', 1), "made under the contract 'x"),
        (lambda text: text.replace('"kind":"chaos"', '"kind":"test"', 1), "of the kind 'test', only 'chaos'"),
        (lambda _text: "", "line 1 is not the header of a history"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_one_line(tmp_path: Path, spoil: object, message: str) -> None:
    run = made(chaos_s=4, rate_per_s=5, strikes=())
    path = run.store(tmp_path / "history.jsonl")
    assert callable(spoil)
    path.write_text(spoil(path.read_text()))
    done = run_judge(path)
    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    assert re.search(message, lines[0]), lines[0]


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    done = run_judge(tmp_path / "none.jsonl")
    assert done.returncode == 2
    assert "none.jsonl: cannot be read: No such file" in done.stderr


def test_the_allowed_anomalies_are_listed_with_their_reasons() -> None:
    done = run_judge("--allowed")
    assert done.returncode == 0
    assert "Pub/Sub keeps nothing" in " ".join(done.stdout.split())
