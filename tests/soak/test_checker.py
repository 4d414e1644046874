"""Growth is found by its slope, rest is told from noise, and a soak that is too short says so."""

from __future__ import annotations

import os
import random
import socket
from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import soak
from fixtures.checkers.base import State
from fixtures.judging.judge import judge
from fixtures.judging.judgement import ClauseState
from fixtures.observers.sockets import sockets
from tests.judging.made import REDIS_STOP, STEADY_S, Run, made

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.no_clause("the suite's own checker, on made histories")

SOAK_S = 300.0


def soaked(
    change: Callable[[str, float], float] = lambda _name, _at_s: 0.0, *, lasts_s: float = SOAK_S
) -> Run:
    """A soak with noise, a saw-tooth in the Lua heap, and what `change` adds to each quantity."""
    chance = random.Random(5)
    run = Run(chaos_s=lasts_s)
    for phase, at_s in (
        ("steady", 0.0),
        ("chaos", STEADY_S),
        ("heal", STEADY_S + lasts_s),
        ("end", run.ends_s),
    ):
        run.note(at_s, "phase", "engine", {"phase": phase, "reason": "complete"})
    for second in range(round(run.ends_s)):
        at_s = second + 0.5
        rss = 60_000 + 300 * min(second, 30) + chance.gauss(0, 200) + change("memory", at_s)
        run.note(
            at_s,
            "figures",
            "figures",
            {
                "component": "gateway",
                "role": "worker",
                "pid": 100,
                "cpu_s": 1.0,
                "threads": 1,
                "rss_bytes": round(rss * 1024),
                "handles": round(20 + chance.randrange(5) + change("handles", at_s)),
            },
        )
        heap = 1500 + second % 13 * 150 + chance.gauss(0, 30) + change("Lua heap", at_s)
        timers = 2 + chance.randrange(2) + round(change("timers", at_s))
        run.note(
            at_s,
            "ledger",
            "ledger",
            {
                "ledger": {
                    "since": 1,
                    "counters": {},
                    "waiting": 0,
                    "workers": [
                        {
                            "worker": 0,
                            "pid": 100,
                            "boot": "b",
                            "lua_heap_floor_kb": heap,
                            "timers_pending": timers,
                            "timers_running": 0,
                        }
                    ],
                }
            },
        )
        clients = round(6 + change("clients", at_s))
        run.note(at_s, "redis", "redis-info", {"publishers": 2, "clients": clients})
        waiting = round(40 + chance.gauss(0, 6) + change("TIME_WAIT", at_s))
        run.note(at_s, "sockets", "sockets", {"established": 10, "time_wait": waiting, "close_wait": 0})
    return run  # fmt: skip


def test_a_system_at_rest_is_valid_with_an_interval_for_each_quantity() -> None:
    verdict = soak.check(soaked().history())
    assert verdict.valid, str(verdict)
    names = [figure.name for figure in verdict.measured if figure.name.startswith("slope of ")]
    assert len(names) == 6


@pytest.mark.parametrize(
    ("quantity", "per_s", "found"),
    [
        ("memory", 50.0, "memory of gateway worker 100 grows by 49.9"),
        ("Lua heap", 25.0, "Lua heap of gateway worker 100 grows by 25"),
        ("handles", 1.0, "handles of gateway worker 100 grows by 1"),
        ("timers", 0.2, "timers of gateway worker 100 grows by 0.2"),
        ("clients", 0.1, "Redis clients grows by 0.1"),
        ("TIME_WAIT", 6.0, "TIME_WAIT sockets grows by 6"),
    ],
)
def test_what_grows_is_found_by_its_name(quantity: str, per_s: float, found: str) -> None:
    run = soaked(lambda name, at_s: per_s * at_s if name == quantity else 0.0)
    verdict = soak.check(run.history())
    assert verdict.state is State.INVALID
    assert len(verdict.examples) == 1
    assert found in verdict.examples[0]


def test_growth_below_the_bound_is_no_failure() -> None:
    run = soaked(lambda name, at_s: 5.0 * at_s if name == "memory" else 0.0)
    assert soak.check(run.history()).valid


def test_one_step_is_no_slope() -> None:
    run = soaked(lambda name, at_s: 3000.0 if name == "memory" and at_s > 200 else 0.0)
    assert soak.check(run.history()).state is not State.INVALID


def test_a_soak_that_is_too_short_or_missing_is_unknown() -> None:
    assert soak.check(soaked(lasts_s=60).history()).state is State.UNKNOWN
    assert soak.check(Run().history()).state is State.UNKNOWN
    assert soak.check(made().history()).state is State.UNKNOWN


def test_a_quantity_that_wanders_is_unknown() -> None:
    source = random.Random(8)
    level = [0.0]
    for _ in range(400):
        level.append(level[-1] + source.gauss(0, 2000))
    verdict = soak.check(soaked(lambda name, at_s: level[int(at_s)] if name == "memory" else 0.0).history())
    assert verdict.state is State.UNKNOWN
    assert "restless" in verdict.reason


def test_a_run_with_faults_is_no_soak() -> None:
    def state_of(run: Run) -> ClauseState:
        return next(c.state for c in judge(run.history()).clauses if c.clause == "L2")

    assert state_of(made(strikes=(REDIS_STOP,))) is ClauseState.NOT_JUDGED
    assert state_of(made(strikes=())) is ClauseState.UNPROVED  # 40 s are too short


def test_sockets_are_counted_by_state_and_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        before = sockets(os.getpid(), ports=[port])
        with socket.create_connection(("127.0.0.1", port)) as client, listener.accept()[0] as served:
            assert sockets(os.getpid(), ports=[port])["established"] == 2
            client.shutdown(socket.SHUT_WR)
            assert served.recv(1) == b""
            assert sockets(os.getpid(), ports=[port])["close_wait"] == 1
        assert sockets(os.getpid(), ports=[port])["time_wait"] == 1
        assert before == {"established": 0, "time_wait": 0, "close_wait": 0}
        assert sockets(os.getpid(), ports=[]) == before
