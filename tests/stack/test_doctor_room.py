"""The doctor sees too little memory and too little disk, of this machine and of the engine."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import psutil
import pytest

from fixtures.doctor.docker_stack import look_at_engine
from fixtures.doctor.finding import Finding, Grade
from fixtures.doctor.machine import look_at_machine

GIB = 2**30
BY_SOCKET, BY_NETWORK = "http+docker://localhost", "http://engine.test:2375"


class Usage(NamedTuple):
    """As `shutil.disk_usage` tells it."""

    total: int
    used: int
    free: int


def engine(root: Path, *, memory_gib: float, url: str = BY_SOCKET) -> Any:
    told = {"MemTotal": int(memory_gib * GIB), "NCPU": 2, "Driver": "overlay2", "DockerRootDir": str(root)}
    version = {"ApiVersion": "1.44", "Version": "double"}
    api = SimpleNamespace(base_url=url)
    return SimpleNamespace(version=lambda: version, info=lambda: told, api=api)


def only(subject: str, findings: list[Finding]) -> Finding:
    [found] = [finding for finding in findings if finding.subject == subject]
    return found


@pytest.fixture
def free_gib(monkeypatch: pytest.MonkeyPatch) -> dict[Path, float]:
    """Free disk by directory."""
    free: dict[Path, float] = {}
    real = shutil.disk_usage

    def usage(path: Any) -> Any:
        known = free.get(Path(path))
        return real(path) if known is None else Usage(100 * GIB, 0, int(known * GIB))

    monkeypatch.setattr(shutil, "disk_usage", usage)
    return free


@pytest.mark.parametrize(("gib", "grade"), [(1.9, Grade.DOUBTFUL), (2.0, Grade.GOOD)])
def test_an_engine_with_little_memory_is_told(tmp_path: Path, gib: float, grade: Grade) -> None:
    found = only("engine's memory", look_at_engine(engine(tmp_path, memory_gib=gib)))
    assert (found.grade, found.text) == (grade, f"{gib} GiB, 2 CPUs (wanted 2 GiB)")


@pytest.mark.parametrize(("gib", "grade"), [(3.9, Grade.DOUBTFUL), (4.0, Grade.GOOD)])
def test_an_engine_with_little_disk_is_told_with_the_remedy(
    tmp_path: Path, free_gib: dict[Path, float], gib: float, grade: Grade
) -> None:
    free_gib[tmp_path] = gib
    found = only("engine's disk", look_at_engine(engine(tmp_path, memory_gib=8)))
    told = f"{gib} GiB free below {tmp_path} (wanted 4; docker system prune makes room)"
    assert (found.grade, found.text) == (grade, told)


def test_nothing_is_said_of_a_disk_that_is_not_this_machines(tmp_path: Path) -> None:
    elsewhere = engine(tmp_path, memory_gib=8, url=BY_NETWORK)
    within_another = engine(tmp_path / "not here", memory_gib=8)
    for client in (elsewhere, within_another):
        assert "engine's disk" not in [found.subject for found in look_at_engine(client)]


@pytest.mark.parametrize(("gib", "grade"), [(1.9, Grade.DOUBTFUL), (2.0, Grade.GOOD)])
def test_a_machine_with_little_memory_or_disk_is_told(
    tmp_path: Path,
    free_gib: dict[Path, float],
    monkeypatch: pytest.MonkeyPatch,
    gib: float,
    grade: Grade,
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=int(gib * GIB)))
    free_gib[tmp_path] = gib
    findings = look_at_machine()
    assert [only(subject, findings).grade for subject in ("memory", "disk")] == [grade, grade]
