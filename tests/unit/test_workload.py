"""Load is open-loop: a frozen server shows in the latencies, a missed rate makes the run invalid."""

import time

import pytest

from fixtures.checkers import availability
from fixtures.checkers.latency import latencies_s
from fixtures.failures import RateMissed
from fixtures.history import History
from fixtures.wait import eventually
from fixtures.workload import load as load_module
from fixtures.workload.burst import burst
from fixtures.workload.load import Load
from fixtures.workload.sender import Reply, Request
from tests.unit.conftest import TinyServer

BODY = b'{"a": 1}'


def build(number: int) -> Request:
    return Request("/v1/messages", BODY, facts={"size": number % 3})


@pytest.mark.measures
def test_requests_are_offered_at_the_stated_rate_and_recorded(tiny_server: TinyServer) -> None:
    history = History()
    load = Load(history, base_url=tiny_server.url, build=build, rate_per_s=200, duration_s=0.5)
    load.run()
    pairs = history.pairs("request")
    assert len(pairs) == 100
    assert availability.check(history, at_least=100).valid
    intended = [
        pair.invoke.time_ns - load.started_ns for pair in sorted(pairs, key=lambda p: p.invoke.time_ns)
    ]
    assert intended == [round(number / 200 * 1e9) for number in range(100)]
    completion = pairs[0].completion
    assert completion is not None
    assert completion.value["status"] == 200
    assert completion.value["request_id"].startswith("id-")
    assert pairs[4].invoke.value["size"] == 1


@pytest.mark.measures
def test_a_frozen_server_shows_in_every_request_that_waited_for_it(tiny_server: TinyServer) -> None:
    history = History()
    load = Load(history, base_url=tiny_server.url, build=build, rate_per_s=200, duration_s=5)
    with load.during():
        eventually(lambda: len(history.ops(f="request")) > 20, timeout_s=10, what="some requests")
        tiny_server.freeze(0.5)
        eventually(
            lambda: any(pair.ok and (pair.elapsed_ns or 0) > 4e8 for pair in history.pairs("request")),
            timeout_s=10,
            what="an answer after the freeze",
        )
    slow = [latency for latency in latencies_s(history) if latency > 0.1]
    # 200 requests per second should have begun in 0.5 s, and 4 of 5 waited for more than 0.1 s of it. A
    # closed loop would have shown one. Half of them leaves room for a busy machine.
    assert len(slow) >= 40
    assert max(slow) >= 0.4


@pytest.mark.measures
def test_a_request_that_the_generator_sends_late_counts_from_when_it_was_due(tiny_server: TinyServer) -> None:
    def build_slowly_once(number: int) -> Request:
        if number == 20:
            busy_until_s = time.monotonic() + 0.1
            while time.monotonic() < busy_until_s:
                pass
        return build(number)

    history = History()
    Load(history, base_url=tiny_server.url, build=build_slowly_once, rate_per_s=200, duration_s=1).run()
    late = [
        pair
        for pair in history.pairs("request")
        if pair.completion and pair.completion.value["late_s"] > 0.05
    ]
    assert len(late) >= 8  # half of those that were due in the 0.1 s
    for pair in late:
        assert pair.completion is not None
        assert pair.completion.value["latency_s"] > pair.completion.value["late_s"]


def test_a_wrong_answer_fails_and_no_answer_is_unknown(tiny_server: TinyServer) -> None:
    history = History()
    tiny_server.status = 503
    burst(history, base_url=tiny_server.url, build=build, count=3)
    assert availability.check(history).value("failed") == 3
    tiny_server.status, tiny_server.silent = 200, True
    burst(history, base_url=tiny_server.url, build=build, count=2, timeout_s=0.05)
    assert availability.check(history).value("unanswered") == 2


def test_the_check_sees_request_and_reply(tiny_server: TinyServer) -> None:
    seen: list[tuple[object, bytes]] = []

    def check(request: Request, reply: Reply) -> str | None:
        seen.append((request.expected, reply.body))
        return None if request.expected != 1 else "wrong body"

    history = History()
    burst(
        history,
        base_url=tiny_server.url,
        build=lambda number: Request("/", BODY, expected=number),
        count=3,
        check=check,
    )
    assert sorted(seen, key=str) == [(0, b"ok"), (1, b"ok"), (2, b"ok")]
    assert availability.check(history).value("failed") == 1


def test_a_burst_sends_all_at_once_in_each_round(tiny_server: TinyServer) -> None:
    history = History()
    name = burst(history, base_url=tiny_server.url, build=build, count=50, rounds=2)
    starts = [pair.invoke.time_ns for pair in history.pairs("request")]
    assert len(starts) == 100
    assert len(set(starts)) == 2
    assert {pair.invoke.value["workload"] for pair in history.pairs("request")} == {name}


def test_requests_that_are_due_but_not_sent_make_the_run_invalid(
    tiny_server: TinyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_module, "_OPEN_MAX", 5)
    tiny_server.silent = True
    load = Load(
        History(), base_url=tiny_server.url, build=build, rate_per_s=200, duration_s=0.3, timeout_s=0.2
    )
    with pytest.raises(RateMissed, match="did not keep its rate"):
        load.run()


def test_a_generator_that_is_too_slow_makes_the_run_invalid(tiny_server: TinyServer) -> None:
    def slow_build(number: int) -> Request:
        sum(range(500_000))  # about 10 ms of work per request
        return build(number)

    load = Load(History(), base_url=tiny_server.url, build=slow_build, rate_per_s=500, duration_s=0.4)
    with pytest.raises(RateMissed, match="did not keep its rate"):
        load.run()


def test_an_error_in_a_builder_ends_the_load_with_that_error(tiny_server: TinyServer) -> None:
    def broken(_number: int) -> Request:
        raise ZeroDivisionError

    load = Load(History(), base_url=tiny_server.url, build=broken, rate_per_s=50, duration_s=0.2)
    with pytest.raises(ExceptionGroup) as failure:
        load.run()
    assert failure.value.subgroup(ZeroDivisionError) is not None


def test_an_error_in_the_thread_of_the_load_is_raised_where_the_block_ends(tiny_server: TinyServer) -> None:
    calls: list[int] = []

    def broken(number: int) -> Request:
        calls.append(number)
        raise ZeroDivisionError

    load = Load(History(), base_url=tiny_server.url, build=broken, rate_per_s=50, duration_s=5)
    with pytest.raises(ExceptionGroup), load.during():
        eventually(lambda: calls, timeout_s=10, what="the first request")


def test_impossible_loads_are_refused() -> None:
    with pytest.raises(ValueError, match="rate_per_s=0, duration_s=1: must be above 0"):
        Load(History(), base_url="http://x", build=build, rate_per_s=0, duration_s=1)
