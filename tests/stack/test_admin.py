"""The Admin API client: refusals are told, and a configuration is in force in every worker."""

from __future__ import annotations

import dataclasses
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from fixtures.clients.admin import AdminClient, connections_to_reach_all
from fixtures.clients.ledger import Ledger
from fixtures.errors import ConfigRefused, TimedOut
from fixtures.gateway_config import GatewayConfig, MaskerConfig, Route, redis_of, standard_config
from fixtures.stack.base import Component
from fixtures.stack.probes import http_status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.stack.local import LocalStack


@pytest.fixture(scope="module")
def admin(local_stack: LocalStack) -> Iterator[AdminClient]:
    with AdminClient(local_stack.addresses.admin_url) as admin:
        yield admin


def test_the_connections_of_a_fence_miss_no_worker() -> None:
    assert connections_to_reach_all(1) == 1
    for workers in (2, 3, 4, 8, 64):
        connections = connections_to_reach_all(workers)
        assert (
            workers * (1 - 1 / workers) ** connections
            <= 1e-9
            < workers * (1 - 1 / workers) ** (connections - 1)
        )


def test_an_applied_configuration_is_in_force_in_every_worker(
    local_stack: LocalStack, admin: AdminClient
) -> None:
    addresses = local_stack.addresses
    for number in range(20):
        path = f"/round-{number}"
        config = standard_config(addresses).with_routes(
            Route(
                name="round",
                path=path,
                upstream_url=f"{addresses.upstream_url_from_gateway}/_emulator/health",
            )
        )
        admin.apply(config, addresses.gateway_url)
        # Each look is a fresh connection; 31 of them reach both workers.
        for _ in range(31):
            assert http_status(f"{addresses.gateway_url}{path}") == HTTPStatus.OK


def test_a_fence_does_not_end_while_a_worker_lacks_the_route(
    local_stack: LocalStack, admin: AdminClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fixtures.clients.admin._IN_FORCE_TIMEOUT_S", 0.3)
    monkeypatch.setattr(AdminClient, "post_config", lambda *_args: None)
    with pytest.raises(TimedOut, match="the new configuration to be in force in every worker"):
        admin.apply(standard_config(local_stack.addresses), local_stack.addresses.gateway_url)


def test_a_configuration_is_applied_with_the_upstream_down(
    local_stack: LocalStack, admin: AdminClient
) -> None:
    local_stack.stop_component(Component.UPSTREAM)
    try:
        admin.apply(standard_config(local_stack.addresses), local_stack.addresses.gateway_url)
    finally:
        local_stack.start_component(Component.UPSTREAM)


def test_a_fence_leaves_no_trace_at_the_upstream(local_stack: LocalStack, admin: AdminClient) -> None:
    addresses = local_stack.addresses
    admin.apply(standard_config(addresses), addresses.gateway_url)
    captures = admin.request("GET", f"{addresses.upstream_url}/_emulator/captures").json()
    assert captures["captures"] == []


def test_a_refused_configuration_raises_with_the_gateways_message_and_the_old_one_stays(
    local_stack: LocalStack, admin: AdminClient
) -> None:
    addresses = local_stack.addresses
    admin.apply(standard_config(addresses), addresses.gateway_url)
    before = admin.plugins()
    with pytest.raises(ConfigRefused, match="event_sampling_rate") as refused:
        admin.post_config(standard_config(addresses, MaskerConfig(event_sampling_rate=1.5)))
    assert refused.value.status == HTTPStatus.BAD_REQUEST
    with pytest.raises(ConfigRefused, match="failed parsing declarative configuration"):
        admin.post_config("a: [1, 2")
    assert admin.plugins() == before


def test_every_key_of_the_builder_is_known_to_the_plugin_with_the_same_default(
    local_stack: LocalStack, admin: AdminClient
) -> None:
    addresses = local_stack.addresses
    defaults = MaskerConfig(redis=redis_of(addresses))
    admin.post_config(
        GatewayConfig(
            upstream_url=addresses.upstream_url_from_gateway,
            routes=(Route(name="one", path="/one", masker=defaults),),
        )
    )
    known = admin.plugins()[0]["config"]
    assert known == dataclasses.asdict(defaults)


def test_the_ledger_is_read_and_balances(admin: AdminClient, local_stack: LocalStack) -> None:
    ledger = admin.ledger()
    assert ledger.balance == 0
    assert sorted(worker.pid for worker in ledger.workers) == local_stack.worker_pids()
    assert "aws_masker" in admin.metrics_text()
    assert admin.worker_count() == local_stack.options.workers


def ledger_of(waiting: int = 0, **counters: int) -> Ledger:
    named = {name.replace("__", "."): count for name, count in counters.items()}
    return Ledger.parse({"since": 1.5, "counters": named, "waiting": waiting, "workers": {}})


def test_an_imbalance_of_the_ledger_is_seen() -> None:
    balanced = ledger_of(
        waiting=2,
        events__sampled=10,
        events__published=5,
        events__dropped__queue_full=2,
        events__dropped__unconfirmed=1,
    )
    assert balanced.dropped == {"queue_full": 2, "unconfirmed": 1}
    assert balanced.balance == 0
    assert ledger_of(events__sampled=10, events__published=9).balance == 1
    assert ledger_of(events__sampled=10, events__published=11).balance == -1


def test_the_change_between_two_readings_names_what_changed() -> None:
    earlier, later = (
        ledger_of(requests=3, masked_requests=1),
        ledger_of(requests=5, masked_requests=1, refused__scan=1),
    )
    assert later.change_since(earlier) == {"refused.scan": 1, "requests": 2}
