"""What a plugin pays that changes each piece of a response, before it searches anything: the floor under the bounds."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.stack.base import Component
from tests.benchmarks import documents
from tests.benchmarks.answers import BLOCK_BYTES, add_routes, write_parts
from tests.benchmarks.pairing import judge, pairs, tell
from tests.benchmarks.transfers import byte_source, transfer
from tests.cost.experiment import cpu_s, worker_pid

if TYPE_CHECKING:
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

pytestmark = [pytest.mark.nightly, pytest.mark.measures, pytest.mark.timeout(600)]

PLUGIN = "hand-back"
SOURCE = Path(__file__).with_name("plugins") / PLUGIN
WITHOUT, STRING, MEMORY = "without", "string", "memory"
ROUTES = {WITHOUT: {}, **{way: {"plugins": {PLUGIN: {"way": way}}} for way in (STRING, MEMORY)}}
HOW = {STRING: "as a string", MEMORY: "through memory"}
RESPONSE_BYTES = 40 * 10**6


@pytest.fixture(params=[True, False], ids=["buffered", "unbuffered"])
def buffering(request: pytest.FixtureRequest) -> bool:
    """Whether nginx buffers responses."""
    return bool(request.param)


def test_a_piece_is_handed_back_at_less_cost_through_memory_than_as_a_string(
    make_stack: MakeStack, make_lab: MakeLab, tmp_path: Path, buffering: bool
) -> None:
    stack = make_stack(
        workers=1,
        components=frozenset({Component.GATEWAY, Component.UPSTREAM}),
        gateway_plugins={PLUGIN: SOURCE},
    )
    lab = make_lab(stack)
    block = documents.message(BLOCK_BYTES)
    write_parts(tmp_path, "message.json", block)
    pid, chance = worker_pid(stack), random.Random(stack.name)

    def elapsed(way: str) -> float:
        target = f"/bench-{way}/message.json?times={RESPONSE_BYTES // len(block[1])}"
        return transfer(stack, target, b"{}").elapsed_s

    def cpu(way: str) -> float:
        before_s = cpu_s(pid)
        elapsed(way)
        return cpu_s(pid) - before_s

    with byte_source(lab.tests_host, tmp_path) as url:
        add_routes(lab, url, ROUTES, response_buffering=buffering)
        for way, how in HOW.items():
            tell(lab, f"more time, each piece {how}", pairs(elapsed, chance, WITHOUT, way))
        judge(
            lab,
            "more CPU time through memory than as a string",
            pairs(cpu, chance, STRING, MEMORY),
            bound=0.0,
        )
