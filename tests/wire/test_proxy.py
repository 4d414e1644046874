"""The proxy between a real Redis and its own client library: unseen without a plan, and bad as planned with one."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from fixtures.errors import FaultError
from fixtures.stack.ports import HOST
from fixtures.wait import eventually
from fixtures.wire.client import WireLink, WireProxy
from fixtures.wire.plan import Kind, Plan
from tests.stack.support import redis_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.stack.local import LocalStack

PATIENCE_S = 10.0
SILENCE_S = 0.2
"""Where an answer would take less than a millisecond."""


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with redis_stack() as stack:
        yield stack


@pytest.fixture(scope="module")
def proxy() -> Iterator[WireProxy]:
    with WireProxy(host=HOST) as proxy:
        yield proxy


@pytest.fixture
def link(stack: LocalStack, proxy: WireProxy, request: pytest.FixtureRequest) -> Iterator[WireLink]:
    """A link of the test's own."""
    link = proxy.open(request.node.name, target=(HOST, stack.addresses.redis_port))
    yield link
    link.follow(None)


@pytest.fixture
def client(link: WireLink) -> Iterator[redis.Redis]:
    """A client that never tries twice, with one connection that it has already used."""
    client = redis.Redis(
        port=link.port,
        socket_timeout=PATIENCE_S,
        single_connection_client=True,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )
    assert client.ping()
    yield client
    client.close()


def say(client: redis.Redis, *words: str | int | bytes) -> Any:
    return client.execute_command(*words)  # type: ignore[no-untyped-call]


def conversation(port: int, sent: bytes, *, replies: int, timeout_s: float = PATIENCE_S) -> bytes:
    """What comes back over a fresh connection until so many lines have come, or the end."""
    with socket.create_connection((HOST, port), timeout=timeout_s) as connection:
        connection.sendall(sent)
        with connection.makefile("rb") as lines:
            return b"".join(lines.readline() for _ in range(replies))


def test_without_a_plan_nothing_is_changed(client: redis.Redis, link: WireLink) -> None:
    value = "\r\n$-1\r\n" * 30_000
    assert client.set("key", value)
    assert client.get("key") == value
    with client.pipeline() as pipeline:
        for number in range(200):
            pipeline.incrby("sum", number)
        assert pipeline.execute()[-1] == sum(range(200))
    figures = link.figures()
    # A pipeline has a connection of its own.
    assert (figures.connections, figures.open, figures.hits) == (2, 2, 0)
    assert figures.commands["SET"] == figures.commands["GET"] == 1
    assert figures.commands["INCRBY"] == 200


def test_a_subscriber_gets_its_messages(link: WireLink, client: redis.Redis) -> None:
    with redis.Redis(port=link.port) as subscriber, subscriber.pubsub() as subscription:
        subscription.subscribe("news")
        assert subscription.get_message(timeout=PATIENCE_S)
        assert client.publish("news", "hello") == 1
        message = subscription.get_message(timeout=PATIENCE_S)
        assert message is not None
        assert message["data"] == b"hello"


def test_both_sides_end_when_one_does(link: WireLink, stack: LocalStack) -> None:
    with socket.create_connection((HOST, link.port), timeout=PATIENCE_S) as connection:
        connection.sendall(b"QUIT\r\n")
        assert connection.recv(100) == b"+OK\r\n"
        assert connection.recv(100) == b""
    client = redis.Redis(port=link.port)
    client.ping()
    client.close()
    eventually(lambda: link.figures().open == 0, timeout_s=PATIENCE_S, what="the connections to end")
    assert stack.addresses.redis_port != link.port


def test_refuse(client: redis.Redis, link: WireLink) -> None:
    link.follow(Plan(kind=Kind.REFUSE))
    with pytest.raises(redis.ConnectionError):
        client.ping()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, link.port), timeout=PATIENCE_S)
    link.follow(None)
    assert conversation(link.port, b"PING\r\n", replies=1) == b"+PONG\r\n"


def test_black_hole(link: WireLink) -> None:
    with socket.create_connection((HOST, link.port), timeout=PATIENCE_S) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(100) == b"+PONG\r\n"
        link.follow(Plan(kind=Kind.BLACK_HOLE))
        connection.settimeout(SILENCE_S)
        connection.sendall(b"PING\r\n")
        with pytest.raises(TimeoutError):
            connection.recv(100)
    with pytest.raises(TimeoutError):
        conversation(link.port, b"PING\r\n", replies=1, timeout_s=SILENCE_S)
    link.follow(None)
    assert conversation(link.port, b"PING\r\n", replies=1) == b"+PONG\r\n"


def test_a_connection_that_lost_bytes_ends_with_the_black_hole(link: WireLink) -> None:
    with socket.create_connection((HOST, link.port), timeout=PATIENCE_S) as connection:
        link.follow(Plan(kind=Kind.BLACK_HOLE))
        connection.sendall(b"PING\r\n")
        eventually(lambda: link.figures().hits == 1, timeout_s=PATIENCE_S, what="the bytes to be swallowed")
        link.follow(None)
        with pytest.raises(ConnectionResetError):
            connection.recv(100)


def test_latency_and_its_end(client: redis.Redis, link: WireLink) -> None:
    link.follow(Plan(kind=Kind.LATENCY, delay_s=0.05, jitter_s=0.02))
    for _ in range(3):
        started_s = time.monotonic()
        assert client.ping()
        assert time.monotonic() - started_s >= 0.1
    link.follow(Plan(kind=Kind.LATENCY, delay_s=30))
    with socket.create_connection((HOST, link.port), timeout=PATIENCE_S) as connection:
        connection.sendall(b"PING\r\n")
        eventually(lambda: link.figures().commands["PING"] >= 5, timeout_s=PATIENCE_S, what="the command")
        link.follow(None)
        assert connection.recv(100) == b"+PONG\r\n"


def test_bandwidth(client: redis.Redis, link: WireLink) -> None:
    client.set("long", "x" * 1000)
    link.follow(Plan(kind=Kind.BANDWIDTH, bytes_per_s=5000))
    started_s = time.monotonic()
    assert client.get("long") == "x" * 1000
    assert time.monotonic() - started_s >= 0.15


def test_reset(client: redis.Redis, link: WireLink) -> None:
    link.follow(Plan(kind=Kind.RESET))
    with pytest.raises(redis.ConnectionError, match="reset"):
        client.ping()
    with pytest.raises(ConnectionResetError):
        conversation(link.port, b"PING\r\n", replies=1)


def test_half_open(client: redis.Redis, link: WireLink) -> None:
    link.follow(Plan(kind=Kind.HALF_OPEN))
    with pytest.raises(redis.TimeoutError):
        client.ping()
    assert conversation(link.port, b"PING\r\n", replies=1) == b"+PONG\r\n"


def test_cut_in_mid_command(client: redis.Redis, link: WireLink, stack: LocalStack) -> None:
    link.follow(Plan(kind=Kind.CUT_COMMAND, commands=("SET",)))
    assert client.ping()
    with pytest.raises(redis.ConnectionError):
        client.set("cut", "value")
    with redis.Redis(port=stack.addresses.redis_port) as direct:
        assert direct.get("cut") is None


def test_cut_in_mid_reply(link: WireLink, stack: LocalStack) -> None:
    link.follow(Plan(kind=Kind.CUT_REPLY, commands=("SET",)))
    assert conversation(link.port, b"PING\r\nSET executed yes\r\n", replies=3) == b"+PONG\r\n+O"
    with redis.Redis(port=stack.addresses.redis_port) as direct:
        assert direct.get("executed") == b"yes"


def test_a_late_reply_is_as_late_as_those_behind_it(link: WireLink) -> None:
    link.follow(Plan(kind=Kind.LATE_REPLY, commands=("ECHO",), delay_s=0.1))
    started_s = time.monotonic()
    assert (
        conversation(link.port, b"PING\r\nECHO a\r\nPING\r\n", replies=4) == b"+PONG\r\n$1\r\na\r\n+PONG\r\n"
    )
    assert time.monotonic() - started_s >= 0.1


def test_replies_change_places(link: WireLink) -> None:
    link.follow(Plan(kind=Kind.DISORDER, commands=("ECHO",)))
    assert (
        conversation(link.port, b"ECHO a\r\nPING\r\nPING\r\n", replies=4) == b"+PONG\r\n$1\r\na\r\n+PONG\r\n"
    )
    assert conversation(link.port, b"ECHO b\r\n", replies=2) == b"$1\r\nb\r\n"


def test_an_error_for_one_command_on_one_channel_keeps_its_place(link: WireLink, stack: LocalStack) -> None:
    text = "LOADING Redis is loading the dataset in memory"
    link.follow(Plan(kind=Kind.ERROR, commands=("PUBLISH",), channel="a", text=text))
    sent = b"PING\r\nPUBLISH a 1\r\nPUBLISH b 1\r\nPING\r\n"
    assert conversation(link.port, sent, replies=4) == b"+PONG\r\n-%s\r\n:0\r\n+PONG\r\n" % text.encode()
    assert link.figures().hits == 1
    assert stack.addresses.redis_host == HOST


def test_a_share_of_the_connections_is_befallen(link: WireLink) -> None:
    link.follow(Plan(kind=Kind.ERROR, share=0.3, text="BUSY no"))
    answers = [conversation(link.port, b"PING\r\n", replies=1) for _ in range(200)]
    spoiled = sum(answer.startswith(b"-BUSY") for answer in answers)
    # Binomial(200, 0.3): outside 28 to 95 once in a million.
    assert 28 <= spoiled <= 95
    assert spoiled == link.figures().hits


def test_the_proxy_ends_with_the_one_who_holds_it(stack: LocalStack) -> None:
    proxy = WireProxy(host=HOST)
    link = proxy.open("short", target=(HOST, stack.addresses.redis_port))
    assert conversation(link.port, b"PING\r\n", replies=1) == b"+PONG\r\n"
    proxy.close()
    proxy.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, link.port), timeout=PATIENCE_S)
    with pytest.raises(FaultError, match="does not take the order 'figures'"):
        link.figures()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": Kind.RESET, "share": 0.0}, "share=0.0: must be above 0 and at most 1"),
        ({"kind": Kind.BANDWIDTH}, "bytes_per_s=0: must be 1 or more"),
        ({"kind": Kind.ERROR, "text": "two\r\nlines"}, "must be one line"),
        ({"kind": Kind.LATENCY, "delay_s": -1.0}, "times and rates must be 0 or more"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(FaultError, match=message):
        Plan(**fields)
