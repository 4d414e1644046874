"""K6: a stop finishes what is held, unsubscribes, and ends with 0 in time."""

import json
import signal
import threading

import pytest

from tests.backend.events import CHANNEL, encoded, event
from tests.backend.gateway import ScriptedGateway
from tests.backend.rig import PRODUCTION_LINE, Backend, Ended, Rig, publish

pytestmark = pytest.mark.clause("K6")

STOP_BOUND_S = 5.0


def assert_clean(ended: Ended) -> None:
    assert ended.status == 0
    assert ended.took_s < STOP_BOUND_S


def last_words(backend: Backend) -> dict[str, object]:
    words: dict[str, object] = json.loads(backend.lines()[-1])
    assert words["event"] == "stopped"
    return words


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.thorough)])
def test_it_unsubscribes_and_ends_with_0(rig: Rig, number: signal.Signals) -> None:
    rig.start_redis()
    control = rig.redis()
    backend = rig.subscribed_backend()
    assert control.pubsub_numsub(CHANNEL) == [(CHANNEL.encode(), 1)]
    assert_clean(backend.end(number))
    assert control.pubsub_numsub(CHANNEL) == [(CHANNEL.encode(), 0)]
    assert control.info("commandstats")["cmdstat_unsubscribe"]["calls"] == 1


def test_nothing_that_redis_handed_over_is_lost_by_a_stop_under_traffic(rig: Rig) -> None:
    """PUBLISH says whether Redis handed the event to the backend: each such event must be in its log."""
    rig.start_redis()
    control = rig.redis()
    backend = rig.subscribed_backend(NODE_ENV="production", EVENT_LOG_RATE_LIMIT="10000")
    handed_over: list[str] = []
    under_way = threading.Event()
    stopped = threading.Event()

    def traffic() -> None:
        # At most 9000 events in all, so that the limit of lines can't hold any back.
        for seq in range(1, 9_001):
            item = event(seq)
            if publish(control, encoded(item)) == 1:
                handed_over.append(item["request_id"])
            elif stopped.is_set():
                return
            if seq == 500:
                under_way.set()

    publisher = threading.Thread(target=traffic)
    publisher.start()
    assert under_way.wait(timeout=30)
    ended = backend.end()
    stopped.set()
    publisher.join()
    assert_clean(ended)
    matches = [PRODUCTION_LINE.fullmatch(line) for line in backend.production_events()]
    assert [match and match.group(2) for match in matches] == handed_over
    assert len(handed_over) >= 500
    assert last_words(backend)["events"] == len(handed_over)


def test_nothing_that_already_waits_for_it_is_lost_by_a_stop(rig: Rig) -> None:
    """The events lie in the connection, unread, when the stop is asked for."""
    count = 5_000
    rig.start_redis()
    control = rig.redis()
    settings = {"EVENT_LOG_RATE_LIMIT": "10000", "REDIS_HEARTBEAT_S": "3600"}
    backend = rig.subscribed_backend(NODE_ENV="production", **settings)
    backend.process.freeze()
    for seq in range(1, count + 1):
        assert publish(control, encoded(event(seq))) == 1
    backend.process.signal(signal.SIGTERM)
    backend.process.thaw()
    assert_clean(backend.end())
    assert len(backend.production_events()) == count
    assert (last_words(backend)["events"], last_words(backend)["lost"]) == (count, 0)


@pytest.mark.thorough
def test_it_ends_with_0_while_redis_is_down(rig: Rig) -> None:
    backend = rig.start_backend(NODE_ENV="production")
    backend.until_serving()
    backend.until(lambda: backend.client.stats().subscription.failed_attempts > 0, "an attempt")
    assert_clean(backend.end())
    assert last_words(backend)["events"] == 0


@pytest.mark.thorough
@pytest.mark.long
def test_it_ends_with_0_while_redis_is_frozen(rig: Rig) -> None:
    server = rig.start_redis()
    backend = rig.subscribed_backend(REDIS_HEARTBEAT_S="60")
    server.process.freeze()
    try:
        assert_clean(backend.end())
    finally:
        server.process.thaw()


@pytest.mark.thorough
def test_it_ends_with_0_while_a_connection_attempt_hangs(rig: Rig) -> None:
    server = rig.start_redis()
    server.process.freeze()
    try:
        backend = rig.start_backend()
        backend.until_serving()
        assert_clean(backend.end())
    finally:
        server.process.thaw()


@pytest.mark.thorough
def test_it_ends_with_0_while_the_gateway_keeps_a_request_waiting(rig: Rig) -> None:
    with ScriptedGateway() as gateway:
        backend = rig.start_backend(ENABLE_REDIS_EVENTS="false", GATEWAY_URL=gateway.url)
        backend.until_serving()
        gateway.behave("hang")
        waiting = threading.Thread(
            target=lambda: gateway.swallow_errors(lambda: backend.client.analyze(b"{}"))
        )
        waiting.start()
        assert gateway.asked.wait(timeout=10)
        ended = backend.end()
        waiting.join()
    assert_clean(ended)
