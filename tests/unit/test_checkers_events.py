"""Checkers of events find planted losses, duplicates, disorder and wrong rates, and say when they cannot tell."""

import hashlib
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.checkers import batches, delivery, events_schema, gaps, ledger_balance, pairs, sampling
from fixtures.checkers.base import Allowance, State
from fixtures.history import History, WallAnchor
from tests.unit.builders import CHANNEL, event, ledger, pairs_of, receive, received

IDS = [f"r{number}" for number in range(50)]


def lose_tap(history: History) -> History:
    history.info("tap", process="tap", value={"state": "lost"})
    return history


def test_complete_delivery_is_valid() -> None:
    verdict = delivery.check(received(pairs_of(IDS)), expected=delivery.expected_of(IDS), published=100)
    assert verdict.valid
    assert verdict.value("attempted") == verdict.value("received") == 100


@given(st.data())
def test_any_lost_event_is_found_by_delivery_and_every_inner_one_by_gaps(data: st.DataObject) -> None:
    events = pairs_of(IDS)
    at = data.draw(st.integers(0, len(events) - 1))
    history = received(events[:at] + events[at + 1 :])
    verdict = delivery.check(history, expected=delivery.expected_of(IDS))
    assert (verdict.state, verdict.value("lost")) == (State.INVALID, 1)
    assert verdict.examples == (f"lost: {events[at]['event_type']} of request {events[at]['request_id']}",)
    # The loss of a source's last event leaves no gap behind it.
    assert gaps.check(history).valid is (at == len(events) - 1)


@given(st.data())
def test_any_duplicate_is_found(data: st.DataObject) -> None:
    events = pairs_of(IDS)
    at = data.draw(st.integers(0, len(events) - 1))
    where = data.draw(st.integers(at, len(events)))
    history = received([*events[:where], events[at], *events[where:]])
    verdict = delivery.check(history, expected=delivery.expected_of(IDS))
    assert (verdict.state, verdict.value("duplicated")) == (State.INVALID, 1)
    assert gaps.check(history).state is State.INVALID


def test_one_id_for_two_events_is_a_duplicate() -> None:
    events = pairs_of(IDS)
    events[7]["event_id"] = events[2]["event_id"]
    history = received(events)
    assert delivery.check(history, expected=delivery.expected_of(IDS)).value("duplicated") == 1
    assert gaps.check(history).value("repeated event ids") == 1


def test_an_event_that_nobody_caused_is_unexpected() -> None:
    history = received(pairs_of([*IDS, "ghost"]))
    verdict = delivery.check(history, expected=delivery.expected_of(IDS))
    assert (verdict.state, verdict.value("unexpected")) == (State.INVALID, 2)


def test_a_loss_is_unknown_while_the_tap_was_away_and_allowed_where_the_contract_says_so() -> None:
    events = pairs_of(IDS)
    del events[10]
    expected = delivery.expected_of(IDS)
    assert delivery.check(lose_tap(received(events)), expected=expected).state is State.UNKNOWN
    assert gaps.check(lose_tap(received(events))).state is State.UNKNOWN
    assert delivery.check(lose_tap(received(pairs_of(IDS))), expected=expected).valid
    killed = [Allowance("lost", 1, "SIGKILL loses what waited"), Allowance("missing", 1, "the same")]
    assert delivery.check(received(events), expected=expected, allowances=killed).valid
    assert gaps.check(received(events), allowances=killed).valid
    del events[20]
    assert not delivery.check(received(events), expected=expected, allowances=killed).valid
    assert not gaps.check(received(events), allowances=killed).valid


def test_a_published_count_that_differs_is_found() -> None:
    verdict = delivery.check(received(pairs_of(IDS)), expected=delivery.expected_of(IDS), published=101)
    assert verdict.state is State.INVALID


def test_nothing_expected_and_nothing_received_proves_nothing() -> None:
    assert delivery.check(History(), expected=[]).state is State.UNKNOWN
    assert gaps.check(History()).state is State.UNKNOWN
    assert batches.check(History(), batch_size=1).state is State.UNKNOWN
    assert pairs.check(History(), passed=[]).state is State.UNKNOWN
    assert sampling.check(History(), request_ids=[], rate=0.1, chosen=lambda _id: True).state is State.UNKNOWN
    assert ledger_balance.check(History()).state is State.UNKNOWN


def test_silence_needs_a_fence_that_came_back() -> None:
    assert delivery.check_silence(History(), fences=1).valid
    assert delivery.check_silence(History(), fences=0).state is State.UNKNOWN
    assert delivery.check_silence(received(pairs_of(["r"])), fences=1).state is State.INVALID


def test_events_of_another_channel_are_left_out() -> None:
    history = received(pairs_of(IDS))
    receive(history, event("other", seq=1, boot="b9"), channel="elsewhere")
    assert delivery.check(history, expected=delivery.expected_of(IDS), channel=CHANNEL).valid


def test_sources_are_counted_apart() -> None:
    events = pairs_of(IDS, worker=0) + pairs_of([f"x{i}" for i in IDS], worker=1) + pairs_of(["y"], boot="b1")
    assert gaps.check(received(events)).value("sources") == 3
    assert gaps.check(received(events)).valid


def test_a_late_subscriber_does_not_ask_for_the_first_number() -> None:
    events = pairs_of(IDS)[10:]
    assert gaps.check(received(events)).value("missing") == 10
    assert gaps.check(received(events), from_first=False).valid


def test_events_out_of_order_are_found() -> None:
    events = pairs_of(IDS)
    events[10], events[11] = events[11], events[10]
    assert gaps.check(received(events)).value("out of order") == 1
    assert batches.check(received(events), batch_size=1).value("out of order") == 1


def test_a_balanced_ledger_is_valid_and_a_wrong_one_is_not() -> None:
    history = History()
    ledger(history, sampled=10, published=10)
    ledger(history, sampled=110, published=95, waiting=5, queue_full=8, unconfirmed=2)
    assert ledger_balance.check(history, received=85).valid
    assert ledger_balance.check(history, received=84).state is State.INVALID
    assert ledger_balance.check(lose_tap(history), received=84).state is State.UNKNOWN
    assert ledger_balance.delta(history)["events.published"] == 85
    ledger(history, sampled=111, published=95, waiting=5, queue_full=8, unconfirmed=2)
    assert ledger_balance.check(history).state is State.INVALID


def test_a_ledger_that_never_counted_proves_nothing() -> None:
    history = History()
    ledger(history, sampled=0, published=0)
    assert ledger_balance.check(history).state is State.UNKNOWN
    assert ledger_balance.check(history, received=0).state is State.UNKNOWN


def in_batches(size: int, *, wrapped: bool = True) -> History:
    history, events = History(), pairs_of(IDS)
    for at in range(0, len(events), size):
        receive(history, *events[at : at + size], wrapped=wrapped)
    return history


def test_batches_of_the_right_shape_and_size_are_valid() -> None:
    assert batches.check(in_batches(7), batch_size=7).valid
    assert batches.check(in_batches(1, wrapped=False), batch_size=1).valid
    assert batches.check(in_batches(7), batch_size=10).valid


def test_wrong_shapes_and_sizes_are_found() -> None:
    assert batches.check(in_batches(8), batch_size=7).value("largest") == 8
    assert not batches.check(in_batches(8), batch_size=7).valid
    assert not batches.check(in_batches(1, wrapped=True), batch_size=1).valid
    assert not batches.check(in_batches(1, wrapped=False), batch_size=5).valid
    empty = in_batches(5)
    receive(empty, wrapped=True)
    assert not batches.check(empty, batch_size=5).valid
    broken = in_batches(5)
    facts = {"number": 99, "channel": CHANNEL, "bytes": 1, "malformed": "not JSON", "events": 0}
    broken.info("message", process="tap", value=facts)
    assert batches.check(broken, batch_size=5).value("of the wrong shape") == 1


def test_an_event_sent_twice_is_found_across_batches() -> None:
    history = in_batches(10)
    receive(history, pairs_of(IDS)[3], wrapped=True)
    assert batches.check(history, batch_size=10).value("events sent twice") == 1


def test_a_partial_batch_that_waits_too_long_is_found() -> None:
    history = History(anchor=WallAnchor(wall_s=1000.0, monotonic_ns=0))
    receive(history, event("r", seq=1, timestamp_s=1000.0), wrapped=True, time_ns=900_000_000)
    assert batches.check(history, batch_size=10, flush_interval_s=1.0).valid
    receive(history, event("q", seq=2, timestamp_s=1001.0), wrapped=True, time_ns=3_500_000_000)
    verdict = batches.check(history, batch_size=10, flush_interval_s=1.0)
    assert verdict.state is State.INVALID
    assert verdict.value("longest wait") == pytest.approx(2.5)


def test_what_the_machine_stood_still_of_a_wait_is_taken_off_it_and_no_more() -> None:
    history = History(anchor=WallAnchor(wall_s=1000.0, monotonic_ns=0))
    receive(history, event("r", seq=1, timestamp_s=1000.0), wrapped=True, time_ns=1_700_000_000)
    assert batches.check(history, batch_size=10, flush_interval_s=1.0).state is State.INVALID
    # From 1.2 to 1.8 s: half a second of the wait, which then lasted 1.2 s.
    history.info("standstill", process="standstills", value={"lasts_s": 0.6}, time_ns=1_800_000_000)
    verdict = batches.check(history, batch_size=10, flush_interval_s=1.0)
    assert verdict.valid
    assert verdict.value("longest wait") == pytest.approx(1.2)
    assert verdict.value("longest standstill of the machine in a wait") == pytest.approx(0.5)
    assert batches.check(history, batch_size=10, flush_interval_s=0.9).state is State.INVALID


def chosen_at(rate: float, request_id: str) -> bool:
    return int(hashlib.md5(request_id.encode(), usedforsecurity=False).hexdigest()[:8], 16) < rate * 2**32


def sampled(ids: list[str], rate: float) -> History:
    return received(pairs_of([request_id for request_id in ids if chosen_at(rate, request_id)]))


FRESH = [f"{number:032x}" for number in random.Random(1).sample(range(1 << 62), 6_000)]


@pytest.mark.parametrize("rate", [0.001, 0.01, 0.1, 0.5, 1.0])
def test_the_right_sampling_rate_is_valid(rate: float) -> None:
    verdict = sampling.check(
        sampled(FRESH, rate), request_ids=FRESH, rate=rate, chosen=lambda i: chosen_at(rate, i)
    )
    assert verdict.valid, str(verdict)


@pytest.mark.parametrize(
    ("rate", "actual"), [(0.1, 1.0), (0.1, 0.05), (0.1, 0.13), (0.01, 0.02), (0.0, 0.001)]
)
def test_a_wrong_sampling_rate_is_found_by_the_set_and_by_the_share(rate: float, actual: float) -> None:
    history = sampled(FRESH, actual)
    exact = sampling.check(history, request_ids=FRESH, rate=rate, chosen=lambda i: chosen_at(rate, i))
    assert exact.state is State.INVALID
    # Even when the twin makes the same mistake, the share of fresh ids gives it away.
    share = sampling.check(history, request_ids=FRESH, rate=rate, chosen=lambda i: chosen_at(actual, i))
    assert share.state is State.INVALID


def test_random_sampling_at_the_right_rate_is_found_by_the_set() -> None:
    source = random.Random(2)
    history = received(pairs_of([request_id for request_id in FRESH if source.random() < 0.1]))
    verdict = sampling.check(history, request_ids=FRESH, rate=0.1, chosen=lambda i: chosen_at(0.1, i))
    assert verdict.state is State.INVALID
    assert sampling.check(history, request_ids=FRESH, rate=0.1, chosen=lambda i: chosen_at(0.1, i)).value(
        "chosen but silent"
    )


def test_one_event_of_two_is_found() -> None:
    events = pairs_of(IDS)
    del events[5]
    verdict = sampling.check(received(events), request_ids=IDS, rate=1.0, chosen=lambda _id: True)
    assert verdict.value("with one event of two") == 1
    assert verdict.state is State.INVALID


def decisions(seed: int, rate: float, count: int = 2000) -> list[bool]:
    source = random.Random(seed)
    return [source.random() < rate for _ in range(count)]


def test_workers_that_decide_alike_or_at_another_rate_are_found() -> None:
    independent = {0: decisions(1, 0.1), 1: decisions(2, 0.1)}
    assert sampling.check_workers(independent, rate=0.1).valid
    assert not sampling.check_workers({0: decisions(1, 0.1), 1: decisions(1, 0.1)}, rate=0.1).valid
    assert not sampling.check_workers({0: decisions(1, 0.1), 1: decisions(2, 0.25)}, rate=0.1).valid
    assert sampling.check_workers({0: decisions(1, 0.1)}, rate=0.1).state is State.UNKNOWN


def test_pairs_are_one_masked_then_one_unmasked() -> None:
    assert pairs.check(received(pairs_of(IDS)), passed=IDS, refused=["no"]).valid
    events = pairs_of(IDS)
    assert not pairs.check(received(events[:-1]), passed=IDS).valid
    assert not pairs.check(received([*events, event("no", seq=101)]), passed=IDS, refused=["no"]).valid
    swapped = pairs_of(IDS)
    swapped[0]["source"]["seq"], swapped[1]["source"]["seq"] = 2, 1
    assert pairs.check(received(swapped), passed=IDS).value("unmasked before masked") == 1
    elsewhere = pairs_of(IDS)
    elsewhere[1]["source"]["worker"] = 5
    assert pairs.check(received(elsewhere), passed=IDS).value("with events of two sources") == 1


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    rules: dict[str, Any] = {
        "oneOf": [{"$ref": "#/$defs/event"}, {"$ref": "#/$defs/batch"}],
        "$defs": {
            "event": {"type": "object", "required": ["event_id", "source"], "not": {"required": ["events"]}},
            "batch": {
                "type": "object",
                "required": ["timestamp", "events"],
                "properties": {"events": {"items": {"$ref": "#/$defs/event"}, "minItems": 1}},
            },
        },
    }
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(rules))
    return path


def test_events_and_batches_are_held_against_the_schema(schema: Path) -> None:
    assert events_schema.check(in_batches(4), schema=schema).valid
    assert events_schema.check(received(pairs_of(IDS)), schema=schema).valid
    spoilt = pairs_of(IDS)
    del spoilt[3]["source"]
    verdict = events_schema.check(received(spoilt), schema=schema)
    assert (verdict.state, verdict.value("messages against the schema")) == (State.INVALID, 1)
    empty = in_batches(4)
    receive(empty, wrapped=True)
    assert events_schema.check(empty, schema=schema).state is State.INVALID
    assert events_schema.check(History(), schema=schema).state is State.UNKNOWN
