"""Messages follow the published schema; destinations never mix; causes and metrics say what is documented."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.event_modules.modules import ROOT, run

SCHEMA = json.loads(Path(ROOT / "docs" / "event.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SOURCE = {"node": "8f3c", "worker": 0, "boot": "0685ebe8a4bc74d5"}


def masked(seq: int, **details: object) -> dict[str, Any]:
    counts = {
        "action": "mask",
        "processing_time_ms": 0.12,
        "pattern_count": 1,
        "patterns": {"ec2": 1},
        "bytes": 9,
    }
    fields = {"request_id": "r", "service": "llm", "route": "messages", "details": {**counts, **details}}
    return {"seq": seq, "timestamp": 1790000000.25, "type": "data_masked", "fields": fields}


def pack(records: list[dict[str, Any]], batch_size: int) -> list[Any]:
    call = {"operation": "messages", "records": records, "batch_size": batch_size, "source": SOURCE}
    return [json.loads(payload) for payload in run([call])[0]["payloads"]]


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_at_batch_size_one_a_message_is_the_event_itself() -> None:
    messages = pack([masked(1), masked(2)], batch_size=1)
    assert [message["source"]["seq"] for message in messages] == [1, 2]
    for message in messages:
        VALIDATOR.validate(message)


def test_above_one_every_message_is_a_batch_also_a_partial_one() -> None:
    messages = pack([masked(seq) for seq in range(1, 8)], batch_size=3)
    seqs = [[event["source"]["seq"] for event in message["events"]] for message in messages]
    assert seqs == [[1, 2, 3], [4, 5, 6], [7]]
    for message in messages:
        VALIDATOR.validate(message)


@pytest.mark.parametrize(
    "details",
    [{"original_text": "clear"}, {"action": "unmask"}, {"patterns": {"ec2": 0}}, {"bytes": -1}],
)
def test_the_schema_refuses_what_is_not_documented(details: dict[str, object]) -> None:
    [message] = pack([masked(1, **details)], batch_size=1)
    assert not VALIDATOR.is_valid(message)


BASE: dict[str, Any] = {
    "redis_event_channel": "c",
    "event_batch_size": 10,
    "event_flush_interval": 1,
    "event_queue_size": 100,
    "redis": {"host": "h", "port": 6379, "username": "u", "password": "p", "database": 0, "timeout": 2000},
}


@pytest.mark.parametrize(
    ("change", "shares_the_connection"),
    [
        ({"redis_event_channel": "d"}, True),
        ({"event_batch_size": 11}, True),
        ({"event_flush_interval": 2}, True),
        ({"event_queue_size": 101}, True),
        *(
            ({"redis": {**BASE["redis"], key: value}}, False)
            for key, value in {
                "host": "i",
                "port": 6380,
                "username": "v",
                "password": "q",
                "database": 1,
                "timeout": 1000,
                "ssl": True,
                "ssl_verify": True,
                "server_name": "s",
            }.items()
        ),
    ],
)
def test_a_route_with_any_other_setting_has_its_own_queue(
    change: dict[str, Any],
    shares_the_connection: bool,
) -> None:
    base, other = run([{"operation": "destination", "conf": conf} for conf in (BASE, {**BASE, **change})])
    assert base["queue_key"] != other["queue_key"]
    assert (base["link_key"] == other["link_key"]) is shares_the_connection


def test_no_secret_is_part_of_a_name() -> None:
    conf = {**BASE, "redis": {**BASE["redis"], "password": "correct horse"}}
    [destination] = run([{"operation": "destination", "conf": conf}])
    assert "correct horse" not in destination["queue_key"]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("connection refused", "refused"),
        ("timeout", "timeout"),
        ("closed", "closed"),
        ("connection reset by peer", "closed"),
        ("[cosocket] DNS resolution failed: dns server error: 3 name error", "dns"),
        ("NOAUTH Authentication required.", "auth"),
        ("WRONGPASS invalid username-password pair or user is disabled.", "auth"),
        ("NOPERM this user has no permissions to run the 'publish' command", "denied"),
        ("ERR max number of clients reached", "maxclients"),
        ("ERR invalid DB index", "database"),
        ("LOADING Redis is loading the dataset in memory", "loading"),
        ("READONLY You can't write against a read only replica.", "readonly"),
        ("OOM command not allowed when used memory > 'maxmemory'.", "oom"),
        ("ERR something new about user alice", "other"),
    ],
)
def test_causes_are_few_and_carry_no_words_of_the_server(text: str, cause: str) -> None:
    assert run([{"operation": "cause", "text": text}]) == [cause]


def test_metrics_carry_causes_and_workers_as_labels() -> None:
    snapshot = {
        "since": 1790000000.5,
        "counters": {"events.sampled": 3, "events.dropped.queue_full": 2, "events.dropped.worker_lost": 0},
        "waiting": 1,
        "workers": [{"worker": 0, "pid": 4711, "boot": "ab", "waiting": 1, "lua_heap_kb": 2}],
    }
    [text] = run([{"operation": "metrics", "snapshot": snapshot}])
    lines = text.splitlines()
    assert "aws_masker_events_sampled_total 3" in lines
    assert 'aws_masker_events_dropped_total{cause="queue_full"} 2' in lines
    assert 'aws_masker_events_waiting{worker="0",pid="4711"} 1' in lines
    assert 'aws_masker_lua_heap_bytes{worker="0",pid="4711"} 2048' in lines
    assert lines.count("# TYPE aws_masker_events_dropped_total counter") == 1
