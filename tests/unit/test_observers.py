"""Observers see what happened, prove that they saw all of it, and say when they were away."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import redis

from fixtures.checkers import batches, delivery, events_schema, log_storm
from fixtures.checkers.base import State
from fixtures.checkers.received import received_events
from fixtures.errors import NotReady, TimedOut
from fixtures.history import History
from fixtures.observers import pulse as pulse_module
from fixtures.observers import tap as tap_module
from fixtures.observers.figures import FigureSampler
from fixtures.observers.logs import Logs
from fixtures.observers.redis_info import RedisInfo
from fixtures.observers.standstills import Standstills
from fixtures.observers.tap import Tap
from fixtures.wait import Deadline, eventually
from tests.unit.builders import event, pairs_of
from tests.unit.conftest import RedisServer
from tests.unit.left_behind import Way

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "event.schema.json"


def test_a_burst_is_received_complete_before_the_fence_returns(redis_server: RedisServer) -> None:
    history = History()
    ids = [f"r{number}" for number in range(5_000)]
    with (
        redis.Redis(port=redis_server.port) as publisher,
        Tap(redis_server.host, redis_server.port, history=history) as tap,
    ):
        pipeline = publisher.pipeline(transaction=False)
        for item in pairs_of(ids):
            pipeline.publish("kong:masking:events", json.dumps(item))
        pipeline.execute()
        tap.fence()
        assert delivery.check(history, expected=delivery.expected_of(ids)).valid
        assert tap.fences == 1
        assert tap.connected
    assert [op.value["state"] for op in history.ops(f="tap")] == ["subscribed", "stopped"]


def test_a_standstill_is_noted_when_and_as_long_as_it_was(redis_server: RedisServer) -> None:
    history = History()
    with Tap(redis_server.host, redis_server.port, history=history) as tap, Standstills(tap, history):
        with redis_server.frozen():
            began_ns = time.monotonic_ns()
            over = Deadline(0.3)
            eventually(lambda: over.expired, timeout_s=5, what="the end of the standstill")
            ended_ns = time.monotonic_ns()
        tap.fence()
    # Up to two beats may pass before the first one is late.
    assert batches.standstills(history).shared_s(began_ns, ended_ns) > 0.2


def test_batches_single_events_and_rubbish_are_told_apart(redis_server: RedisServer) -> None:
    history = History()
    with (
        redis.Redis(port=redis_server.port) as publisher,
        Tap(redis_server.host, redis_server.port, history=history, channels=["a"]) as tap,
    ):
        batch = {"timestamp": 1.0, "event_type": "batch", "events": [event("r", seq=1), event("r", seq=2)]}
        for data in (
            json.dumps(batch),
            json.dumps(event("s", seq=3)),
            "{",
            "[]",
            '{"event_type": "batch"}',
            b"\xff",
        ):
            publisher.publish("a", data)
        publisher.publish("elsewhere", "{}")
        tap.fence()
    messages = history.ops(f="message")
    assert [op.value["events"] for op in messages] == [2, 1, 0, 0, 0, 0]
    assert [op.value.get("wrapped") for op in messages[:2]] == [True, False]
    assert [op.value.get("malformed") for op in messages[2:]] == [
        "not JSON (JSONDecodeError)",
        "a JSON list, not an object",
        "a batch without a list of events",
        "not JSON (UnicodeDecodeError)",
    ]
    assert [op.value["event"]["request_id"] for op in history.ops(f="event")] == ["r", "r", "s"]
    assert batches.check(history, batch_size=2).state is State.INVALID


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({}, "no event: event_id is missing"),
        ({"source": None}, "no event: source is of a wrong type"),
        ({"timestamp": "now"}, "no event: timestamp is of a wrong type"),
        ({"source": {"node": "n", "worker": 0, "boot": "b"}}, "no event: source.seq is missing"),
        (
            {"source": {"node": "n", "worker": True, "boot": "b", "seq": 1}},
            "no event: source.worker is of a wrong type",
        ),
        ([], "an event that is a JSON list"),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_what_cannot_be_placed_is_a_counted_malformed_message(
    redis_server: RedisServer, broken: Any, reason: str, *, wrapped: bool
) -> None:
    history = History()
    sent = {**event("r", seq=1), **broken} if isinstance(broken, dict) and broken else broken
    data = {"timestamp": 1.0, "event_type": "batch", "events": [event("r", seq=1), sent]} if wrapped else sent
    with (
        redis.Redis(port=redis_server.port) as publisher,
        Tap(redis_server.host, redis_server.port, history=history, channels=["a"]) as tap,
    ):
        publisher.publish("a", json.dumps(data))
        tap.fence()
    (message,) = history.ops(f="message")
    assert message.value["malformed"] == ("a JSON list, not an object" if data == [] else reason)
    assert received_events(history) == []
    verdict = events_schema.check(history, schema=SCHEMA)
    assert verdict.state is State.INVALID
    assert verdict.value("messages that are no event") == 1
    assert message.value["malformed"] in str(verdict)


def test_a_cut_subscription_is_noted_and_made_again(redis_server: RedisServer) -> None:
    history = History()
    with (
        redis.Redis(port=redis_server.port) as client,
        Tap(redis_server.host, redis_server.port, history=history) as tap,
    ):
        client.client_kill_filter(_type="pubsub")
        eventually(lambda: len(history.ops(f="tap")) == 3, timeout_s=10, what="a second subscription")
        client.publish("a", json.dumps(event("r", seq=1)))
        tap.fence()
    states = [op.value["state"] for op in history.ops(f="tap")]
    assert states == ["subscribed", "lost", "subscribed", "stopped"]
    missing = delivery.check(history, expected=delivery.expected_of(["r", "other"]))
    assert missing.state is State.UNKNOWN


def test_a_subscription_that_redis_left_behind_is_noted_since_it_was_heard_last_and_made_again(
    redis_server: RedisServer,
) -> None:
    history, way = History(), Way(redis_server.port)
    with (
        way.open(),
        redis.Redis(port=redis_server.port) as client,
        Tap("127.0.0.1", way.port, history=history) as tap,
    ):
        client.publish("a", json.dumps(event("r", seq=1)))
        tap.fence()
        way.leave_behind()
        left_ns = time.monotonic_ns()
        client.publish("a", json.dumps(event("s", seq=2)))
        eventually(lambda: len(history.ops(f="tap")) == 3, timeout_s=15, what="a second subscription")
        client.publish("a", json.dumps(event("t", seq=3)))
        tap.fence()
    _, lost, again, _ = history.ops(f="tap")
    assert (lost.value["state"], again.value["state"]) == ("lost", "subscribed")
    assert lost.time_ns < left_ns < again.time_ns
    assert [op.value["event"]["request_id"] for op in history.ops(f="event")] == ["r", "t"]


def test_a_redis_that_answers_nobody_keeps_its_subscription(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse_module, "_PULSE_S", 0.02)
    monkeypatch.setattr(pulse_module, "_PATIENCE_S", 0.02)
    history = History()
    tap = Tap(redis_server.host, redis_server.port, history=history)
    asked = Mock(wraps=tap._answers_others)
    monkeypatch.setattr(tap, "_answers_others", asked)
    with tap:
        with redis_server.frozen():
            eventually(lambda: asked.call_count > 2, timeout_s=30, what="a few questions")
        tap.fence()
    assert [op.value["state"] for op in history.ops(f="tap")] == ["subscribed", "stopped"]


def test_a_fence_without_redis_gives_up_and_a_tap_without_redis_does_not_start(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Tap(redis_server.host, redis_server.port, history=History()) as tap:
        redis_server.stop()
        with pytest.raises(TimedOut, match="the tap's fence"):
            tap.fence(0.2)
    monkeypatch.setattr(tap_module, "_SUBSCRIBE_TIMEOUT_S", 0.1)
    with pytest.raises(NotReady, match="did not confirm the tap's subscription"):
        Tap(redis_server.host, redis_server.port, history=History()).start()


def test_the_suites_own_connections_are_not_counted_as_the_gateways(redis_server: RedisServer) -> None:
    history = History()
    with (
        RedisInfo(redis_server.host, redis_server.port) as info,
        Tap(redis_server.host, redis_server.port, history=history) as tap,
        redis.Redis(port=redis_server.port) as gateway,
    ):
        tap.fence()
        assert info.publishers() == []
        before = info.connections_received()
        gateway.publish("a", "1")
        gateway.publish("a", "2")
        assert [client.command for client in info.publishers()] == ["publish"]
        assert info.connections_received() == before + 1
        assert info.command_calls()["publish"] == 3
        info.sample(history)
    (sample,) = history.ops(f="redis")
    assert sample.value["publishers"] == 1


@dataclass(frozen=True)
class Used:
    """Figures of a process that does not exist."""

    pid: int = 7
    role: str = "worker"
    cpu_s: float = 1.5
    rss_bytes: int = 4096
    handles: int = 12
    threads: int = 2


def test_figures_are_sampled_from_first_to_last() -> None:
    history = History()
    with FigureSampler(history, {"gateway": lambda: [Used(), Used(pid=8)]}, interval_s=0.01):
        eventually(lambda: len(history) >= 8, timeout_s=10, what="four samples")
    ops = history.ops(f="figures")
    assert len(ops) % 2 == 0
    assert ops[0].value == {
        "component": "gateway",
        "pid": 7,
        "role": "worker",
        "cpu_s": 1.5,
        "rss_bytes": 4096,
        "handles": 12,
        "threads": 2,
    }


def test_a_sampler_that_stumbles_says_so_at_the_end() -> None:
    answers = [[Used()]]

    def look() -> list[Used]:
        return answers.pop()

    with (
        pytest.raises(IndexError),
        FigureSampler(History(), {"gateway": look}, interval_s=0.001) as sampler,
    ):
        eventually(lambda: sampler.failed, timeout_s=10, what="the second look")


def test_logs_are_read_from_a_mark_on(tmp_path: Path) -> None:
    error_log = tmp_path / "error.log"
    error_log.write_text("2026/01/31 12:00:00 [error] 7#0: old\n")
    logs = Logs(lambda: {"gateway.error": error_log, "redis": tmp_path / "missing.log"})
    mark = logs.mark()
    assert logs.read_since(mark, "gateway.error") == b""
    assert logs.read_since(mark, "redis") == b""
    with error_log.open("a") as log:
        log.write("2026/01/31 12:00:01 [notice] 7#0: fine\n")
        log.write("2026/01/31 12:00:02 [error] 7#0: *3 bad\nno stamp\n")
        log.write("2026/01/31 12:00:05 [error] 8#0: bad\n2026/01/31 12:00:06 [error] 7#0: bad\n")
    assert logs.lines_since(mark, "gateway.error", containing="no stamp") == ["no stamp"]
    lines = logs.nginx_lines_since(mark, levels=["error"])
    assert [(line.pid, line.text) for line in lines] == [(7, "*3 bad"), (8, "bad"), (7, "bad")]
    assert lines[1].wall_s - lines[0].wall_s == 3
    history = History()
    logs.record(history, mark, component="gateway")
    assert len(history.ops(f="log")) == 4
    assert log_storm.check(history, outage_s=10).value("lines too close to the one before") == 1
    with pytest.raises(KeyError, match=r"no log 'kong', only gateway\.error, redis"):
        logs.read_since(mark, "kong")
