"""Host names of upstreams and cosockets: who is asked, and for how long the answer is kept."""

from pathlib import Path

import pytest

from system.gateway_host.name_servers import name_servers_of
from tests.gateway_host.conftest import StartHost
from tests.gateway_host.host import GatewayHost
from tests.gateway_host.name_server import NameServer
from tests.gateway_host.probe_upstream import probe_upstream

REQUESTS = 5


def configuration(host: str, port: int) -> str:
    return f"""
_format_version: "3.0"
services:
  - name: upstream
    url: http://{host}:{port}
    routes: [{{ name: all, paths: [/] }}]
plugins: [{{ name: workbench }}]
"""


def statuses(host: GatewayHost) -> list[int]:
    return [host.proxy("GET", "/").status for _ in range(REQUESTS)]


def environment(server: NameServer, **settings: str) -> dict[str, str]:
    return {"KONG_DNS_RESOLVER": f"127.0.0.1:{server.port}", "KONG_NGINX_WORKER_PROCESSES": "1", **settings}


@pytest.mark.parametrize(
    ("settings", "asked"),
    [({}, 1), ({"KONG_DNS_VALID_TTL": "0"}, REQUESTS), ({"KONG_DNS_VALID_TTL": "60"}, 1)],
)
def test_an_address_is_kept_for_its_ttl_or_the_configured_one(
    settings: dict[str, str], asked: int, start_host: StartHost
) -> None:
    with probe_upstream() as port, NameServer({"llm.example": "127.0.0.1"}) as server:
        host = start_host(configuration("llm.example", port), environment=environment(server, **settings))
        assert statuses(host) == [200] * REQUESTS
        assert server.asked == ["llm.example"] * asked


@pytest.mark.parametrize(("settings", "asked"), [({}, 1), ({"KONG_DNS_NOT_FOUND_TTL": "0"}, REQUESTS)])
def test_a_name_that_does_not_exist_is_remembered(
    settings: dict[str, str], asked: int, start_host: StartHost
) -> None:
    with NameServer({}) as server:
        host = start_host(configuration("gone.example", 80), environment=environment(server, **settings))
        assert statuses(host) == [503] * REQUESTS
        assert server.asked == ["gone.example"] * asked


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("198.51.100.0, 1.2.3.4:54", ("198.51.100.0:53", "1.2.3.4:54")),
        ("::1,[::1]:54,[2001:db8::1]", ("[::1]:53", "[::1]:54", "[2001:db8::1]:53")),
        ("", ()),
    ],
)
def test_name_servers_are_given_as_to_kong(given: str, read: tuple[str, ...]) -> None:
    assert name_servers_of({"KONG_DNS_RESOLVER": given}) == read


def test_a_name_server_with_an_ipv6_address_is_asked(start_host: StartHost) -> None:
    if not Path("/proc/net/if_inet6").exists():
        pytest.skip("this machine has no IPv6")
    with probe_upstream() as port, NameServer({"llm.example": "127.0.0.1"}, host="::1") as server:
        settings = {**environment(server), "KONG_DNS_RESOLVER": f"[::1]:{server.port}"}
        host = start_host(configuration("llm.example", port), environment=settings)
        assert statuses(host) == [200] * REQUESTS
        assert server.asked == ["llm.example"]


def test_a_cosocket_asks_the_same_resolver(start_host: StartHost) -> None:
    with probe_upstream() as port, NameServer({"redis.example": "127.0.0.1"}) as server:
        host = start_host(configuration("127.0.0.1", port), environment=environment(server))
        connects = f"return ngx.socket.tcp():connect('redis.example', {port})"
        answer = host.proxy("GET", "/", headers={"X-Phase": "access", "X-Lua": connects})
        assert answer.body.startswith(b'{"values":[1')
        unknown = "return ngx.socket.tcp():connect('none.example', 1)"
        answer = host.proxy("GET", "/", headers={"X-Phase": "access", "X-Lua": unknown})
        assert b"DNS resolution failed" in answer.body
        assert server.asked == ["redis.example", "none.example"]
