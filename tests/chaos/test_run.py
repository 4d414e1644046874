"""A chaos run on the embedded stack: judged, cut off, killed, and run again from its file."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from fixtures.chaos.engine import Engine, Told
from fixtures.chaos.header import NoRunFile, read_recipe
from fixtures.chaos.recipes import draw_recipe, fit_recipe
from fixtures.chaos.schedule import Shape
from fixtures.chaos.stacks import StackChoice
from fixtures.errors import FaultError, OptionError
from fixtures.history import History
from fixtures.judging.facts import NotJudgeable
from fixtures.judging.judgement import ClauseState, RunState
from fixtures.judging.stored import judge_file
from fixtures.wait import eventually
from tests.chaos.commands import command, said_by

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

BRIEF = Shape(at_once_max=1, calm_s=4.0, lasts_s=(1.0, 1.5))
TOLD = Told(minutes=0.1)
RATE_PER_S = 60.0


def run_briefly(path: Path, fault: str = "backend_restart") -> Path:
    """A short run with one fault; returns its file."""
    with StackChoice(kind="local", workers=2).make() as stack:
        recipe = draw_recipe(
            stack,
            seed=5,
            chaos_s=7.0,
            rate_per_s=RATE_PER_S,
            faults=[fault],
            shape=BRIEF,
            bounds={"steady_s": 4.0, "recovery_s": 1.0},
        )
        assert Engine(stack, recipe, told=TOLD, path=path).run().complete
    return path


@pytest.fixture(scope="module")
def run_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a short run, on a machine that may be busy."""
    return run_briefly(tmp_path_factory.mktemp("chaos") / "run.jsonl")


@pytest.fixture(scope="module")
def history(run_file: Path) -> History:
    """What the run wrote."""
    return History.read(run_file)


@pytest.mark.thorough
@pytest.mark.measures
def test_a_short_run_of_the_system_as_it_is_breaks_no_clause(tmp_path: Path) -> None:
    # Alone: on a machine that stands still now and then some clauses cannot be told.
    judgement = judge_file(run_briefly(tmp_path / "run.jsonl"))
    assert judgement.failed == []
    states = {clause.clause: clause.state for clause in judgement.clauses}
    passed = {"M1", "M5", "M7", "U1", "U3", "U7", "E2", "E3", "E5", "E6", "S2", "B1", "B2", "B3", "F4", "L1"}
    assert {clause for clause in passed if states[clause] is not ClauseState.PASSED} == set()
    assert judgement.state is RunState.VALID


@pytest.mark.thorough
def test_a_run_goes_through_its_phases_and_proves_its_fault(history: History) -> None:
    phases = [op.value["phase"] for op in history.ops(f="phase")]
    assert phases == ["steady", "chaos", "heal", "recovery", "final", "end"]
    fault = [op.value["phase"] for op in history.ops(f="backend_restart")]
    assert fault == ["inject", "effective", "heal", "gone"]
    assert {op.value["number"] for op in history.ops(f="backend_restart")} == {0}


@pytest.mark.thorough
def test_controls_are_answered_whatever_the_upstream_does_to_others(tmp_path: Path) -> None:
    # Else a fault of the upstream would look like a machine that stands still, and be set aside as one.
    history = History.read(run_briefly(tmp_path / "run.jsonl", "upstream_endless"))
    assert history.ops(f="upstream_endless", where=lambda op: op.value["phase"] == "effective")
    controls = history.pairs("control")
    assert len(controls) > RATE_PER_S
    assert [pair for pair in controls if not pair.ok] == []


@pytest.mark.thorough
def test_a_run_says_of_every_place_that_it_was_searched(history: History) -> None:
    totals = {op.value["sink"]: op.value for op in history.ops(f="leak") if op.value["total"]}
    assert {
        "upstream request bodies",
        "upstream request lines and headers",
        "Redis Pub/Sub",
        "Admin API stats",
        "log gateway.error",
        "log gateway.access",
    } <= set(totals)
    assert all(total["found"] == 0 for total in totals.values())
    assert totals["upstream request bodies"]["bytes"] > 100_000


@pytest.mark.thorough
def test_no_identifier_of_a_run_stands_in_its_file(run_file: Path) -> None:
    recipe = read_recipe(run_file)
    from fixtures.leaks import Sink  # noqa: PLC0415
    from fixtures.workload.plan import Traffic  # noqa: PLC0415

    assert not Traffic(recipe.plan).identifiers.oracle.search([Sink("the file", run_file)])


@pytest.mark.thorough
def test_a_stored_run_is_read_back_as_it_was_drawn_and_fits_the_stack_again(
    run_file: Path,
) -> None:
    recipe = read_recipe(run_file)
    assert [fault.fault for fault in recipe.schedule.faults] == ["backend_restart"]
    assert recipe.plan.rate_per_s == RATE_PER_S
    with StackChoice(kind="local", workers=2).make() as stack:
        fitted, lacking = fit_recipe(recipe, stack)
        assert lacking == []
        again = draw_recipe(
            stack, seed=5, chaos_s=7.0, rate_per_s=RATE_PER_S, faults=["backend_restart"], shape=BRIEF
        )
    assert fitted.schedule == again.schedule
    assert fitted.plan == again.plan


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda header: header.pop("about"), "is no history: its first line is not a header"),
        (lambda header: header.update(history=99), "format version 99, this suite reads 1"),
        (lambda header: header["about"].update(kind="test"), "is the history of a test, not of a chaos run"),
        (lambda header: header["about"].pop("seed"), "lacks or garbles 'seed'"),
        (lambda header: header["about"]["schedule"].update(at_once_max=0), "schedule at_once_max=0"),
        (lambda header: header["about"]["workload"].update(rate_per_s=-1), "workload rate_per_s=-1"),
    ],
)
def test_a_file_that_is_no_run_is_told_in_one_line(
    run_file: Path, tmp_path: Path, change: Any, said: str
) -> None:
    lines = run_file.read_text(encoding="utf-8").splitlines(keepends=True)
    header = json.loads(lines[0])
    change(header)
    broken = tmp_path / "broken.jsonl"
    broken.write_text(json.dumps(header) + "\n" + "".join(lines[1:]), encoding="utf-8")
    with pytest.raises((NoRunFile, OptionError), match=said) as caught:
        read_recipe(broken)
    assert "\n" not in str(caught.value)


@pytest.mark.thorough
def test_a_file_cut_in_mid_line_is_not_judged_and_can_still_be_run_again(
    run_file: Path, tmp_path: Path
) -> None:
    content = run_file.read_bytes()
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(content[: len(content) * 2 // 3 - 5])
    with pytest.raises(NotJudgeable, match=r"line \d+ is cut off"):
        judge_file(cut)
    assert read_recipe(cut) == dataclasses.replace(read_recipe(run_file), source="cut.jsonl")


@pytest.mark.thorough
def test_a_run_of_another_contract_is_told_and_not_judged(run_file: Path, tmp_path: Path) -> None:
    lines = run_file.read_text(encoding="utf-8").splitlines(keepends=True)
    header = json.loads(lines[0])
    header["about"]["contract"] = "0123456789abcdef"
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps(header) + "\n" + "".join(lines[1:]), encoding="utf-8")
    code, output = said_by("--shrink", str(other))
    assert code == 2
    assert "made under the contract '0123456789abcdef'" in output
    assert len(output.strip().splitlines()) == 1


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--faults", "redis_stop,nosuch"], "there is no fault 'nosuch'; known: noop"),
        (["--minutes", "0.05"], "seconds of chaos=3: must be 10 or more"),
        (["--at-once", "0"], "faults at once=0: must be 1 or more"),
        (["--replay", "nowhere.jsonl"], "nowhere.jsonl cannot be read: No such file"),
        (["--stack", "cloud"], "--stack=cloud does not exist"),
        (["--mutant", "F1-nosuch"], "--mutant=F1-nosuch: must be one of tests/mutants, such as F1-"),
        (["--rate", "-5"], "workload rate_per_s=-5"),
    ],
)
def test_bad_input_is_told_in_one_line(words: list[str], said: str) -> None:
    code, output = said_by(*words)
    assert code == 2
    assert said in output
    assert len(output.strip().splitlines()) == 1


def test_a_fault_that_does_not_exist_any_more_is_told(run_file: Path) -> None:
    recipe = read_recipe(run_file)
    gone = recipe.schedule.faults[0].model_copy(update={"fault": "redis_nosuch"})
    schedule = recipe.schedule.model_copy(update={"faults": (gone,)})
    with (
        StackChoice(kind="local", workers=1).make() as stack,
        pytest.raises(FaultError, match="there is no fault 'redis_nosuch'"),
    ):
        fit_recipe(dataclasses.replace(recipe, schedule=schedule), stack)


@contextlib.contextmanager
def under_way(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run that is in the middle of a fault."""
    process = command(
        "--minutes",
        "0.5",
        "--rate",
        "120",
        "--faults",
        "redis_freeze",
        "--out",
        str(path),
        "--html",
        str(path.with_name("night.html")),
        "--nights",
        str(path.parent),
        start_new_session=True,
    )
    try:
        eventually(
            lambda: path.is_file() and b'"phase":"effective"' in path.read_bytes(),
            timeout_s=90.0,
            interval_s=0.1,
            what="the run's fault",
            still_alive=lambda: None if process.poll() is None else pytest.fail(str(process.stdout)),
        )
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@pytest.mark.nightly
@pytest.mark.timeout(180)
def test_killed_in_mid_fault_it_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with under_way(path) as process:
        started = [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
        name = json.loads(path.read_text(encoding="utf-8").splitlines()[0])["about"]["stack"]["name"]
        assert len(started) >= 6
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        eventually(
            lambda: not [pid for pid in started if psutil.pid_exists(pid)],
            timeout_s=20.0,
            interval_s=0.1,
            what="everything that the run had started to end",
        )
    # Others come and go there meanwhile, which a walk passes over.
    assert [directory for directory, names, _ in os.walk("/tmp") if name in names] == []  # noqa: S108
    assert not [op for op in psutil.process_iter(["cmdline"]) if name in " ".join(op.info["cmdline"] or [])]


@pytest.mark.nightly
@pytest.mark.timeout(180)
def test_interrupted_in_mid_fault_it_heals_says_so_and_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with under_way(path) as process:
        started_s = time.monotonic()
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=90)
        assert time.monotonic() - started_s < 60
    assert process.returncode == 3
    assert "interrupted" in output.decode()
    history = History.read(path)
    assert [op.value["phase"] for op in history.ops(f="redis_freeze")] == [
        "inject",
        "effective",
        "heal",
        "gone",
    ]
    assert history.ops(f="phase")[-1].value == {"phase": "end", "reason": "interrupted"}
    assert f"scripts/chaos --replay {path} --stack local --workers 2" in output.decode()
    assert "<title>aws-masker: night of" in path.with_name("night.html").read_text(encoding="utf-8")
