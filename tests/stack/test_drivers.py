"""Drivers are found by name, and every one offers the whole required interface."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest

from fixtures.errors import UnknownDriver
from fixtures.stack import base
from fixtures.stack.docker import DockerStack
from fixtures.stack.drivers import DRIVERS, docker_stack, local_stack, stack_maker
from fixtures.stack.local import LocalStack

if TYPE_CHECKING:
    from fixtures.stack.base import Stack

ABILITIES = (
    base.Stoppable,
    base.Killable,
    base.Pausable,
    base.Delayable,
    base.Reloadable,
    base.HasFigures,
    base.HasWorkers,
    base.ReachesTests,
)


def test_drivers_are_found_by_name() -> None:
    assert stack_maker("local") is local_stack
    assert stack_maker("docker") is docker_stack


def test_a_known_driver_that_is_not_there_is_refused_with_what_is_missing() -> None:
    with pytest.raises(
        UnknownDriver, match="--stack=external is not available; known: local, docker"
    ) as refused:
        stack_maker("external")
    assert "external (not available: " in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_unknown_driver_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownDriver, match="--stack=nope does not exist; known: local, docker"):
        stack_maker("nope")


def public_methods(protocol: type) -> dict[str, inspect.Signature]:
    """Methods and properties with their arguments."""
    members = {name: getattr(member, "fget", member) for name, member in vars(protocol).items()}
    return {
        name: inspect.signature(member)
        for name, member in members.items()
        if inspect.isfunction(member) and not name.startswith("_")
    }


@pytest.mark.parametrize("driver", [LocalStack, DockerStack])
@pytest.mark.parametrize("protocol", [base.Stack, *ABILITIES], ids=lambda protocol: protocol.__name__)
def test_a_driver_has_every_method_with_the_arguments_of_the_protocol(protocol: type, driver: type) -> None:
    methods = public_methods(protocol)
    assert methods
    offered = public_methods(driver)
    for name, signature in methods.items():
        assert list(offered[name].parameters) == list(signature.parameters)


def test_every_driver_that_can_be_used_makes_a_stack_of_its_name() -> None:
    for driver in DRIVERS:
        if driver.make is not None:
            stack: Stack = driver.make()
            assert stack.kind == driver.name
