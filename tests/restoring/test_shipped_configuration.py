"""The configuration that comes with the plugin, `system/kong/kong.yml`: what it promises holds on each of its routes.

Only the addresses are put in, as its first lines ask for. The suite's other tests make routes of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from fixtures.clients.admin import AdminClient, is_routed
from fixtures.gateway_config import MaskerConfig, config_text
from fixtures.lab.prompts import conversation
from fixtures.promises import promised
from fixtures.stack.base import Component
from fixtures.stack.component import ROOT
from fixtures.wait import eventually
from system.upstream.protocol import Framing
from tests.restoring.arrivals import arrive_in_two
from tests.restoring.scene import scene

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack
    from fixtures.stack.base import Addresses, Stack

FILE = ROOT / "system" / "kong" / "kong.yml"
PATHS = ["/analyze-claude", "/v1/messages", "/test/large-response"]
READY = "/shipped-configuration-is-in-force"
TIMEOUT_S = 10.0


@pytest.fixture(scope="module")
def shipped_stack(make_module_stack: MakeStack) -> Stack:
    """A gateway of one worker that runs the shipped configuration."""
    components = frozenset({Component.GATEWAY, Component.UPSTREAM, Component.REDIS})
    stack = make_module_stack(workers=1, components=components)
    with AdminClient(stack.addresses.admin_url) as admin:
        admin.post_config(with_addresses(stack.addresses))
    gateway_url = stack.addresses.gateway_url
    eventually(lambda: is_routed(gateway_url, READY), timeout_s=TIMEOUT_S, what="the shipped configuration")
    return stack


@pytest.fixture
def lab(shipped_stack: Stack, make_lab: MakeLab) -> Lab:
    """A lab that makes no routes of its own."""
    return make_lab(shipped_stack)


def with_addresses(addresses: Addresses) -> str:
    """The shipped configuration with the stack's addresses, and a route that tells that it is in force."""
    shipped: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    (service,) = shipped["services"]
    service["url"] = addresses.upstream_url_from_gateway
    login = {name: value for name, value in addresses.redis_login.items() if value is not None}
    redis = {"host": addresses.redis_host_from_gateway, "port": addresses.redis_port_from_gateway, **login}
    assert [path for route in service["routes"] for path in route["paths"]] == PATHS
    for route in service["routes"]:
        for plugin in route["plugins"]:
            plugin["config"]["redis"].update(redis)
    service["routes"].append({"name": "ready", "paths": [READY]})
    return config_text(shipped)


@pytest.mark.clause("M1", "U1")
@pytest.mark.parametrize("path", PATHS)
def test_every_shipped_route_masks_and_restores(lab: Lab, path: str) -> None:
    canary = lab.canary()
    exchange = lab.post(path, conversation(f"look at {canary.text}"))
    assert exchange.status == 200
    assert b"AWS_EC2_001" in exchange.upstream.body
    assert canary.identifier.encode() in exchange.body


@pytest.mark.clause("U4")
@pytest.mark.parametrize("path", PATHS)
def test_every_shipped_route_passes_on_a_stream_as_it_comes(lab: Lab, path: str) -> None:
    said = scene(lab, stream=True)
    begun = b'data: {"text":"see AWS_EC2_001, then'
    rest = b' and on"}\n\n'
    expected = said.restored(begun)
    arrived, whole = arrive_in_two(lab, path, said, begun, rest, Framing.CHUNKED, expected)
    assert arrived == expected
    assert whole == said.restored(begun + rest)


@pytest.mark.clause("E2")
@pytest.mark.parametrize("path", PATHS)
def test_every_shipped_route_reports_its_requests(lab: Lab, path: str) -> None:
    request_id = lab.post(path).headers["X-Kong-Request-Id"]

    def types() -> list[str]:
        lab.tap.collect()
        found = lab.history.ops(
            f="event", where=lambda op: op.value["channel"] == MaskerConfig.redis_event_channel
        )
        events = [op.value["event"] for op in found]
        return sorted(event["event_type"] for event in events if event["request_id"] == request_id)

    with promised(f"no two events of a request to {path}"):
        eventually(
            lambda: types() == ["data_masked", "data_unmasked"], timeout_s=TIMEOUT_S, what="both events"
        )
