"""Routes that sign in differently never share a connection."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from fixtures.gateway_config import MaskerConfig, redis_of
from fixtures.observers.redis_info import RedisInfo
from fixtures.stack.redis_admin import RedisAdmin
from tests.connections.redis_room import await_events, lone_lab, send

if TYPE_CHECKING:
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

PASSWORDS = {"alice": "alice-knows", "bob": "bob-knows"}


@pytest.mark.clause("C2")
def test_database_user_and_password_each_make_a_connection_of_their_own(
    make_stack: MakeStack, make_lab: MakeLab
) -> None:
    lab = lone_lab(make_stack, make_lab)
    addresses, workers = lab.stack.addresses, lab.stack.options.workers

    def masker(name: str, **redis: object) -> MaskerConfig:
        return MaskerConfig(
            enable_event_monitoring=True,
            redis_event_channel=f"identity:{name}",
            redis=redis_of(addresses, **redis),
        )

    settings = {
        "plain": masker("plain"),
        "database": masker("database", database=1),
        "alice": masker("alice", username="alice", password=PASSWORDS["alice"]),
        "bob": masker("bob", username="bob", password=PASSWORDS["bob"]),
        # Differs from alice by the password alone.
        "impostor": masker("impostor", username="alice", password="a guess"),
    }
    admin = RedisAdmin(addresses.redis_host, addresses.redis_port)
    try:
        for user, password in PASSWORDS.items():
            channels = ["&identity:alice", "&identity:impostor"] if user == "alice" else [f"&identity:{user}"]
            admin.command(
                "ACL", "SETUSER", user, "on", f">{password}", "resetchannels", *channels, "+publish", "+ping"
            )
    finally:
        admin.close()
    routes = dict(zip(settings, lab.add_routes(*settings.values()), strict=True))

    per_route = 2 * send(lab, *routes.values(), count=32 * len(routes), rounds=3) // len(routes)
    await_events(lab, sampled=per_route * len(routes), waiting=per_route)
    lab.tap.fence()
    with RedisInfo(addresses.redis_host, addresses.redis_port) as redis:
        seen = Counter((client.database, client.user) for client in redis.publishers())
    received = {name: len(lab.events(route)) for name, route in routes.items()}
    ledger = lab.ledger()

    figure = lab.evidence.figure
    lab.evidence.table(
        "Connections of the gateway",
        ("database", "user", "connections"),
        [(database, user, count) for (database, user), count in sorted(seen.items())],
    )
    wanted = {(0, "default"), (1, "default"), (0, "alice"), (0, "bob")}
    assert figure("identities seen", len(seen), bound=str(sorted(wanted)), holds=set(seen) == wanted).holds
    # Every route has traffic in every worker, so none may have signed in with another's connection.
    for (database, user), count in sorted(seen.items()):
        assert figure(f"connections of {user} to database {database}", count, equals=workers).holds
    for name, count in received.items():
        assert figure(f"events of {name}", count, equals=0 if name == "impostor" else per_route).holds
    # Bob may publish on his own channel alone, so another's event on his connection would be refused.
    assert figure("messages refused", ledger.count("messages.refused.denied"), equals=0).holds
    assert figure("sign-ins refused", ledger.count("connections.failed.auth"), at_least=1).holds
    assert figure("the impostor's events waiting", ledger.waiting, equals=per_route).holds


@pytest.mark.thorough
@pytest.mark.clause("C2", "F3")
def test_a_password_without_a_user_signs_in(make_stack: MakeStack, make_lab: MakeLab) -> None:
    lab = lone_lab(make_stack, make_lab)
    addresses = lab.stack.addresses
    admin = RedisAdmin(addresses.redis_host, addresses.redis_port)
    try:
        admin.command("CONFIG", "SET", "requirepass", PASSWORDS["alice"])
        knowing = lab.monitored_route(redis=redis_of(addresses, password=PASSWORDS["alice"]))
        ignorant = lab.monitored_route(redis=redis_of(addresses))
        sent = send(lab, knowing, ignorant)
        await_events(lab, sampled=2 * sent, waiting=sent)
    finally:
        admin.command("CONFIG", "SET", "requirepass", "")
        admin.close()
    ledger = lab.ledger()
    figure = lab.evidence.figure
    assert figure("events with the password", len(lab.events(knowing)), equals=sent).holds
    assert figure("sign-ins refused", ledger.count("connections.failed.auth"), at_least=1).holds
