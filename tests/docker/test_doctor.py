"""The doctor tells what is missing before any test does."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from fixtures.doctor.docker_stack import look_at_docker
from fixtures.stack.component import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from docker import DockerClient


def doctor(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fixtures.cli.doctor", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_machine_with_an_engine_and_images_is_ready(engine: DockerClient) -> None:
    done = doctor("--stack", "docker")
    assert done.returncode == 0, done.stdout
    assert str(engine.version()["Version"]) in done.stdout
    assert "docker: ready" in done.stdout


def test_an_image_that_is_not_here_is_told(engine: DockerClient) -> None:
    assert engine.ping()
    done = doctor("--stack", "docker", SUITE_REDIS_IMAGE="aws-masker/never-built:0")
    assert "note    image aws-masker/never-built:0: not here" in done.stdout


def test_an_image_that_a_file_names_is_looked_for(
    engine: DockerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine.ping()
    monkeypatch.delenv("SUITE_REDIS_IMAGE", raising=False)
    monkeypatch.setattr("fixtures.images.settings.ROOT", tmp_path)
    (tmp_path / "tox.ini").write_text("[suite]\nredis_image = aws-masker/never-built:0\n")
    assert "image aws-masker/never-built:0" in [found.subject for found in look_at_docker()]


def test_without_an_engine_only_the_other_kind_is_ready(tmp_path: Path) -> None:
    done = doctor("--stack", "docker", DOCKER_HOST=f"unix://{tmp_path}/nobody.sock")
    assert done.returncode == 1
    assert "MISSING engine: no container engine answers" in done.stdout
    assert "local: ready, docker: not ready" in done.stdout
    assert doctor(DOCKER_HOST=f"unix://{tmp_path}/nobody.sock").returncode == 0


def test_an_unknown_kind_is_one_clear_line() -> None:
    done = doctor("--stack", "nowhere")
    assert done.returncode == 1
    assert done.stderr.strip() == "error: --stack=nowhere: must be one of local, docker, external"
