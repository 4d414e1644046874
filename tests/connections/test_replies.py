"""Every reply belongs to its command, and a message counts as what Redis said of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fixtures.gateway_config import RedisConfig
from fixtures.promises import promised
from fixtures.wait import eventually
from tests.connections.scripted_redis import NO_RECEIVER, Misbehaviour, ScriptedRedis

if TYPE_CHECKING:
    from fixtures.clients.ledger import Ledger
    from fixtures.lab.lab import Lab

REDIS_TIMEOUT_MS = 150
REQUESTS = 12


def publish_through(lab: Lab, redis: ScriptedRedis) -> dict[str, int]:
    """Sends requests whose events go there, waits until none waits, and returns what the ledger gained."""
    before = idle(lab)
    config = RedisConfig(host=redis.host, port=redis.port, timeout=REDIS_TIMEOUT_MS)
    route = lab.monitored_route(redis=config)
    assert lab.post(route).status == 200
    eventually(lambda: redis.misbehaved, timeout_s=5, what="the first PUBLISH")
    for _ in range(REQUESTS - 1):
        assert lab.post(route).status == 200
    return idle(lab).change_since(before)


def idle(lab: Lab) -> Ledger:
    """The ledger when no event waits."""

    def settled() -> Ledger | None:
        ledger = lab.ledger()
        return ledger if ledger.waiting == 0 else None

    with promised("events stay in the gateway"):
        return eventually(settled, timeout_s=10, what="the gateway's queues to empty")


def event_ids(payloads: list[bytes]) -> list[str]:
    return [json.loads(payload)["event_id"] for payload in payloads]


@pytest.mark.clause("C3", "F4")
@pytest.mark.parametrize(
    "misbehaviour",
    [
        Misbehaviour(late_answer=NO_RECEIVER),
        Misbehaviour(answer=b":", late_answer=b"0\r\n"),
        Misbehaviour(answer=b":", cut=True),
        Misbehaviour(cut=True),
    ],
    ids=["late", "half and late", "cut in mid-reply", "cut"],
)
def test_a_message_without_its_own_reply_is_unconfirmed_and_its_connection_is_given_up(
    lab: Lab, misbehaviour: Misbehaviour
) -> None:
    with ScriptedRedis(misbehaviour, host=lab.tests_host) as redis:
        gained = publish_through(lab, redis)
        ids = event_ids(redis.answered)
        after_doubt = sum(connection.after_doubt for connection in redis.connections)
    figure = lab.evidence.figure
    assert figure("commands on a connection in doubt", after_doubt, equals=0, clause="C3").holds
    # The late reply says "no receiver", every other one says "one": a shifted reply would show here.
    assert figure(
        "replies of an earlier command", gained.get("messages.without_subscriber", 0), equals=0, clause="C3"
    ).holds
    # The first command may hold both events of the first request.
    unconfirmed = gained.get("events.dropped.unconfirmed", 0)
    assert figure("unconfirmed", unconfirmed, at_least=1, at_most=2, clause="F4").holds
    assert figure("sampled", gained["events.sampled"], equals=2 * REQUESTS, clause="F4").holds
    assert figure("published", gained["events.published"], equals=len(ids), clause="F4").holds
    assert figure("sampled, not published", 2 * REQUESTS - len(ids), equals=unconfirmed, clause="F4").holds
    assert figure("sent twice", len(ids) - len(set(ids)), equals=0, clause="F4").holds


@pytest.mark.clause("F4")
@pytest.mark.parametrize(
    ("refusal", "cause"),
    [
        (b"-NOAUTH Authentication required.\r\n", "auth"),
        (b"-LOADING Redis is loading the dataset in memory\r\n", "loading"),
        (b"-READONLY You can't write against a read only replica.\r\n", "readonly"),
        (b"-OOM command not allowed when used memory > 'maxmemory'.\r\n", "oom"),
    ],
    ids=["NOAUTH", "LOADING", "READONLY", "OOM"],
)
def test_a_refused_message_waits_and_is_sent_again(lab: Lab, refusal: bytes, cause: str) -> None:
    with ScriptedRedis(Misbehaviour(answer=refusal), host=lab.tests_host) as redis:
        gained = publish_through(lab, redis)
        ids = event_ids(redis.answered)
    figure = lab.evidence.figure
    assert figure(f"refused as {cause}", gained.get(f"messages.refused.{cause}", 0), equals=1).holds
    # It was alone, or the next of its pipeline was answered: then order goes first and it is dropped.
    dropped = gained.get("events.dropped.refused", 0)
    assert figure("dropped for the sake of order", dropped, at_most=1).holds
    assert figure("published", gained["events.published"], equals=2 * REQUESTS - dropped).holds
    assert figure("answered by Redis", len(ids), equals=2 * REQUESTS - dropped).holds
    assert figure("sent twice", len(ids) - len(set(ids)), equals=0).holds
