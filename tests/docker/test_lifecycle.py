"""What is true of a stack of containers only; its life is tested with that of every stack, in `tests/stack`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from fixtures.errors import ComponentExited
from fixtures.images.choose import choose_image
from fixtures.images.wanted import wanted_images
from fixtures.nemesis import FAULTS
from fixtures.stack.base import Component, StackOptions
from fixtures.stack.docker import DockerStack
from fixtures.stack.probes import http_status
from tests.docker.support import redis_stack, volumes_of
from tests.stack.rigs import left_on

if TYPE_CHECKING:
    from docker import DockerClient

    from fixtures.nemesis.base import Fault

# In one process: each start sweeps the engine, which others would see.
pytestmark = pytest.mark.xdist_group("docker")

# That an end is noticed at once, and no deadline waited for.
NOTICE_BOUND_S = 10.0


def test_a_stack_leaves_no_volume(engine: DockerClient) -> None:
    volumes = volumes_of(engine)
    with redis_stack():
        pass
    assert volumes_of(engine) == volumes


def test_every_image_that_stands_in_for_another_is_named(engine: DockerClient, whole: DockerStack) -> None:
    told = whole.describe()
    images = wanted_images()
    for name, wanted in (
        ("gateway", images.kong),
        ("redis", images.redis),
        ("backend and upstream", images.python),
    ):
        chosen = choose_image(engine, wanted)
        assert str(chosen) in told[name]
        assert (f"stands in for {wanted}" in told[name]) == chosen.stands_in
    assert ("not Kong" in told["gateway"]) == choose_image(engine, images.kong).stands_in


def test_a_request_is_in_the_access_log_as_soon_as_it_was_answered(whole: DockerStack) -> None:
    log = whole.logs()["gateway.access"]
    for _ in range(20):
        lines = log.read_text().count("\n")
        assert http_status(f"{whole.addresses.gateway_url}/plain") == 200
        assert whole.logs()["gateway.access"].read_text().count("\n") > lines


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_every_fault_shows_and_goes(whole: DockerStack, fault: type[Fault]) -> None:
    if reason := fault.withheld(whole):
        pytest.skip(reason)
    before = whole.undo.outstanding
    with fault(whole):
        pass
    # A wire's proxy stays up for the next fault.
    assert [name for name in whole.undo.outstanding if name not in before] in ([], ["wire_proxy"])
    whole.require_running()


def test_a_component_that_ends_while_it_starts_is_noticed_at_once(engine: DockerClient) -> None:
    options = StackOptions(
        components=frozenset({Component.GATEWAY}), declarative_config="_format_version: '9'"
    )
    stack = DockerStack(options, images=wanted_images())
    began_s = time.monotonic()
    with pytest.raises(ComponentExited, match="gateway ended on its own, with exit code 1") as noticed:
        stack.start()
    assert time.monotonic() - began_s < NOTICE_BOUND_S
    assert "the declarative configuration was refused" in str(noticed.value)
    assert "_format_version" in noticed.value.last_lines
    assert left_on(engine, stack.name) == []
    assert not stack.directory.exists()
