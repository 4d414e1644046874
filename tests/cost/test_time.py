"""Monitoring costs little time: of the gateway's processor, and of who waits for the answer.

A bound is violated by what provably reaches it, at a false-alarm rate of 1e-6, and holds when the interval lies below
it; between both nothing is judged, and the test is skipped with what it measured. scripts/test judges reporting every
request: its CPU time, which a busy machine disturbs little, and the median latency. Nights judge both samplings, and
the 99th percentile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from fixtures.stack.base import Component
from fixtures.wait import Deadline
from tests.benchmarks.transfers import byte_source
from tests.cost.experiment import PROMPT_BYTES, SHARES, Experiment, write_answer
from tests.cost.judging import cpu, judge, latency, tell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

pytestmark = pytest.mark.measures

ALL, TENTH = "100 %", "10 %"
CPU_BOUNDS = {TENTH: 0.02, ALL: 0.05}
LATENCY_BOUNDS = {TENTH: 0.03, ALL: 0.08}
BLOCK = 20
# A block's 99th percentile needs requests above it.
LONG_BLOCK = 200
# Blocks after which it is looked whether more are needed; an idle machine needs the first number or the second.
LOOKS = (24, 48, 96)
NIGHT_LOOKS = (200, 400, 800)
NIGHT_LOOKS_OF_LONG_BLOCKS = (40, 80, 160)
BUDGET_S = 20.0
SIZE_BLOCKS, SIZE_BUDGET_S = 100, 30.0
NIGHT_BUDGET_S = 600.0
NIGHT_TIMEOUT_S = 900


class Measure(Protocol):
    """Prepares an experiment on a gateway of one worker."""

    def __call__(self, kind: str, *, block: int = BLOCK, prompt_bytes: int = PROMPT_BYTES) -> Experiment:
        """Prepares it.

        Args:
            kind: Which sampling is held against none.
            block: Requests of a block.
            prompt_bytes: Size of a request's body.
        """


@pytest.fixture
def own(make_stack: MakeStack, make_lab: MakeLab) -> Lab:
    """A lab on a gateway of one worker, with no subscriber beside it but the tap."""
    return make_lab(make_stack(workers=1, components=frozenset(Component) - {Component.BACKEND}))


@pytest.fixture
def measure(own: Lab, tmp_path: Path) -> Iterator[Measure]:
    """Prepares experiments before an upstream that costs little."""
    write_answer(tmp_path)
    with byte_source(own.tests_host, tmp_path) as url:

        def prepare(kind: str, *, block: int = BLOCK, prompt_bytes: int = PROMPT_BYTES) -> Experiment:
            return Experiment(own, url, [kind], block=block, prompt_bytes=prompt_bytes)

        yield prepare


@pytest.mark.thorough
@pytest.mark.clause("P2")
def test_reporting_every_request_takes_little_cpu_time(own: Lab, measure: Measure) -> None:
    judge(own.evidence, measure(ALL), [cpu(ALL, CPU_BOUNDS[ALL])], looks=LOOKS, budget_s=BUDGET_S)


@pytest.mark.thorough
@pytest.mark.clause("P1")
def test_reporting_every_request_delays_the_median_little(own: Lab, measure: Measure) -> None:
    judge(
        own.evidence, measure(ALL), [latency(ALL, 0.5, LATENCY_BOUNDS[ALL])], looks=LOOKS, budget_s=BUDGET_S
    )


@pytest.mark.nightly
@pytest.mark.timeout(NIGHT_TIMEOUT_S)
@pytest.mark.clause("P2")
@pytest.mark.parametrize("kind", list(SHARES))
def test_a_night_shows_what_reporting_takes_of_the_cpu(own: Lab, measure: Measure, kind: str) -> None:
    judge(
        own.evidence, measure(kind), [cpu(kind, CPU_BOUNDS[kind])], looks=NIGHT_LOOKS, budget_s=NIGHT_BUDGET_S
    )


@pytest.mark.nightly
@pytest.mark.timeout(NIGHT_TIMEOUT_S)
@pytest.mark.clause("P1")
@pytest.mark.parametrize("kind", list(SHARES))
def test_a_night_shows_how_reporting_delays_median_and_slowest_answers(
    own: Lab, measure: Measure, kind: str
) -> None:
    promises = [latency(kind, quantile, LATENCY_BOUNDS[kind]) for quantile in (0.5, 0.99)]
    judge(
        own.evidence,
        measure(kind, block=LONG_BLOCK),
        promises,
        looks=NIGHT_LOOKS_OF_LONG_BLOCKS,
        budget_s=NIGHT_BUDGET_S,
    )


@pytest.mark.nightly
@pytest.mark.no_clause(
    "told, not judged: the contract names no size of prompts, and for small ones it is not kept"
)
@pytest.mark.parametrize("size_kib", [2, 8, 128])
def test_a_night_tells_what_reporting_takes_of_the_cpu_for_other_prompts(
    own: Lab, measure: Measure, size_kib: int
) -> None:
    experiment = measure(ALL, prompt_bytes=size_kib << 10)
    experiment.run(SIZE_BLOCKS, Deadline(SIZE_BUDGET_S))
    tell(own.evidence, experiment, cpu(ALL, CPU_BOUNDS[ALL]))
