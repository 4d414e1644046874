"""What the Dockerfiles promise of a container that runs: it tells its health, and nobody in it is root."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.stack.base import Component

if TYPE_CHECKING:
    from docker import DockerClient

    from fixtures.stack.docker import DockerStack

# In one process: each start sweeps the engine, which others would see.
pytestmark = pytest.mark.xdist_group("docker")

# Where each listens, by the variable that its image sets.
PORTS = {Component.BACKEND: "BACKEND_PORT", Component.UPSTREAM: "UPSTREAM_PORT"}


@pytest.mark.parametrize("component", PORTS)
def test_an_image_of_ours_can_tell_whether_it_is_healthy(
    engine: DockerClient, whole: DockerStack, component: Component
) -> None:
    container = engine.containers.get(f"{whole.name}-{component}")
    assert container.image is not None
    kind, *command = container.image.attrs["Config"]["Healthcheck"]["Test"]
    assert kind == "CMD"
    healthy = container.exec_run(command)
    assert healthy.exit_code == 0, healthy.output
    # As if it were listening nowhere.
    assert container.exec_run(command, environment={PORTS[component]: "1"}).exit_code == 1


@pytest.mark.parametrize("component", [*PORTS, Component.GATEWAY, Component.REDIS])
def test_nobody_in_a_container_is_root(
    engine: DockerClient, whole: DockerStack, component: Component
) -> None:
    container = engine.containers.get(f"{whole.name}-{component}")
    users = container.exec_run(["/bin/sh", "-c", "id -u; stat -c %u /proc/[0-9]*"])
    assert users.exit_code == 0, users.output
    assert isinstance(users.output, bytes)
    assert "0" not in users.output.decode().split()
