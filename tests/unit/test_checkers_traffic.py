"""Checkers of requests, logs, connections and bodies find what was planted."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.checkers import (
    availability,
    connections,
    latency,
    log_storm,
    masking_diff,
    offered_rate,
    restored_bytes,
)
from fixtures.checkers.base import Allowance, State
from fixtures.history import History
from tests.unit.builders import MS, request, requests


@pytest.mark.parametrize("outcome", ["fail", "info", "open"])
def test_one_request_of_a_thousand_that_does_not_succeed_is_found(outcome: str) -> None:
    history = requests([0.002] * 999)
    request(history, 999, outcome=outcome)
    verdict = availability.check(history)
    assert verdict.state is State.INVALID
    assert verdict.value("failed" if outcome == "fail" else "unanswered") == 1
    assert "load/999" in verdict.examples[0]
    allowed = [Allowance("failed", 1, "stated"), Allowance("unanswered", 1, "stated")]
    assert availability.check(history, allowances=allowed).valid


def test_requests_that_all_succeed_are_valid_and_too_few_prove_nothing() -> None:
    assert availability.check(requests([0.001] * 10)).valid
    assert availability.check(requests([0.001] * 10), at_least=11).state is State.UNKNOWN
    assert availability.check(History()).state is State.UNKNOWN


def spread(seed: int, count: int = 2000) -> list[float]:
    source = random.Random(seed)
    return [source.lognormvariate(-6, 0.3) for _ in range(count)]


def test_an_outage_that_slows_requests_down_is_found() -> None:
    healthy = requests(spread(1))
    assert latency.check(healthy, requests(spread(2))).valid
    slow = spread(2)
    for at in range(0, 2000, 20):
        slow[at] += 0.1  # every twentieth request waits for a timeout of 100 ms
    verdict = latency.check(healthy, requests(slow))
    assert verdict.state is State.INVALID
    assert verdict.value("requests above that") == 100


def test_a_request_without_an_answer_counts_as_slow() -> None:
    outage = requests(spread(2))
    for number in range(2000, 2100):
        request(outage, number, outcome="info")
    assert latency.check(requests(spread(1)), outage).state is State.INVALID


def controls(
    history: History, stalls: list[tuple[int, int]], *, every_ms: int = 5, late: bool = False
) -> History:
    """Adds controls, those within a stall (in ms) answered at its end, and begun then when `late`."""
    for number, begun in enumerate(range(0, 2000, every_ms)):
        ends = next((end for start, end in stalls if start <= begun < end), begun + 1)
        process = f"control/{number}"
        history.invoke("control", process=process, time_ns=begun * MS)
        late_s = (ends - 1 - begun) / 1e3 if late else 0.0
        history.ok("control", process=process, value={"late_s": late_s}, time_ns=ends * MS)
    return history


def held_up(stalls: list[tuple[int, int]]) -> History:
    """Requests that begin each millisecond, those within a stall (in ms) answered at its end."""
    return requests(
        next(((end - at) / 1e3 for start, end in stalls if start <= at < end), 0.002) for at in range(2000)
    )


@pytest.mark.parametrize("every_ms", [5, 33])
def test_a_stall_of_the_machine_is_not_held_against_the_plugin(every_ms: int) -> None:
    stalls = [(500, 580)]
    assert latency.check(requests(spread(1)), held_up(stalls), control="control").state is State.INVALID
    outage = controls(held_up(stalls), stalls, every_ms=every_ms)
    verdict = latency.check(requests(spread(1)), outage, control="control")
    assert verdict.valid
    # All that waited longer than the bound of 14 ms.
    assert 60 <= int(verdict.value("set aside, since the machine served others")) <= 70


def test_a_late_control_explains_no_more_than_its_time() -> None:
    # Each fourth request waits for a timeout of 600 ms; whenever it waits, one control or another is late.
    slow = [0.6 if at % 4 == 0 else 0.002 for at in range(2000)]
    restless = controls(requests(slow), [(start, start + 20) for start in range(0, 2000, 300)])
    verdict = latency.check(requests(spread(1)), restless, control="control")
    assert verdict.state is State.INVALID
    assert verdict.value("requests above that") == 500


@pytest.mark.parametrize(("late_s", "state"), [(0.03, State.UNKNOWN), (0.003, State.INVALID)])
def test_a_suite_that_got_no_turn_explains_what_its_requests_waited(late_s: float, state: State) -> None:
    # Controls have a loop of their own, and go through in time.
    outage = History()
    for number in range(1000):
        request(outage, number, latency_s=0.05, late_s=late_s)
    assert latency.check(requests(spread(1)), controls(outage, []), control="control").state is state


BLOCKED = [(start, start + 350) for start in (100, 700, 1400)]


def test_a_gateway_that_is_blocked_again_and_again_is_held_against_the_plugin() -> None:
    outage = controls(held_up(BLOCKED), BLOCKED)
    verdict = latency.check(requests(spread(1)), outage, control="control")
    assert verdict.state is State.INVALID
    assert verdict.value("set aside, since the machine served others") == 0


@pytest.mark.parametrize(
    ("stalls", "late"),
    [
        pytest.param(BLOCKED, True, id="the suite got no turn either"),
        pytest.param([(100, 900)], False, id="once, for long"),
        pytest.param([(start, start + 200) for start in range(0, 2000, 400)], False, id="often, for less"),
    ],
)
def test_whatever_else_may_have_held_controls_up_leaves_the_latency_unknown(
    stalls: list[tuple[int, int]], *, late: bool
) -> None:
    outage = controls(held_up(stalls), stalls, late=late)
    assert latency.check(requests(spread(1)), outage, control="control").state is State.UNKNOWN


def test_slow_requests_beside_quick_controls_are_held_against_the_plugin() -> None:
    slow = [0.2 if at % 10 == 0 else 0.002 for at in range(2000)]
    assert (
        latency.check(requests(spread(1)), controls(requests(slow), []), control="control").state
        is State.INVALID
    )


def test_a_machine_that_stands_still_too_often_leaves_the_latency_unknown() -> None:
    stalls = [(start, start + 60) for start in range(0, 2000, 200)]
    outage = controls(held_up(stalls), stalls)
    assert latency.check(requests(spread(1)), outage, control="control").state is State.UNKNOWN


def test_a_machine_that_is_busy_from_the_fault_on_slows_controls_down_and_leaves_the_latency_unknown() -> (
    None
):
    healthy = controls(requests(spread(1)), [])
    busy = [latency_s + 0.015 for latency_s in spread(2)]
    alone = requests(busy)
    assert latency.check(healthy, controls(alone, []), control="control").state is State.INVALID
    # Every second control of 5 ms takes 7 ms: less than a request may, more than such a one does.
    slowed = controls(requests(busy), [(start, start + 7) for start in range(0, 2000, 10)])
    assert latency.check(healthy, slowed, control="control").state is State.UNKNOWN


def test_too_few_requests_leave_the_latency_unknown() -> None:
    assert latency.check(requests(spread(1, 100)), requests(spread(2))).state is State.UNKNOWN
    assert latency.check(History(), requests(spread(2))).state is State.UNKNOWN


def test_a_generator_that_misses_its_rate_makes_the_run_unknown() -> None:
    def offered(*, late_s: float, count: int = 1000) -> History:
        history = History()
        for number in range(count):
            request(history, number, late_s=late_s * number / count)
        return history

    plan = {"workload": "load", "rate_per_s": 1000.0, "duration_s": 1.0}
    assert offered_rate.check(offered(late_s=0.0), **plan).valid  # type: ignore[arg-type]
    assert offered_rate.check(offered(late_s=0.2), **plan).state is State.UNKNOWN  # type: ignore[arg-type]
    assert offered_rate.check(offered(late_s=0.0, count=900), **plan).state is State.UNKNOWN  # type: ignore[arg-type]
    assert offered_rate.check(History(), **plan).state is State.UNKNOWN  # type: ignore[arg-type]


def test_one_late_request_at_the_end_of_a_short_run_is_no_missed_rate() -> None:
    history = History()
    for number in range(50):
        request(history, number, at_ns=number * 2 * MS, late_s=0.03 if number == 49 else 0.0)
    assert offered_rate.check(history, workload="load", rate_per_s=500.0, duration_s=0.1).valid
    for number in range(50, 100):
        request(history, number, at_ns=number * 2 * MS, late_s=0.06)
    behind = offered_rate.check(history, workload="load", rate_per_s=500.0, duration_s=0.2)
    assert (behind.state, behind.value("behind at the end")) == (State.UNKNOWN, 0.06)


def log_line(history: History, at_s: float, *, pid: int = 1, level: str = "error") -> None:
    value = {"component": "gateway", "level": level, "pid": pid, "characters": 80}
    history.info("log", process="logs", value=value, time_ns=round(at_s * 1000) * MS)


def test_a_log_storm_is_found_per_worker() -> None:
    history = History()
    for pid in (1, 2):
        for at_s in (100.0, 110.0, 120.0):
            log_line(history, at_s + pid, pid=pid)
    log_line(history, 105.0, level="notice")
    assert log_storm.check(history, outage_s=30.0).valid
    log_line(history, 115.0, pid=2)
    verdict = log_storm.check(history, outage_s=30.0)
    assert (verdict.state, verdict.value("lines too close to the one before")) == (State.INVALID, 2)
    assert log_storm.check(History(), outage_s=0.0).state is State.UNKNOWN


def redis_sample(history: History, received: int, publishers: int) -> None:
    value = {"connections_received": received, "publishers": publishers}
    history.info("redis", process="redis-info", value=value)


def test_connections_opened_by_traffic_are_found() -> None:
    history = History()
    redis_sample(history, 10, 2)
    assert connections.check(history, workers=2).state is State.UNKNOWN
    redis_sample(history, 10, 2)
    assert connections.check(history, workers=2, requests=1000).valid
    assert not connections.check(history, workers=1).valid
    assert connections.check(history, workers=2, requests=0).state is State.UNKNOWN
    redis_sample(history, 11, 2)
    assert not connections.check(history, workers=2, requests=1000).valid
    assert connections.check(history, workers=2, requests=1000, opened_by_others=1).valid
    redis_sample(history, 1, 1)
    assert connections.check(history, workers=2).state is State.UNKNOWN


def masked(text: str) -> tuple[bytes, bytes, dict[str, int]]:
    """A text with [kind:identifier] marks as sent, as masked, and the spans by kind."""
    numbers: dict[str, dict[str, int]] = {}
    counts: dict[str, int] = {}

    def placeholder(mark: re.Match[str]) -> str:
        kind, identifier = mark[1], mark[2]
        known = numbers.setdefault(kind, {})
        counts[kind] = counts.get(kind, 0) + 1
        return f"AWS_{kind.upper()}_{known.setdefault(identifier, len(known) + 1):03d}"

    received = re.sub(r"\[(\w+):([^]]+)\]", placeholder, text)
    sent = re.sub(r"\[\w+:([^]]+)\]", r"\1", text)
    return sent.encode(), received.encode(), counts


TEXT = '{"a": "[ec2:i-0abc12345] and [ec2:i-0abc12399], [ec2:i-0abc12345]", "b": ["[s3:bucket]/[s3:other]"]}'


def stated(sent: bytes, counts: dict[str, int]) -> dict[str, object]:
    return {"pattern_count": sum(counts.values()), "patterns": counts, "bytes": len(sent)}


def test_replaced_spans_are_found_with_their_originals() -> None:
    sent, received, counts = masked(TEXT)
    spans = masking_diff.replacements(sent, received)
    assert [(span.original, span.kind, span.number) for span in spans] == [
        (b"i-0abc12345", "ec2", 1),
        (b"i-0abc12399", "ec2", 2),
        (b"i-0abc12345", "ec2", 1),
        (b"bucket", "s3", 1),
        (b"other", "s3", 2),
    ]
    assert all(sent[span.start :].startswith(span.original) for span in spans)
    assert masking_diff.check(sent, received, stated(sent, counts)).valid
    assert masking_diff.check_placeholders(sent, received).valid


def test_wrong_counts_are_found() -> None:
    sent, received, counts = masked(TEXT)
    for wrong in (
        {**stated(sent, counts), "pattern_count": 4},
        {**stated(sent, counts), "bytes": 1},
        {**stated(sent, counts), "patterns": {"ec2": 4, "s3": 1}},
        {**stated(sent, counts), "patterns": {**counts, "vpc": 1}},
    ):
        assert masking_diff.check(sent, received, wrong).state is State.INVALID
    zero = {**stated(sent, counts), "patterns": {**counts, "vpc": 0}}
    assert masking_diff.check(sent, received, zero).valid


@pytest.mark.parametrize("spoil", [b'{"a" :', b"", b'{"b": 1}'])
def test_bytes_changed_outside_the_placeholders_are_found(spoil: bytes) -> None:
    sent, received, counts = masked(TEXT)
    changed = received.replace(b'{"a":', spoil)
    verdict = masking_diff.check(sent, changed, stated(sent, counts))
    assert verdict.state is State.INVALID
    verdict = masking_diff.check(sent, received[:-1], stated(sent, counts))
    assert verdict.state is State.INVALID
    assert masking_diff.check(b"{}", b"[]", stated(b"{}", {})).state is State.INVALID


def test_what_a_half_masked_identifier_leaves_is_found() -> None:
    # The eight-digit rule on a seventeen-digit id: nine digits stay behind.
    sent, received = b'{"a": "sg-0123456789abcdef0 x"}', b'{"a": "AWS_SG_00189abcdef0 x"}'
    verdict = masking_diff.check(sent, received, stated(sent, {"security_group": 1}))
    assert (verdict.state, verdict.value("spans that end inside a word")) == (State.INVALID, 1)


def test_two_placeholders_for_one_identifier_are_found() -> None:
    sent, received, _ = masked(TEXT)
    split = received.replace(b'AWS_EC2_001", "b"', b'AWS_EC2_003", "b"')
    verdict = masking_diff.check_placeholders(sent, split)
    assert verdict.value("identifiers with several placeholders") == 1
    shared = received.replace(b"AWS_S3_002", b"AWS_S3_001")
    assert masking_diff.check_placeholders(sent, shared).value("placeholders for several identifiers") == 1
    late = received.replace(b"AWS_S3_002", b"AWS_S3_007")
    assert masking_diff.check_placeholders(sent, late).value("kinds not numbered by appearance") == 1
    assert masking_diff.check_placeholders(b"{}", b"{}").state is State.UNKNOWN


PIECES = st.lists(
    st.one_of(
        st.text(st.sampled_from('abi-01 ",:{}'), max_size=6),
        st.integers(0, 5).map(lambda number: f"[ec2:i-{number:08x}]"),
        st.integers(0, 5).map(lambda number: f"[private_ip:10.0.0.{number}]"),
    ),
    max_size=12,
)


@given(PIECES)
@settings(deadline=None)
def test_the_number_of_spans_is_found_in_any_text(pieces: list[str]) -> None:
    sent, received, counts = masked(" ".join(pieces))
    assert masking_diff.check(sent, received, stated(sent, counts)).valid


def test_a_large_body_with_many_placeholders_is_walked_in_linear_time() -> None:
    text = " ".join(f"word {number} [ec2:i-{number:017x}]." for number in range(20_000))
    sent, received, counts = masked(text)
    assert masking_diff.check(sent, received, stated(sent, counts)).valid


def test_the_first_differing_byte_is_named_and_nothing_quoted() -> None:
    assert restored_bytes.check(b"abc", b"abc").valid
    verdict = restored_bytes.check(b"i-0abc", b"i-0abd")
    assert verdict.value("first differing byte") == 5
    assert "i-0abc" not in str(verdict)
    assert restored_bytes.check(b"abc", b"ab").value("first differing byte") == 2
