"""The container library's own reaper runs where its image can be had; finding that out takes little time, once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import Reaper

from fixtures.images import choose
from fixtures.images.engine import connect
from fixtures.stack.containers import network
from fixtures.stack.containers.network import set_up_testcontainers
from tests.stack.engine_double import EngineDouble, engine_double

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from docker import DockerClient

PULL_S = 1
# The time for the pull, one sign of life more, and what a loaded machine takes for the rest.
BOUND_S = 2 * PULL_S + 3.0


@pytest.fixture
def double(tmp_path: Path) -> Iterator[EngineDouble]:
    """A double in the place of the engine."""
    with engine_double(tmp_path) as double:
        yield double


@pytest.fixture
def client(double: EngineDouble, monkeypatch: pytest.MonkeyPatch) -> Iterator[DockerClient]:
    """A client of an engine without images, on which nothing was tried yet."""
    monkeypatch.setenv("DOCKER_HOST", double.url)
    monkeypatch.setattr(choose, "_not_pulled", {})
    monkeypatch.setattr(network, "_REAPER_PULL_S", PULL_S)
    monkeypatch.setattr(testcontainers_config, "_ryuk_disabled", None)
    monkeypatch.delenv("TESTCONTAINERS_RYUK_DISABLED", raising=False)
    client = connect()
    yield client
    client.close()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was started of it."""
    started: list[str] = []
    monkeypatch.setattr(Reaper, "get_instance", lambda: started.append("reaper"))
    return started


def pulls(double: EngineDouble) -> int:
    return len([path for path in double.asked if path.endswith("/images/create")])


def test_it_is_pulled_and_started(double: EngineDouble, client: DockerClient, started: list[str]) -> None:
    set_up_testcontainers(client, keep=False)
    assert pulls(double) == 1
    assert started == ["reaper"]
    set_up_testcontainers(client, keep=False)
    assert pulls(double) == 1


def test_a_registry_that_does_not_answer_is_asked_once_and_given_up_in_time(
    double: EngineDouble, client: DockerClient, started: list[str], tmp_path: Path
) -> None:
    (tmp_path / "silent-registry").touch()
    began_s = time.monotonic()
    set_up_testcontainers(client, keep=False)
    assert time.monotonic() - began_s < BOUND_S
    testcontainers_config.ryuk_disabled = False
    set_up_testcontainers(client, keep=False)
    assert pulls(double) == 1
    assert started == []


@pytest.mark.parametrize("keep", [True, False])
def test_it_is_not_asked_for_where_it_is_not_wanted(
    double: EngineDouble,
    client: DockerClient,
    started: list[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    keep: bool,
) -> None:
    if not keep:
        monkeypatch.setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
    set_up_testcontainers(client, keep=keep)
    assert pulls(double) == 0
    assert started == []
