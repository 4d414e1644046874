"""A plugin configuration with an unknown key, a wrong type or a value out of range is refused, and names the key."""

from __future__ import annotations

import copy
import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from fixtures.gateway_config import MASKING_SWITCHES, MaskerConfig, RedisConfig

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fixtures.lab.lab import Lab, LabRoute

ONE_OF_RANGE = 65_536
# Per key: values of a wrong type, and values out of range, as the contract's table has them.
WRONG: Mapping[str, tuple[object, ...]] = {
    **dict.fromkeys(MASKING_SWITCHES, ("yes", 1, [])),
    "max_request_size": ("32M", 1.5, True, 0, -1),
    "max_response_size": ("8M", 1.5, False, -1),
    "enable_event_monitoring": ("on", 0, {}),
    "event_sampling_rate": ("half", True, -0.1, 1.1),
    "redis_event_channel": (5, True, ["events"], ""),
    "event_batch_size": ("many", 2.5, True, 0, -1, 101),
    "event_flush_interval": ("1s", False, 0, -1),
    "event_queue_size": ("10k", 0.5, True, 0, -1),
    "redis": ("127.0.0.1:6379", 6379, True),
}
WRONG_REDIS: Mapping[str, tuple[object, ...]] = {
    "host": (5, True, ["a"], "a b", ""),
    "port": ("6379", 63.5, -1, ONE_OF_RANGE),
    "timeout": ("2s", True, -1, 2**31),
    "username": (5, True),
    "password": (5, True),
    "database": ("0", 0.5, True),
    "ssl": ("yes", 1),
    "ssl_verify": ("yes", 1),
    "server_name": (5, "10.0.0.1"),
}
UNKNOWN: tuple[tuple[str, ...], ...] = (
    ("event_sample_rate",),
    ("mask_ec2_instance",),
    ("redis_host",),
    ("redis", "hostname"),
    ("redis", "db"),
)


def cases() -> Iterator[tuple[tuple[str, ...], object]]:
    """Path of a key within the configuration, and a value that it cannot have."""
    for key, values in WRONG.items():
        yield from (((key,), value) for value in values)
    for key, values in WRONG_REDIS.items():
        yield from ((("redis", key), value) for value in values)
    yield from ((path, "x") for path in UNKNOWN)


@pytest.mark.no_clause("keeps the cases here complete")
def test_every_key_of_the_configuration_has_wrong_values_here() -> None:
    assert set(WRONG) == {field.name for field in dataclasses.fields(MaskerConfig)}
    assert set(WRONG_REDIS) == {field.name for field in dataclasses.fields(RedisConfig)}


@pytest.mark.clause("A1")
def test_a_configuration_that_cannot_be_used_is_refused_by_its_key_and_the_running_one_stays(
    lab: Lab,
) -> None:
    route = lab.monitored_route(event_flush_interval=0.05)
    running = lab.admin.request("GET", "/config").json()
    written = lab.config().to_dict()
    rows, wrong = [], []
    for path, value in cases():
        answer = lab.admin.request(
            "POST", "/config", json={"config": yaml.safe_dump(spoilt(written, route, path, value))}
        )
        told = answer.json()
        rows.append((".".join(path), repr(value), answer.status_code, complaint(told, path) or "not named"))
        right = (
            answer.status_code == 400
            and told["code"] == 14
            and told["message"].startswith("declarative config is invalid: ")
            and path[-1] in told["message"]
            and complaint(told, path)
        )
        if not right:
            wrong.append(rows[-1])
    lab.evidence.table("refused configurations", ("key", "value", "status", "complaint"), rows)
    assert not wrong
    assert lab.admin.request("GET", "/config").json() == running
    exchange = lab.post(route)
    assert exchange.status == 200
    assert {event["request_id"] for event in lab.flushed_events(route, 2)} == {exchange.request_id}
    assert lab.evidence.figure(
        "values refused by their key", len(rows), at_least=len(WRONG) + len(WRONG_REDIS)
    ).holds


@pytest.mark.clause("A1")
def test_the_ends_of_every_range_are_accepted(lab: Lab) -> None:
    for ends in (
        {"max_request_size": 1, "max_response_size": 0, "event_sampling_rate": 0.0, "event_batch_size": 1},
        {
            "event_sampling_rate": 1.0,
            "event_batch_size": 100,
            "event_flush_interval": 0.001,
            "event_queue_size": 1,
        },
    ):
        route = lab.route(**ends)
        [config] = [
            plugin["config"]
            for plugin in lab.admin.plugins()
            if plugin["config"]["redis_event_channel"] == route.channel
        ]
        assert {key: config[key] for key in ends} == ends


def spoilt(written: dict[str, Any], route: LabRoute, path: tuple[str, ...], value: object) -> dict[str, Any]:
    """The configuration with one value of the route's plugin replaced."""
    document = copy.deepcopy(written)
    [plugin] = [plugin for plugin in document["plugins"] if plugin["route"] == route.route.name]
    record = plugin["config"]
    for key in path[:-1]:
        record = record[key]
    record[path[-1]] = value
    return document


def complaint(told: Mapping[str, Any], path: tuple[str, ...]) -> str:
    """What the answer says about a key at its place within the plugins; empty when it says nothing there."""
    for plugin in told.get("fields", {}).get("plugins") or ():
        found: Any = plugin["config"] if plugin else None
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, str):
            return found
    return ""
