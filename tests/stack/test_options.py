"""The command line: wrong options are one line, and what is asked for is what tests get."""

from __future__ import annotations

import re
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from fixtures.stack.layout import base_directory_default
from fixtures.stack.state_file import records_below
from fixtures.wait import eventually
from tests.stack.pytest_run import command, environment, run
from tests.stack.support import left_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def test_file(tmp_path: Path) -> Path:
    path = tmp_path / "test_inner.py"
    path.write_text("def test_nothing() -> None: pass\n")
    return path


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--stack=external", "--stack=external: needs --gateway-url, or --stack-file with gateway_url"),
        (
            "--gateway-url=http://a",
            "--gateway-url=http://a: is for --stack=external; this run has --stack=local",
        ),
        ("--redis-url=redis://u:secret@a", "--redis-url=redis://u:***@a: is for --stack=external"),
        ("--allow-faults=redis", "--allow-faults=redis: is for --stack=external"),
        ("--kong-image=kong:3.4", "--kong-image=kong:3.4: is for --stack=docker; this run has --stack=local"),
        ("--stack=nope", "--stack=nope does not exist; known: local"),
        ("--workers=0", "--workers=0: must be a whole number from 1 to 64"),
        ("--workers=two", "--workers=two: must be a whole number from 1 to 64"),
        ("--seed=-1", "--seed=-1: must be a whole number from 0 to 4294967295"),
        ("--upstream=real", "--upstream=real: known: emulator, live"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(test_file: Path, option: str, message: str) -> None:
    done = run(test_file, option)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert done.stderr.strip().startswith(f"ERROR: {message}")
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(test_file.parent.glob("aws-masker-suite-*")) == []


def test_all_workers_of_a_run_share_its_seed_and_its_turns(test_file: Path) -> None:
    test_file.write_text(
        "import os, pytest\nfrom fixtures.pytest_plugin.turns import TURN_PATHS_KEY\n"
        "@pytest.mark.parametrize('number', range(6))\n"
        "def test_tell(suite_options, number, request):\n"
        "    paths = request.config.stash[TURN_PATHS_KEY]\n"
        "    inodes = [os.stat(path).st_ino for path in paths]\n"
        f"    with open({str(test_file.parent / 'told')!r}, 'a') as told:\n"
        "        told.write(f'{suite_options.seed} {suite_options.run_id} {inodes}\\n')\n"
        "@pytest.mark.measures\n"
        "def test_alone(): pass\n"
    )
    done = run(test_file, "-n2")
    assert done.returncode == pytest.ExitCode.OK, done.stdout
    told = (test_file.parent / "told").read_text().splitlines()
    assert len(told) == 6
    assert len(set(told)) == 1


def test_live_tests_are_skipped_with_the_reason(test_file: Path) -> None:
    test_file.write_text("import pytest\n@pytest.mark.live\ndef test_live() -> None: pass\n")
    assert "needs the real Messages API: run with --upstream=live" in run(test_file).stdout
    assert "needs the real Messages API: set ANTHROPIC_API_KEY" in run(test_file, "--upstream=live").stdout
    assert "1 passed" in run(test_file, "--upstream=live", ANTHROPIC_API_KEY="set").stdout


STACK_TEST = """
import time
from fixtures.stack.base import Component
REDIS_ONLY = frozenset({Component.REDIS})
def test_own_stack(make_stack):
    first, second = make_stack(components=REDIS_ONLY), make_stack(components=REDIS_ONLY, workers=3)
    assert first.name != second.name
    assert second.options.workers == 3
    print("\\nup", first.directory, first.addresses.redis_port, flush=True)
    time.sleep(SECONDS)
"""


def test_stacks_of_a_test_end_with_it(test_file: Path) -> None:
    test_file.write_text(STACK_TEST.replace("SECONDS", "0"))
    done = run(test_file)
    assert done.returncode == pytest.ExitCode.OK, done.stdout
    assert [path for path in test_file.parent.glob("aws-masker-suite-*/*") if "run-" in path.name] == []


def test_a_killed_pytest_leaves_no_process_and_no_directory(test_file: Path) -> None:
    test_file.write_text(STACK_TEST.replace("SECONDS", "600"))
    started = subprocess.Popen(
        command(test_file, "-s"), env=environment(test_file.parent), stdout=subprocess.PIPE, text=True
    )
    try:
        assert started.stdout is not None
        line = next(line for line in started.stdout if line.startswith("up "))
        directory, port = test_file.parent / line.split()[1], int(line.split()[2])
        assert directory.is_dir()
        started.send_signal(signal.SIGKILL)
        eventually(
            lambda: not left_of(directory.name, directory, [port]) and not directory.parent.exists(),
            timeout_s=10,
            what="everything of the killed run to be gone",
        )
    finally:
        started.kill()
        started.communicate()


def test_a_kept_stack_is_left_up_and_told_how_to_reach(test_file: Path) -> None:
    test_file.write_text("def test_stack(stack): pass\n")
    done = run(test_file, "--keep-stack")
    base_directory = test_file.parent / base_directory_default().name
    (record,) = records_below(base_directory)
    try:
        assert done.returncode == pytest.ExitCode.OK, done.stdout
        assert re.search(rf"stack {record.name} is left up", done.stdout)
        assert f"gateway   {record.addresses.gateway_url}" in done.stdout
        assert f"scripts/stack down {record.name}" in done.stdout
        assert all(process.alive for process in record.processes.values())
        assert not record.in_use
    finally:
        record.end()
    assert left_of(record.name, record.directory, [record.addresses.redis_port]) == []


def test_groups_stay_together_long_tests_begin_and_those_that_measure_end(test_file: Path) -> None:
    test_file.write_text(
        "import os, pytest\n"
        "def tell(what):\n"
        f"    with open({str(test_file.parent / 'told')!r}, 'a') as told:\n"
        "        told.write(f'{what} {os.getpid()}\\n')\n"
        "@pytest.mark.measures\n"
        "def test_alone(): tell('alone')\n"
        "@pytest.mark.parametrize('number', range(3))\n"
        "def test_single(number): tell('single')\n"
        "@pytest.mark.xdist_group('together')\n"
        "@pytest.mark.parametrize('number', range(6))\n"
        "def test_member(number): tell('member')\n"
        "@pytest.mark.long\n"
        "def test_long(): tell('long')\n"
    )
    done = run(test_file, "-n2")
    assert done.returncode == pytest.ExitCode.OK, done.stdout
    told = [line.split() for line in (test_file.parent / "told").read_text().splitlines()]
    assert len(told) == 11
    assert len({process for what, process in told if what == "member"}) == 1
    (by_long,) = (process for what, process in told if what == "long")
    assert next(what for what, process in told if process == by_long) == "long"
    # Handed out last, so its process runs no more; another may still have tests that it was handed before.
    (by_alone,) = (process for what, process in told if what == "alone")
    assert [what for what, process in told if process == by_alone][-1] == "alone"


def test_a_run_over_several_processes_that_selects_nothing_ends_at_once(test_file: Path) -> None:
    done = run(test_file, "-n2", "-m", "nightly")
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, done.stdout
    assert "INTERNALERROR" not in done.stdout
