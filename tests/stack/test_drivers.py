"""Drivers are found by name, and every one offers the whole required interface."""

from __future__ import annotations

import dataclasses
import inspect

import pytest

from fixtures.errors import UnknownDriver
from fixtures.stack import base, drivers
from fixtures.stack.docker import DockerStack
from fixtures.stack.drivers import DRIVERS, docker_stack, driver_named, external_stack, local_stack
from fixtures.stack.external import ExternalStack, ExternalStackThatReachesTests
from fixtures.stack.external_system import external_system
from fixtures.stack.local import LocalStack
from fixtures.stack.moving_redis import LocalStackThatMovesRedis
from fixtures.stack.surroundings import Readdressable

ABILITIES = (
    base.Stoppable,
    base.Killable,
    base.Pausable,
    base.Delayable,
    base.Reloadable,
    base.HasFigures,
    base.HasWorkers,
    base.FreezesWorkers,
    base.LimitsMemory,
    base.DropsPackets,
    base.ReachesTests,
)


def test_drivers_are_found_by_name() -> None:
    assert driver_named("local").make is local_stack
    assert driver_named("docker").make is docker_stack
    assert driver_named("external").make is external_stack


def test_a_known_driver_that_is_not_there_is_refused_with_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = tuple(
        dataclasses.replace(each, missing="a thing") if each.name == "docker" else each for each in DRIVERS
    )
    monkeypatch.setattr(drivers, "DRIVERS", found)
    with pytest.raises(
        UnknownDriver, match="--stack=docker is not available; known: local, docker"
    ) as refused:
        driver_named("docker")
    assert "docker (not available: a thing is missing)" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_unknown_driver_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownDriver, match="--stack=nope does not exist; known: local, docker, external"):
        driver_named("nope")


def public_methods(protocol: type) -> dict[str, inspect.Signature]:
    """Methods and properties with their arguments, inherited ones included."""
    found = inspect.getmembers_static(protocol)
    members = {name: getattr(member, "fget", member) for name, member in found}
    return {
        name: inspect.signature(member)
        for name, member in members.items()
        if inspect.isfunction(member) and not name.startswith("_")
    }


@pytest.mark.parametrize(
    ("driver", "protocols"),
    [
        (LocalStack, (base.Stack, *ABILITIES)),
        (LocalStackThatMovesRedis, (base.Stack, *ABILITIES, Readdressable)),
        (DockerStack, (base.Stack, *ABILITIES, Readdressable)),
        (ExternalStackThatReachesTests, (base.Stack, base.ReachesTests, base.KeepsForeignConfig)),
    ],
)
def test_a_driver_has_every_method_with_the_arguments_of_the_protocol(
    driver: type, protocols: tuple[type, ...]
) -> None:
    offered = public_methods(driver)
    for protocol in protocols:
        methods = public_methods(protocol)
        assert methods
        for name, signature in methods.items():
            assert list(offered[name].parameters) == list(signature.parameters)


def test_containers_can_do_all_that_is_asked_of_a_driver_but_two() -> None:
    every = [
        found
        for found in vars(base).values()
        if inspect.isclass(found) and getattr(found, "_is_protocol", False)
    ]
    offered = public_methods(DockerStack).keys()
    lacking = {each.__name__ for each in every if not public_methods(each).keys() <= offered}
    assert lacking == {"FillsLogDisk", "KeepsForeignConfig"}
    assert all(name in str(DockerStack.__doc__) for name in lacking)


def test_the_driver_of_somebody_elses_system_can_do_nothing_to_it() -> None:
    offered = public_methods(ExternalStack).keys()
    able = {each.__name__ for each in ABILITIES if public_methods(each).keys() <= offered}
    assert able == set()


def test_every_driver_makes_a_stack_of_its_name() -> None:
    for driver in DRIVERS:
        stack = driver.make(external=external_system({"gateway_url": "http://127.0.0.1:1"}))
        assert stack.kind == driver.name
