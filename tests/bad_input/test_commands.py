"""Commands that cannot be carried out end at once, with one message that names what is wrong, and start nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from fixtures.stack.component import ROOT
from fixtures.stack.layout import base_directory_default
from fixtures.stack.ports import HOST

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.no_clause("commands of the suite, not of the system")

STACK = (str(ROOT / "scripts" / "stack"),)
MUTANTS = (sys.executable, "-m", "fixtures.cli.mutants")
USAGE_ERROR = 2
TIMEOUT_S = 60


def run(directory: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Runs a command of the repository; stacks would be made below a directory of the test's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        command,
        env={**kept, "TMPDIR": str(directory), "COLUMNS": "200"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def require_nothing_started(directory: Path) -> None:
    base = directory / base_directory_default().name
    assert not base.exists() or list(base.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--clause=Z9", "--clause: 'Z9' is no clause of docs/contract.md; did you mean M9?"),
        ("--workers=0", "--workers=0: must be a whole number from 1 to 64"),
        ("--stack=nope", "--stack=nope does not exist; known: local, docker, external"),
        ("--stack=external", "--stack=external: needs --gateway-url, or --stack-file with gateway_url"),
    ],
)
def test_the_whole_suite_refuses_a_wrong_option_in_one_line_before_it_starts_anything(
    tmp_path: Path, option: str, message: str
) -> None:
    done = run(tmp_path, sys.executable, "-m", "pytest", option, "-p", "no:cacheprovider")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    [line] = done.stderr.strip().splitlines()
    assert line.startswith(f"ERROR: {message}")
    assert done.stdout.strip() == ""
    require_nothing_started(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("frob",), "No such command 'frob'"),
        (("up", "--workers", "two"), "Invalid value for '--workers'"),
        (("up", "--kong-yml", "/nowhere/kong.yml"), "file '/nowhere/kong.yml' does not exist"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_stack_command_with_wrong_arguments_starts_nothing(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = run(tmp_path, *STACK, *arguments)
    assert done.returncode == USAGE_ERROR
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    require_nothing_started(tmp_path)


@pytest.mark.parametrize("workers", [0, -1, 65])
def test_a_stack_with_a_wrong_number_of_workers_is_refused_in_one_line(tmp_path: Path, workers: int) -> None:
    done = run(tmp_path, *STACK, "up", "--workers", str(workers))
    assert done.returncode == 1
    assert done.stderr == f"error: --workers={workers}: must be a whole number from 1 to 64\n"
    require_nothing_started(tmp_path)


def test_a_stack_on_a_taken_port_is_refused_in_one_line(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        done = run(tmp_path, *STACK, "up", "--port", f"gateway={port}")
    assert done.returncode == 1
    [line] = done.stderr.strip().splitlines()
    assert line.startswith(
        f"error: the gateway's proxy cannot listen on {HOST}:{port}: another process already does"
    )
    require_nothing_started(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--clause", "Z9"), "'Z9' is no clause of docs/contract.md; did you mean M9?"),
        (("nope",), "no mutant 'nope' in tests/mutants; there are "),
        (("--changed-since", "nope"), "--changed-since=nope: "),
        (
            ("--generated", "5", "--clause", "F1"),
            "--generated=5: takes --seed, --jobs and --no-cache besides",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_run_of_mutants_with_wrong_arguments_is_refused_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = run(tmp_path, *MUTANTS, *arguments)
    assert done.returncode == USAGE_ERROR
    [line] = done.stderr.strip().splitlines()
    assert line.startswith(f"error: {message}")
    assert done.stdout == ""
    require_nothing_started(tmp_path)
