"""Each worker's memory and handles are judged over its own life, however short the lives are that faults leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import memory
from fixtures.checkers.base import State
from fixtures.checkers.lives import lives_of
from fixtures.history import History

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.checkers.base import Verdict

pytestmark = pytest.mark.no_clause("the suite's own checker, on made histories")

SECOND_NS = 1_000_000_000
REST_MIB = 34.0
QUEUED_MAX = 20_200
BOUND_MIB = 20 + QUEUED_MAX / 1024


def warm(age_s: float) -> float:
    """What a worker in order uses, MiB."""
    return min(REST_MIB, 27 + 4 * age_s)


@dataclass
class Gateway:
    """Workers and faults as a run would have seen them."""

    history: History = field(default_factory=History)

    def worker(
        self,
        pid: int,
        from_s: int,
        to_s: int,
        *,
        mib: Callable[[float], float] = warm,
        handles: Callable[[float], int] = lambda _age_s: 20,
        leaving_from_s: int | None = None,
        used_before_s: float = 0.1,
    ) -> None:
        """A process that was sampled every second; functions are of its age."""
        for second in range(from_s, to_s):
            age_s = float(second - from_s)
            leaving = leaving_from_s is not None and second >= leaving_from_s
            value = {
                "component": "gateway",
                "role": "leaving" if leaving else "worker",
                "pid": pid,
                "cpu_s": used_before_s + age_s / 10,
                "threads": 1,
                "rss_bytes": round(mib(age_s) * memory.MIB),
                "handles": handles(age_s),
            }
            self.history.info("figures", process="figures", value=value, time_ns=second * SECOND_NS)

    def fault(self, number: int, from_s: float, to_s: float, *, target: str = "gateway") -> None:
        """A fault that was proved and undone."""
        for at_s, phase in ((from_s, "inject"), (from_s, "effective"), (to_s, "heal"), (to_s, "gone")):
            value = {"number": number, "target": target, "parameters": {}, "phase": phase}
            self.history.info("a_fault", process="nemesis", value=value, time_ns=round(at_s * SECOND_NS))

    def large_body(self, size_bytes: int) -> None:
        """A request that was under way for a moment."""
        asked = {"route": "single", "bytes": size_bytes}
        self.history.invoke("request", process="load/1", value=asked, time_ns=SECOND_NS)
        self.history.ok("request", process="load/1", value={"status": 200}, time_ns=2 * SECOND_NS)

    def judged(self) -> Verdict:
        """What the checker says."""
        return memory.check(self.history, queued_max=QUEUED_MAX)


def half_an_hour(eighth: Callable[[float], float] = warm) -> Gateway:
    """A worker each minute, ended by a fault; one of them may use more."""
    gateway = Gateway()
    for number in range(30):
        gateway.fault(number, number * 60, number * 60 + 2)
        gateway.worker(1000 + number, number * 60 + 2, number * 60 + 60, mib=eighth if number == 7 else warm)
    return gateway


def test_workers_of_which_none_lives_through_the_run_are_judged() -> None:
    verdict = half_an_hour().judged()
    assert verdict.valid, str(verdict)
    assert verdict.value("judged from a first to a last rest") == 30
    assert verdict.value("growth at rest") == 0
    assert verdict.value("lived too short for that, judged by their peak") == "none"


def test_a_leak_in_one_short_life_is_found_by_its_name() -> None:
    gateway = half_an_hour(lambda age_s: warm(age_s) + age_s)  # 1 MiB a second
    gateway.large_body(10 * memory.MIB)  # which would explain a peak, but no growth
    verdict = gateway.judged()
    assert verdict.state is State.INVALID
    assert [example.partition(":")[0] for example in verdict.examples] == ["worker 1007 (57 s)"]
    assert isinstance(grown := verdict.value("growth at rest"), float)
    assert grown > BOUND_MIB


def test_what_a_fault_takes_and_gives_back_is_no_growth() -> None:
    gateway = Gateway()
    gateway.fault(0, 30, 36, target="redis")
    gateway.worker(7, 0, 90, mib=lambda age_s: warm(age_s) + (15 if 30 <= age_s < 40 else 0))
    verdict = gateway.judged()
    assert verdict.valid, str(verdict)
    assert verdict.value("growth at rest") == 0
    assert verdict.value("growth at most") == pytest.approx(15, abs=1)


def test_a_peak_beyond_what_queues_and_bodies_explain_is_found_under_a_fault_too() -> None:
    gateway = Gateway()
    gateway.fault(0, 30, 36, target="redis")
    gateway.worker(7, 0, 90, mib=lambda age_s: warm(age_s) + (60 if 30 <= age_s < 36 else 0))
    verdict = gateway.judged()
    assert verdict.state is State.INVALID
    assert "growth at most" in verdict.reason


def test_what_a_new_worker_needs_to_get_going_is_no_growth() -> None:
    gateway = Gateway()
    gateway.worker(7, 0, 60, mib=lambda age_s: 4.0 if age_s < 5 else 70.0)
    assert gateway.judged().valid


def test_a_life_too_short_for_two_rests_is_named_and_its_peak_judged() -> None:
    gateway = Gateway()
    gateway.worker(1, 0, 60)
    gateway.worker(2, 10, 18)
    verdict = gateway.judged()
    assert verdict.valid
    assert verdict.value("lived too short for that, judged by their peak") == "1: worker 2 (7 s)"
    gateway.worker(3, 20, 28, mib=lambda age_s: warm(age_s) + 10 * age_s)
    verdict = gateway.judged()
    assert verdict.state is State.INVALID
    assert [example.partition(":")[0] for example in verdict.examples] == ["worker 3 (7 s)"]


def test_one_that_grows_while_it_leaves_is_found() -> None:
    gateway = Gateway()
    gateway.worker(1, 0, 60, mib=lambda age_s: warm(age_s) + max(0, age_s - 30) * 2, leaving_from_s=30)
    verdict = gateway.judged()
    assert verdict.state is State.INVALID
    assert verdict.value("growth at rest") == 0


def test_handles_that_stay_are_found_and_those_of_a_burst_are_not() -> None:
    gateway = Gateway()
    gateway.worker(1, 0, 60, handles=lambda age_s: 900 if age_s % 10 == 0 else 20)
    assert gateway.judged().valid
    gateway.worker(2, 0, 60, handles=lambda age_s: 20 + 12 * int(age_s))
    verdict = gateway.judged()
    assert verdict.state is State.INVALID
    assert [example.partition(":")[0] for example in verdict.examples] == ["worker 2 (59 s)"]


def test_a_process_id_that_is_given_again_is_another_life() -> None:
    gateway = Gateway()
    gateway.worker(7, 0, 30)
    gateway.fault(0, 30, 32)
    gateway.worker(7, 31, 60, mib=lambda age_s: warm(age_s) + 60)  # an official image may need more
    assert [str(life) for life in lives_of(gateway.history, "gateway")] == [
        "worker 7 (29 s)",
        "worker 7 (28 s)",
    ]
    assert gateway.judged().valid


def test_a_worker_that_is_seen_again_after_a_pause_is_another_life() -> None:
    gateway = Gateway()
    gateway.worker(7, 0, 3)
    gateway.worker(7, 10, 30, used_before_s=5.0)
    assert [str(life) for life in lives_of(gateway.history, "gateway")] == [
        "worker 7 (2 s)",
        "worker 7 (19 s)",
    ]


@pytest.mark.parametrize("lasts_s", [0, 12, 19])
def test_lives_of_which_none_was_long_enough_leave_it_unknown(lasts_s: int) -> None:
    gateway = Gateway()
    for number in range(5):
        gateway.worker(number, number * 30, number * 30 + lasts_s)
    verdict = gateway.judged()
    assert verdict.state is State.UNKNOWN
    assert "the longest life was" in verdict.reason


def test_faults_that_leave_no_rest_leave_it_unknown() -> None:
    gateway = Gateway()
    gateway.worker(1, 0, 600)
    for number in range(100):
        gateway.fault(number, number * 6, number * 6 + 2)
    assert gateway.judged().state is State.UNKNOWN
