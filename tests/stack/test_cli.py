"""`scripts/stack`: the system without tests."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest

from fixtures.stack.component import ROOT
from fixtures.stack.layout import base_directory_default
from fixtures.stack.state_file import read_record, records_below
from tests.stack.support import left_of, ports_of, redis_stack

if TYPE_CHECKING:
    from pathlib import Path

COMMAND_TIMEOUT_S = 60


def stack_command(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "scripts" / "stack"), *arguments],
        env={**os.environ, "TMPDIR": str(directory), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT_S,
        check=False,
    )


def test_up_status_and_down_work_without_tests(tmp_path: Path) -> None:
    up = stack_command(tmp_path, "up", "--workers", "1")
    (record,) = records_below(tmp_path / base_directory_default().name)
    try:
        assert up.returncode == 0, up.stderr
        assert f"{record.addresses.gateway_url}/analyze-claude" in up.stdout
        assert record.addresses.admin_url in up.stdout
        answer = httpx.post(
            f"{record.addresses.gateway_url}/analyze-claude",
            json={"model": "m", "max_tokens": 8, "messages": [{"role": "user", "content": "hello"}]},
            trust_env=False,
        )
        assert answer.status_code == httpx.codes.OK
        status = stack_command(tmp_path, "status")
        assert all(f"(pid {process.pid})" in status.stdout for process in record.processes.values())
        wrong = stack_command(tmp_path, "down", "stack-nope")
        assert wrong.returncode == 1
        assert wrong.stderr == (
            f"error: there is no stack 'stack-nope' that can be ended; stacks that can: {record.name}\n"
        )
        down = stack_command(tmp_path, "down")
        assert down.stdout == f"{record.name} is ended\n"
    finally:
        if record.directory.exists():
            record.end()
    assert left_of(record.name, record.directory, ports_of(record.addresses)) == []
    assert "no stack below" in stack_command(tmp_path, "status").stdout


def test_a_stack_that_a_test_session_uses_is_shown_and_not_ended(tmp_path: Path) -> None:
    base_directory = tmp_path / base_directory_default().name
    with redis_stack(base_directory=base_directory) as stack:
        assert "(used by a running test session)" in stack_command(tmp_path, "status").stdout
        refused = stack_command(tmp_path, "down", stack.name)
        assert refused.returncode == 1
        assert "stacks that can: none" in refused.stderr
        assert stack_command(tmp_path, "down", "--all").returncode == 0
        stack.require_running()
        assert read_record(stack.directory).in_use


@pytest.mark.parametrize("port", ["proxy=8000", "gateway", "gateway=x", "gateway=70000"])
def test_a_wrong_port_is_refused_in_one_line(tmp_path: Path, port: str) -> None:
    refused = stack_command(tmp_path, "up", "--port", port)
    assert refused.returncode == 1
    assert refused.stderr.startswith(
        f"error: --port={port}: must be NAME=PORT with NAME one of gateway, admin"
    )
    assert len(refused.stderr.splitlines()) == 1


def test_a_malformed_kong_yml_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    kong_yml = tmp_path / "kong.yml"
    kong_yml.write_text("services: [")
    refused = stack_command(tmp_path, "up", "--kong-yml", str(kong_yml))
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: gateway ended on its own, with exit code 1")
    assert records_below(tmp_path / base_directory_default().name) == []


def test_a_damaged_state_file_is_named(tmp_path: Path) -> None:
    directory = tmp_path / base_directory_default().name / "stack-damaged"
    directory.mkdir(parents=True)
    (directory / "stack.json").write_text("{")
    refused = stack_command(tmp_path, "status")
    assert refused.returncode == 1
    assert f"error: {directory}/stack.json is damaged" in refused.stderr
