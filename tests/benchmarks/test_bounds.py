"""What is promised of speed, judged: on pairs with and without the plugin, side by side, in an order drawn by lot.

As in tests/cost, what provably breaks a bound is red, and what a restless machine leaves open is skipped as not judged.
"""

from __future__ import annotations

import functools
import random
from typing import TYPE_CHECKING

import pytest

from fixtures.failures import ClauseViolated
from fixtures.gateway_config import MaskerConfig, Route
from fixtures.paired import Ruling, excess
from fixtures.stack.base import Component
from tests.benchmarks import documents
from tests.benchmarks.transfers import Transfer, byte_source, transfer
from tests.cost.experiment import cpu_s, worker_pid
from tests.restoring.scene import scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

pytestmark = [pytest.mark.nightly, pytest.mark.measures, pytest.mark.timeout(600)]

ROUTES = {"with": MaskerConfig(max_response_size=0), "without": None}
# Pairs after which it is looked whether more are needed
LOOKS = (16, 32, 64)
# A fifth of the throughput lost is a quarter more time.
SLOWER_MAX = 1 / 0.8 - 1
RESPONSE_BYTES = 40 * 10**6
MASKING_MAX_S_PER_MB = 0.015

# Not strict: which of them is reached on a quiet machine is not known yet.
NOT_REACHED = pytest.mark.xfail(
    reason="a piece that changes has to be a Lua string (docs/benchmarks.md)",
    raises=ClauseViolated,
    strict=False,
)

Pair = tuple[float, float]


@pytest.fixture
def routed(
    make_stack: MakeStack, make_lab: MakeLab, tmp_path: Path
) -> Iterator[Callable[[bool | None], Lab]]:
    """Makes the two routes, with or without buffering of responses, on a gateway of one worker."""
    lab = make_lab(make_stack(workers=1, components=frozenset({Component.GATEWAY, Component.UPSTREAM})))
    with byte_source(lab.tests_host, tmp_path) as url:

        def add(response_buffering: bool | None) -> Lab:
            routes = [
                Route(
                    name=f"bench-{key}",
                    path=f"/bench-{key}",
                    masker=masker,
                    response_buffering=response_buffering,
                    upstream_url=url,
                )
                for key, masker in ROUTES.items()
            ]
            lab.admin.apply(lab.config().with_routes(*routes), lab.stack.addresses.gateway_url)
            return lab

        yield add


@pytest.mark.clause("U4")
@pytest.mark.parametrize("buffering", [True, False], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("kib", [0, *(pytest.param(kib, marks=NOT_REACHED) for kib in (64, 2))])
def test_restoring_loses_at_most_a_fifth_of_the_throughput(
    routed: Callable[[bool | None], Lab], tmp_path: Path, kib: int, buffering: bool
) -> None:
    lab = routed(buffering)
    block = documents.message(4_000_003, placeholder_every=kib << 10 or 2000)
    if not kib:
        block = (block[0], block[1].replace(documents.PLACEHOLDER, b" the "), block[2])
    for part, content in zip(("head", "body", "tail"), block, strict=True):
        (tmp_path / f"message.json.{part}").write_bytes(content)
    times = RESPONSE_BYTES // len(block[1])
    said = scene(lab)

    def run(key: str) -> float:
        return _transfer(lab, key, f"message.json?times={times}", said.prompt).elapsed_s

    pairs = _pairs(run, random.Random(lab.stack.name))
    _judge(lab, "more time", pairs, bound=SLOWER_MAX)


@pytest.mark.clause("M3")
def test_masking_a_megabyte_of_prose_takes_at_most_15_ms_of_cpu(routed: Callable[[bool | None], Lab]) -> None:
    lab = routed(None)
    prompt = documents.prompt(1 << 20)
    pid = worker_pid(lab.stack)
    allowed_s = MASKING_MAX_S_PER_MB * len(prompt) / 1e6

    def run(key: str) -> float:
        before_s = cpu_s(pid)
        _transfer(lab, key, "none?times=0", prompt)
        # What it may cost more is given to the other side: at the bound both are equal.
        return cpu_s(pid) - before_s + (allowed_s if key == "without" else 0.0)

    pairs = _pairs(run, random.Random(lab.stack.name))
    _judge(lab, "more CPU time than without the plugin and 15 ms per MB", pairs, bound=0.0)


def _transfer(lab: Lab, key: str, target: str, prompt: bytes) -> Transfer:
    return transfer(lab.stack, f"/bench-{key}/{target}", prompt)


def _pairs(run: Callable[[str], float], chance: random.Random) -> Iterator[Pair]:
    """What both cost, pair after pair: without, with."""
    for key in ROUTES:
        run(key)  # code is compiled, memory is taken
    while True:
        found = {key: run(key) for key in chance.sample(list(ROUTES), len(ROUTES))}
        yield found["without"], found["with"]


def _judge(lab: Lab, what: str, pairs: Iterator[Pair], *, bound: float) -> None:
    judge = functools.partial(excess, bound=bound, looks=len(LOOKS))
    measured: list[Pair] = []
    found = None
    for look in LOOKS:
        measured += [next(pairs) for _ in range(look - len(measured))]
        found = judge(*zip(*measured, strict=True))
        if found.ruling is not Ruling.OPEN:
            break
    assert found is not None
    interval = found.shift.interval
    told = (
        f"{what}: {found.shift.value:+.1%} ({interval.low:+.1%} … {interval.high:+.1%}) of {len(measured)} pairs, "
        f"the bound is {bound:+.0%}"
    )
    lab.evidence.note(told)
    lab.evidence.figure(f"{what}: at most", 100 * interval.high, "%")
    if found.ruling is Ruling.VIOLATED:
        raise ClauseViolated(f"the plugin costs too much: {what}", told)
    if found.ruling is Ruling.OPEN:
        pytest.skip(f"not judged, this machine is too restless or too busy: {told}")
