"""The builder writes what the gateway reads, and only what differs from its defaults."""

from __future__ import annotations

import pytest
import yaml

from fixtures.gateway_config import (
    MASKING_SWITCHES,
    GatewayConfig,
    MaskerConfig,
    RedisConfig,
    Route,
    standard_config,
)
from fixtures.stack.layout import LISTENERS, local_addresses

ADDRESSES = local_addresses({listener: 20_000 + number for number, listener in enumerate(LISTENERS)})


def test_defaults_are_not_written() -> None:
    assert MaskerConfig().written() == {}
    assert MaskerConfig(event_batch_size=10, mask_arns=False).written() == {
        "event_batch_size": 10,
        "mask_arns": False,
    }


def test_a_redis_is_written_with_its_host() -> None:
    written = MaskerConfig(redis=RedisConfig(port=7000, password="p")).written()
    assert written == {"redis": {"host": "127.0.0.1", "port": 7000, "password": "p"}}


def test_the_standard_routes_are_the_documented_ones() -> None:
    config = yaml.safe_load(standard_config(ADDRESSES).to_yaml())
    assert config["_format_version"] == "3.0"
    (service,) = config["services"]
    assert (service["name"], service["url"]) == ("llm", ADDRESSES.upstream_url_from_gateway)
    routes = {route["name"]: route for route in service["routes"]}
    assert {name: route["paths"] for name, route in routes.items()} == {
        "analyze-claude": ["/analyze-claude"],
        "messages": ["/v1/messages"],
        "large-response": ["/test/large-response"],
        "plain": ["/plain"],
    }
    assert routes["messages"]["strip_path"] is False
    masked = {plugin["route"]: plugin for plugin in config["plugins"]}
    assert set(masked) == {"analyze-claude", "messages", "large-response"}
    assert all(plugin["config"]["redis"]["port"] == ADDRESSES.redis_port for plugin in masked.values())
    assert all(routes[name]["response_buffering"] is False for name in masked)
    assert "response_buffering" not in routes["plain"]


def test_a_route_of_the_same_name_takes_the_place_of_the_old_one() -> None:
    config = standard_config(ADDRESSES).with_routes(
        Route(name="plain", path="/other"), Route(name="new", path="/new")
    )
    assert config.route("plain").path == "/other"
    assert len(config.routes) == 5
    with pytest.raises(KeyError, match="no route 'nope'; there are analyze-claude"):
        config.route("nope")


def test_a_route_with_an_upstream_of_its_own_gets_a_service_of_its_own() -> None:
    config = GatewayConfig(
        upstream_url="http://127.0.0.1:1",
        routes=(Route(name="a", path="/a", upstream_url="http://127.0.0.1:2"),),
    ).to_dict()
    assert [(service["name"], service["url"]) for service in config["services"]] == [
        ("llm", "http://127.0.0.1:1"),
        ("a", "http://127.0.0.1:2"),
    ]


def test_every_family_has_a_switch() -> None:
    assert MASKING_SWITCHES
    for switch in MASKING_SWITCHES:
        assert MaskerConfig(**{switch: False}).written() == {switch: False}  # type: ignore[arg-type]
