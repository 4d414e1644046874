"""Wiring: plugin folders, and hosts that are stopped when their test ends."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from tests.gateway_host.host import RECORDED, GatewayHost, plugin_root

PLUGINS = Path(__file__).resolve().parent / "plugins"


class StartHost(Protocol):
    """Starts a host with the folder's own plugins."""

    def __call__(self, configuration: str, *, environment: Mapping[str, str] | None = None) -> GatewayHost:
        """Start with a declarative configuration, and more `KONG_*` settings if given."""


@pytest.fixture(scope="session")
def probe_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Kong finds the probe plugin under the name `aws-masker`."""
    probe = {"aws-masker": RECORDED / "probe" / "aws-masker"}
    return plugin_root(tmp_path_factory.mktemp("probe"), probe)


@pytest.fixture(scope="session")
def own_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Kong finds the plugins of this folder."""
    plugins = {name: PLUGINS / name for name in ("workbench", "timekeeper", "typed")}
    return plugin_root(tmp_path_factory.mktemp("own"), plugins)


@pytest.fixture(scope="module")
def shared_host(own_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayHost]:
    """One host for the tests of a module, each of which posts its own configuration."""
    directory = tmp_path_factory.mktemp("shared")
    with GatewayHost(directory, '_format_version: "3.0"\n', own_root, plugins="workbench,typed") as host:
        yield host


@pytest.fixture
def start_host(tmp_path: Path, own_root: Path) -> Iterator[StartHost]:
    """A function that starts a host; each is stopped after the test."""
    with ExitStack() as hosts:

        def start(configuration: str, *, environment: Mapping[str, str] | None = None) -> GatewayHost:
            return hosts.enter_context(
                GatewayHost(
                    tmp_path,
                    configuration,
                    own_root,
                    plugins="bundled,workbench,timekeeper",
                    environment=environment or {},
                )
            )

        yield start
