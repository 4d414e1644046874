"""Routes that differ in batch size, channel or Redis setting share workers, and nothing else."""

from __future__ import annotations

import contextlib
import secrets
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
import redis

from fixtures.checkers import batches, delivery, gaps
from fixtures.checkers.received import received_events
from fixtures.gateway_config import MaskerConfig, redis_of
from fixtures.observers.redis_info import SUITE_CLIENT, RedisInfo
from fixtures.observers.standstills import Standstills
from tests.events.traffic import arrived, send_many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.gateway_config import RedisConfig
    from fixtures.lab.lab import Lab, LabRoute

INTERVAL_S = 0.3


@pytest.mark.clause("B5")
def test_routes_with_different_batch_sizes_never_share_a_message_even_on_one_channel(lab: Lab) -> None:
    channel = f"lab:shared:{secrets.token_hex(4)}"
    limits = (1, 3, 5, 8)
    routes = lab.add_routes(*(_masker(redis_event_channel=channel, event_batch_size=size) for size in limits))
    # Each connection takes turns between the routes, so that every worker has events of all at the same time.
    ids = send_many(lab, *routes, rounds=9, connections=30)
    arrived(lab, routes[0], 2 * len(ids))
    lab.require(delivery.check(lab.history, expected=delivery.expected_of(ids), channel=channel))
    lab.require(gaps.check(lab.history, channel=channel))
    messages = lab.history.ops(f="message", where=lambda op: op.value["channel"] == channel)
    held = _events_by_message(lab, channel)
    mixed = sum(len({event["route"] for event in events}) > 1 for events in held.values())
    assert lab.evidence.figure("messages with events of several routes", mixed, equals=0).holds
    rows = []
    for route, limit in zip(routes, limits, strict=True):
        own = [op for op in messages if held[op.value["number"]][0]["route"] == route.route.name]
        largest = max(op.value["events"] for op in own)
        assert largest == limit, f"the largest message of a route with batch size {limit} held {largest}"
        assert {op.value["wrapped"] for op in own} == {limit > 1}
        rows.append((limit, len(own), largest))
    lab.evidence.table("messages on one channel", ("batch size", "messages", "largest"), rows)


@pytest.mark.measures("waits")  # a busy machine delivers late, whatever the plugin does
@pytest.mark.clause("B5")
def test_a_route_does_not_wait_for_the_longer_interval_of_another_on_its_channel(lab: Lab) -> None:
    channel = f"lab:shared:{secrets.token_hex(4)}"
    slow, fast = lab.add_routes(
        *(
            _masker(redis_event_channel=channel, event_batch_size=50, event_flush_interval=interval_s)
            for interval_s in (1.2, 0.4)
        )
    )
    # Over one connection, and so in one worker, the slow one first: its events wait when the fast one's come.
    with Standstills(lab.tap, lab.history):
        for route in (slow, fast):
            lab.post(route)
        arrived(lab, slow, 4)
    events = received_events(lab.history, channel=channel)
    assert [len(held) for held in _events_by_message(lab, channel).values()] == [2, 2]
    for route in (slow, fast):
        ids = {event["request_id"] for event in lab.events(route) if event["route"] == route.route.name}
        waits = zip(events, batches.served_waits_s(lab.history, channel=channel), strict=True)
        longest_s = max(wait_s for event, wait_s in waits if event.request_id in ids)
        interval_s = route.masker.event_flush_interval
        limit_s = interval_s + batches.PROCESSING_S
        assert lab.evidence.figure(f"longest wait at {interval_s:g} s", longest_s, "s", at_most=limit_s).holds


@pytest.mark.clause("B5")
def test_routes_with_different_channels_intervals_and_sizes_keep_to_their_own(lab: Lab) -> None:
    routes = lab.add_routes(
        _masker(event_batch_size=4),
        _masker(event_batch_size=4, event_flush_interval=2 * INTERVAL_S),
        _masker(event_batch_size=6),
        _masker(event_batch_size=6, event_queue_size=500),
    )
    ids = send_many(lab, *routes, rounds=5, connections=32)
    _require_own_events(lab, routes, ids)


@pytest.mark.clause("B5")
def test_routes_with_different_databases_and_users_send_over_connections_of_their_own(lab: Lab) -> None:
    plain = redis_of(lab.stack.addresses)
    with _users(lab, 2) as (first, second):
        channels = {user.username: f"lab:{user.username}" for user in (first, second)}
        routes = lab.add_routes(
            _masker(event_batch_size=4, redis=plain),
            _masker(event_batch_size=4, redis=redis_of(lab.stack.addresses, database=3)),
            # Each user may publish on its own channel only: on another's Redis would refuse.
            _masker(event_batch_size=4, redis=first, redis_event_channel=channels[first.username]),
            _masker(event_batch_size=4, redis=second, redis_event_channel=channels[second.username]),
        )
        before = lab.ledger()
        ids = send_many(lab, *routes, rounds=5, connections=32)
        _require_own_events(lab, routes, ids)
        refused = [name for name in lab.ledger().change_since(before) if name.startswith("messages.refused")]
        assert lab.evidence.figure("kinds of refusals by Redis", len(refused), equals=0).holds
        addresses = lab.stack.addresses
        with RedisInfo(addresses.redis_host, addresses.redis_port, **addresses.redis_login) as info:
            used = {(client.user, client.database) for client in info.publishers()}
    wanted = {("default", 0), ("default", 3), (first.username, 0), (second.username, 0)}
    lab.evidence.table("connections of the gateway", ("user", "database"), sorted(used))
    assert wanted <= used


def _masker(**fields: Any) -> MaskerConfig:
    return MaskerConfig(**{"enable_event_monitoring": True, "event_flush_interval": INTERVAL_S, **fields})


def _require_own_events(lab: Lab, routes: list[LabRoute], ids: list[str]) -> None:
    """Each channel carries the events of its route's requests and no others, packed as that route says."""
    share = 2 * len(ids) // len(routes)
    seen: list[str] = []
    for route in routes:
        events = arrived(lab, route, share)
        strangers = sum(event["route"] != route.route.name for event in events)
        assert lab.evidence.figure(f"strange events on {route.channel}", strangers, equals=0).holds
        assert len(events) == share
        seen += {event["request_id"] for event in events}
        lab.require(
            batches.check(
                lab.history,
                batch_size=route.masker.event_batch_size,
                channel=route.channel,
            )
        )
        lab.require(gaps.check(lab.history, channel=route.channel))
    assert sorted(seen) == sorted(ids)


def _events_by_message(lab: Lab, channel: str) -> dict[int, list[dict[str, Any]]]:
    held: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for op in lab.history.ops(f="event", where=lambda op: op.value["channel"] == channel):
        held[op.value["message"]].append(op.value["event"])
    return held


@contextlib.contextmanager
def _users(lab: Lab, count: int) -> Iterator[list[RedisConfig]]:
    """Users of the stack's Redis that may publish on a channel of their own name and do nothing else."""
    addresses = lab.stack.addresses
    admin: Any = redis.Redis(addresses.redis_host, addresses.redis_port, client_name=SUITE_CLIENT)
    users = [
        redis_of(addresses, username=f"user-{secrets.token_hex(4)}", password=secrets.token_hex(8))
        for _ in range(count)
    ]
    with contextlib.closing(admin):
        try:
            for user in users:
                admin.execute_command(
                    "ACL", "SETUSER", user.username, "on", f">{user.password}", f"&lab:{user.username}",
                    "+publish", "+ping", "+select", "+auth",
                )  # fmt: skip
            yield users
        finally:
            admin.execute_command("ACL", "DELUSER", *(user.username for user in users))
