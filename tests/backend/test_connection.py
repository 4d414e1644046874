"""K1: the subscription comes, breaks and comes back; /health tells which."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import pairwise

import httpx
import pytest

from fixtures.clients.backend import BackendClient
from fixtures.errors import SuiteError
from fixtures.promises import promised
from fixtures.stack.ports import HOST
from fixtures.wait import eventually
from tests.backend.black_hole import BlackHoleProxy
from tests.backend.events import CHANNEL, encoded, event
from tests.backend.rig import RECOVERY_TIMEOUT_S, SOON_S, START_TIMEOUT_S, Backend, Rig, publish

pytestmark = pytest.mark.clause("K1", "K5")

IPV6_HOST = "::1"


def last_error(backend: Backend) -> str | None:
    return backend.client.stats().subscription.last_error


def test_it_serves_with_redis_down_and_subscribes_when_redis_comes(rig: Rig) -> None:
    backend = rig.start_backend()
    backend.until_serving()
    health = backend.client.health()
    assert (health.status, health.redis.enabled, health.redis.subscribed) == ("degraded", True, False)
    backend.until(lambda: last_error(backend) == "refused", "a refused attempt to be reported")
    rig.start_redis()
    backend.until_subscribed(timeout_s=RECOVERY_TIMEOUT_S)
    assert backend.client.health().status == "ok"
    assert publish(rig.redis(), encoded(event())) == 1
    backend.until_received(1)


@pytest.mark.thorough
def test_it_serves_on_an_ipv6_address_while_redis_is_down(rig: Rig) -> None:
    try:
        socket.create_server((IPV6_HOST, 0), family=socket.AF_INET6).close()
    except OSError as error:
        pytest.skip(f"this machine has no IPv6: {error}")
    backend = rig.start_backend(BACKEND_HOST=IPV6_HOST)
    with (
        closing(BackendClient(backend.url.replace(HOST, f"[{IPV6_HOST}]"))) as client,
        promised("the backend does not serve on an IPv6 address", SuiteError),
    ):
        eventually(
            lambda: client.health().status == "degraded",
            timeout_s=START_TIMEOUT_S,
            what="an answer over IPv6",
            transient=(httpx.TransportError,),
            still_alive=backend.require_running,
        )


def test_it_comes_back_after_a_restart_of_redis(rig: Rig) -> None:
    server = rig.start_redis()
    # A heartbeat so long that only the closed connection itself can tell.
    backend = rig.subscribed_backend(REDIS_HEARTBEAT_S="3600")
    server.end()
    backend.until(lambda: backend.client.health().status == "degraded", "the loss to be reported")
    assert not backend.client.health().redis.subscribed
    backend.until(lambda: last_error(backend) == "refused", "a refused attempt to be reported")
    rig.start_redis()
    backend.until_subscribed(timeout_s=RECOVERY_TIMEOUT_S)
    assert publish(rig.redis(), encoded(event())) == 1
    backend.until_received(1)
    subscription = backend.client.stats().subscription
    assert (subscription.confirmations, subscription.reconnects) == (2, 1)


@contextmanager
def slamming_server() -> Iterator[tuple[int, list[float]]]:
    """Accepts connections and closes them at once; gives its port and the times of the accepts."""
    accepted_at: list[float] = []
    with socket.create_server((HOST, 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    accepted_at.append(time.monotonic())
                    connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], accepted_at
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.long
def test_the_back_off_grows_and_is_capped(rig: Rig) -> None:
    cap_s, attempts = 0.4, 10
    with slamming_server() as (port, accepted_at):
        backend = rig.start_backend(REDIS_PORT=str(port), REDIS_BACKOFF_MAX_S=str(cap_s))
        backend.until_serving()
        # With the cap the waits sum up to at most 3.1 s; doubling without a cap would take at least 25 s.
        eventually(
            lambda: len(accepted_at) >= attempts,
            timeout_s=SOON_S,
            what=f"attempt {attempts}",
            still_alive=backend.require_running,
        )
        waits = [later - earlier for earlier, later in pairwise(accepted_at)]
        shortest = [min(0.1 * 2**number, cap_s) / 2 for number in range(len(waits))]
        assert all(wait >= least for wait, least in zip(waits, shortest, strict=True)), waits
        assert last_error(backend) == "connection_lost"


def test_a_half_open_connection_is_found_within_the_heartbeat_bound(rig: Rig) -> None:
    heartbeat_s = 0.6
    rig.start_redis()
    with BlackHoleProxy(rig.redis_port) as proxy:
        backend = rig.subscribed_backend(REDIS_PORT=str(proxy.port), REDIS_HEARTBEAT_S=str(heartbeat_s))
        proxy.swallow()
        backend.client.health()  # what had passed before is read by now
        bound_at = time.monotonic() + heartbeat_s
        said_after_the_bound = True
        while said_after_the_bound and time.monotonic() < bound_at + SOON_S:
            asked_at = time.monotonic()
            health = backend.client.health()
            silence_s = health.redis.silence_s
            assert silence_s is not None
            assert health.redis.subscribed == (health.status == "ok")
            assert not health.redis.subscribed or silence_s < heartbeat_s
            if asked_at >= bound_at:
                said_after_the_bound = health.redis.subscribed
                break
        assert not said_after_the_bound
        backend.until(lambda: last_error(backend) in {"silent", "timeout"}, "the silence to be reported")
        assert "silent" in backend.log.read_text()
        proxy.release()
        backend.until_subscribed(timeout_s=RECOVERY_TIMEOUT_S)
        publish(rig.redis(), encoded(event()))
        backend.until_received(1)


@pytest.mark.thorough
def test_a_quiet_channel_is_not_taken_for_a_dead_connection(rig: Rig) -> None:
    rig.start_redis()
    control = rig.redis()
    backend = rig.subscribed_backend(REDIS_HEARTBEAT_S="0.3")
    said: list[bool] = []

    def pinged() -> bool:
        said.append(backend.client.health().redis.subscribed)
        return int(control.info("commandstats").get("cmdstat_ping", {"calls": 0})["calls"]) >= 15

    backend.until(pinged, "15 pings, that is four to five heartbeats")
    assert all(said)
    assert backend.client.stats().subscription.confirmations == 1


@pytest.mark.thorough
def test_a_backend_that_itself_stood_still_keeps_its_connection_and_what_came_meanwhile(rig: Rig) -> None:
    rig.start_redis()
    control = rig.redis()
    backend = rig.subscribed_backend(REDIS_HEARTBEAT_S="0.3")
    backend.process.freeze()

    def idle_s() -> int:
        clients = control.client_list()
        return max(int(client["idle"]) for client in clients if client["name"] == "aws-masker-backend")

    eventually(lambda: idle_s() >= 2, timeout_s=SOON_S, what="several heartbeats to pass")
    for seq in range(1, 11):
        assert publish(control, encoded(event(seq))) == 1
    backend.process.thaw()
    backend.until_received(10)
    stats = backend.client.stats()
    assert (stats.events.received, stats.events.lost, stats.subscription.confirmations) == (10, 0, 1)


def test_a_wrong_password_is_reported_and_it_recovers_when_the_password_is_right(rig: Rig) -> None:
    rig.start_redis("--requirepass", "right")
    control = rig.redis(password="right")
    backend = rig.start_backend(REDIS_PASSWORD="wrong")
    backend.until_serving()
    backend.until(lambda: last_error(backend) == "auth_failed", "the refused password to be reported")
    assert backend.client.health().status == "degraded"
    control.config_set("requirepass", "wrong")
    backend.until_subscribed(timeout_s=RECOVERY_TIMEOUT_S)
    log = backend.log.read_text()
    assert "auth_failed" in log
    assert "wrong" not in log


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (("CONFIG", "SET", "requirepass", "x"), "auth_failed"),
        (("ACL", "SETUSER", "default", "resetchannels"), "not_permitted"),
        (("CONFIG", "SET", "maxclients", "1"), "max_clients"),
    ],
    ids=["password needed", "channel denied", "out of clients"],
)
def test_a_refusal_of_redis_is_named(rig: Rig, command: tuple[str, ...], kind: str) -> None:
    rig.start_redis()
    rig.redis().execute_command(*command)  # type: ignore[no-untyped-call]
    backend = rig.start_backend()
    backend.until_serving()
    backend.until(lambda: last_error(backend) == kind, f"{kind} to be reported")
    assert not backend.client.health().redis.subscribed


@pytest.mark.thorough
def test_an_unknown_host_is_named(rig: Rig) -> None:
    backend = rig.start_backend(REDIS_HOST="redis.invalid")
    backend.until_serving()
    backend.until(lambda: last_error(backend) in {"name_unknown", "timeout"}, "the host to be reported")


@pytest.mark.thorough
def test_when_redis_cuts_it_off_it_comes_back(rig: Rig) -> None:
    rig.start_redis()
    control = rig.redis()
    backend = rig.subscribed_backend()
    for round_number in range(1, 4):
        assert control.client_kill_filter(_type="pubsub") == 1
        backend.until(
            lambda: backend.client.stats().subscription.reconnects == round_number,  # noqa: B023  # used at once
            "a new subscription",
            timeout_s=RECOVERY_TIMEOUT_S,
        )
    assert control.pubsub_numsub(CHANNEL) == [(CHANNEL.encode(), 1)]
    assert last_error(backend) == "connection_lost"


def test_without_events_there_is_no_connection_to_redis(rig: Rig) -> None:
    rig.start_redis()
    control = rig.redis()
    control.ping()
    before = control.info("stats")["total_connections_received"]
    backend = rig.start_backend(ENABLE_REDIS_EVENTS="false")
    backend.until_serving()
    health = backend.client.health()
    assert (health.status, health.redis.enabled, health.redis.subscribed) == ("ok", False, False)
    assert backend.end().status == 0
    assert control.info("stats")["total_connections_received"] == before
