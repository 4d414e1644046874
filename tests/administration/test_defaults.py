"""What a configuration leaves out has the value that the contract's table gives."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.gateway_config import MaskerConfig, RedisConfig

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab

HOST = "redis.invalid"


@pytest.mark.clause("A1")
def test_keys_that_are_left_out_have_the_documented_values(lab: Lab) -> None:
    route = lab.route(redis=RedisConfig(host=HOST), redis_event_channel="kong:masking:defaults")
    routes = {entity["id"]: entity["name"] for entity in lab.admin.entities("routes")}
    (told,) = (
        plugin["config"]
        for plugin in lab.admin.plugins()
        if plugin["route"] and routes[plugin["route"]["id"]] == route.route.name
    )
    redis = defaults(RedisConfig) | {"host": HOST}
    expected = defaults(MaskerConfig) | {"redis_event_channel": "kong:masking:defaults"}
    # Kong's own schema of Redis has more keys in some versions.
    assert {key: told["redis"][key] for key in redis} == redis
    assert {key: value for key, value in told.items() if key != "redis"} == {
        key: value for key, value in expected.items() if key != "redis"
    }


def defaults(config: type[MaskerConfig | RedisConfig]) -> dict[str, Any]:
    """Name and default of every key."""
    return {field.name: field.default for field in dataclasses.fields(config)}
