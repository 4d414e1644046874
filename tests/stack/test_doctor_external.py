"""The doctor looks at an external system without changing it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from fixtures.clients.admin import AdminClient
from fixtures.stack.component import ROOT
from fixtures.stack.ports import HOST
from tests.stack.pytest_run import environment

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.stack.local import LocalStack


def doctor(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fixtures.cli.doctor", *arguments],
        cwd=ROOT,
        # It looks at every kind; the engine's health is none of these tests' business.
        env=environment(directory, DOCKER_HOST=f"unix://{directory}/nobody.sock"),
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_component_that_answers_is_told(local_stack: LocalStack, tmp_path: Path) -> None:
    addresses = local_stack.addresses
    file = tmp_path / "stack.toml"
    file.write_text(
        f'gateway_url = "{addresses.gateway_url}"\nadmin_url = "{addresses.admin_url}"\n'
        f'upstream_url = "{addresses.upstream_url}"\nredis_url = "redis://{HOST}:{addresses.redis_port}"\n'
    )
    with AdminClient(addresses.admin_url) as admin:
        before = admin.loaded_config()
        done = doctor(tmp_path, "--stack", "external", "--stack-file", str(file))
        assert admin.loaded_config() == before
    assert done.returncode == 0, done.stdout
    assert "ok      gateway: gateway: embedded gateway host, not Kong, workers: 2" in done.stdout
    assert f"ok      redis: redis: {local_stack.describe()['redis']}" in done.stdout
    assert "note    backend: not given (--backend-url): what needs it is skipped" in done.stdout
    assert "put back after the tests" in done.stdout
    assert "external: ready" in done.stdout


def test_a_wrong_address_is_missing(local_stack: LocalStack, tmp_path: Path) -> None:
    admin_url = local_stack.addresses.admin_url
    done = doctor(tmp_path, "--stack", "external", "--gateway-url", admin_url)
    assert done.returncode == 1
    assert f"MISSING gateway: --gateway-url={admin_url}: this is an Admin API" in done.stdout
    assert "external: not ready" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--stack", "external"),
            "MISSING addresses: --stack=external: needs --gateway-url, or --stack-file",
        ),
        (("--stack", "external", "--stack-file", "none.toml"), "--stack-file=none.toml: cannot be read"),
        (("--redis-url", "redis://:pw@a"), "error: --redis-url=redis://:***@a: is for --stack=external"),
    ],
)
def test_what_cannot_be_looked_at_is_one_clear_line(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = doctor(tmp_path, *arguments)
    assert done.returncode == 1
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
