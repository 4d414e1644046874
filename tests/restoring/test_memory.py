"""The memory that restoring needs does not depend on how much is restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import restored_bytes
from fixtures.observers.figures import FigureSampler
from fixtures.report.evidence import Band, MemoryPlot
from fixtures.stack.abilities import able
from fixtures.stack.base import Component, HasFigures
from system.upstream.protocol import Framing
from tests.restoring.scene import answering, scene

if TYPE_CHECKING:
    from fixtures.history import Op
    from fixtures.lab.exchange import Exchange
    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

MIB = 1 << 20
SIZES_BYTES = (10_000_000, 20_000_000)
# Numbered, since Lua keeps equal strings once: a text that repeats itself could be collected at little cost.
SENTENCE = b"%08d: AWS_EC2_001 talks to AWS_EC2_002, not to AWS_EC2_004 or AWS_S3_001, about a day of work.\n"
# Lua collects when its heap has doubled, so chunks in flight cost up to as much again as the heap at rest.
# Far less than either response, so one that is collected, even by half, is above it.
GROWTH_MAX_MIB = 4.0
INTERVAL_S = 0.01


@pytest.mark.clause("U4", "U1")
@pytest.mark.long
def test_memory_stays_flat_during_responses_of_10_and_of_20_megabytes(
    make_stack: MakeStack, make_lab: MakeLab
) -> None:
    # A gateway whose only worker has served nothing large before: no memory that it could use again.
    stack = make_stack(workers=1, components=frozenset({Component.GATEWAY, Component.UPSTREAM}))
    lab = make_lab(stack)
    route, said = lab.route(max_response_size=0), scene(lab, ec2=3)
    lines = [size_bytes // len(SENTENCE % 0) + 1 for size_bytes in SIZES_BYTES]
    scripts = [answering(_text(SENTENCE, count), framing=Framing.CHUNKED) for count in lines]
    lab.post(route, said.prompt)

    gateway = able(stack, HasFigures)
    with FigureSampler(
        lab.history, {"gateway": lambda: gateway.figures(Component.GATEWAY)}, interval_s=INTERVAL_S
    ):
        exchanges = [lab.post(route, said.prompt, script=script) for script in scripts]
    for count, exchange in zip(lines, exchanges, strict=True):
        expected = _text(said.restored(SENTENCE), count)
        lab.require(restored_bytes.check(expected, exchange.body), clause="U1")

    samples = lab.history.ops(f="figures", where=lambda op: op.value["role"] == "worker")
    for size_bytes, exchange in zip(SIZES_BYTES, exchanges, strict=True):
        megabytes = size_bytes // 1_000_000
        growth = _peak_mib(samples, exchange) - _mib(samples[0])
        figure = lab.evidence.figure(
            f"growth of the worker during {megabytes} MB", growth, "MiB", below=GROWTH_MAX_MIB, clause="U4"
        )
        lab.evidence.figure(f"seconds for {megabytes} MB", exchange.elapsed_s, "s", clause="U4")
        assert figure.holds
    _plot(lab, samples, exchanges)


def _text(sentence: bytes, count: int) -> bytes:
    """So many lines, no two alike."""
    return b"".join(sentence % number for number in range(count))


def _mib(sample: Op) -> float:
    return float(sample.value["rss_bytes"]) / MIB


def _peak_mib(samples: list[Op], exchange: Exchange) -> float:
    """Highest resident memory from before a response to the first look after it."""
    last_ns = min(s.time_ns for s in samples if s.time_ns >= exchange.finished_ns)
    return max(_mib(s) for s in samples if exchange.started_ns <= s.time_ns <= last_ns)


def _plot(lab: Lab, samples: list[Op], exchanges: list[Exchange]) -> None:
    start_ns = samples[0].time_ns

    def seconds(time_ns: int) -> float:
        return (time_ns - start_ns) / 1e9

    lab.evidence.plot(
        MemoryPlot(
            title="Memory of the gateway's worker during responses of 10 MB and 20 MB",
            times_s=tuple(seconds(sample.time_ns) for sample in samples),
            rss_mib=(("worker", tuple(_mib(sample) for sample in samples)),),
            bands=tuple(
                Band(start_s=seconds(one.started_ns), end_s=seconds(one.finished_ns), label="response")
                for one in exchanges
            ),
            bound_mib=_mib(samples[0]) + GROWTH_MAX_MIB,
        )
    )
