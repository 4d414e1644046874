"""The same traffic with monitoring off and on, block by block, in an order drawn by lot."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fixtures.errors import AbilityMissing
from fixtures.gateway_config import MaskerConfig, Route, with_redis
from fixtures.stack.abilities import able
from fixtures.stack.base import Component, HasFigures
from tests.benchmarks import documents
from tests.benchmarks.answers import write_parts
from tests.cost.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fixtures.lab.lab import Lab
    from fixtures.stack.base import Stack
    from fixtures.wait import Deadline

OFF = "off"
SHARES = {"10 %": 0.1, "100 %": 1.0}
"""The samplings of which the contract speaks, in batches of ten."""
BATCH_SIZE = 10
PROMPT_BYTES = 32 * 1024
"""Sixteen turns of 2000 characters with two identifiers each: some 8000 tokens. What monitoring costs does not depend
on the prompt, what masking costs does: for a prompt of one line its share is several times as high (benchmarks.md)."""
WARM_UP = 100
"""Requests of each kind before anything is measured: code is compiled, connections are open."""
PLAIN = "plain"
ANSWER = "message.json"


@dataclass(slots=True)
class Blocks:
    """What the blocks of one kind cost, in the order in which they ran.

    Attributes:
        cpu_s: CPU time of the gateway's worker for each block.
        latencies_s: Of each block's requests.
    """

    cpu_s: list[float] = field(default_factory=list)
    latencies_s: list[list[float]] = field(default_factory=list)

    def quantiles_s(self, quantile: float) -> list[float]:
        """The quantile of the latencies of each block."""
        return [float(np.quantile(block, quantile)) for block in self.latencies_s]


class Experiment:
    """Measures on a gateway of one worker; goes on from where it was when it is asked for more.

    Args:
        lab: Of the stack; gets a route of each kind.
        upstream_url: An upstream that costs little, `byte_source` of the benchmarks.
        kinds: Names of `SHARES` that are held against monitoring switched off.
        block: Requests of a block.
        prompt_bytes: Size of a request's body.
    """

    def __init__(
        self,
        lab: Lab,
        upstream_url: str,
        kinds: Iterable[str],
        *,
        block: int,
        prompt_bytes: int = PROMPT_BYTES,
    ) -> None:
        self.costs: dict[str, Blocks] = {kind: Blocks() for kind in (OFF, *kinds)}
        self._stack = lab.stack
        self._block = block
        self._chance = random.Random(lab.stack.name)
        self._body = documents.prompt(prompt_bytes)
        routes = {PLAIN: Route(name="cost-plain", path="/cost-plain", upstream_url=upstream_url)}
        for number, kind in enumerate(self.costs):
            masker = MaskerConfig(
                enable_event_monitoring=kind != OFF,
                event_sampling_rate=SHARES.get(kind, 1.0),
                event_batch_size=BATCH_SIZE,
            )
            routes[kind] = Route(
                name=f"cost-{number}",
                path=f"/cost-{number}",
                masker=with_redis(masker, lab.stack.addresses),
                upstream_url=upstream_url,
            )
        lab.admin.apply(lab.config().with_routes(*routes.values()), lab.stack.addresses.gateway_url)
        self._targets = {kind: f"{route.path}/{ANSWER}?times=1" for kind, route in routes.items()}

    @property
    def blocks(self) -> int:
        """How many blocks of each kind were measured."""
        return len(self.costs[OFF].cpu_s)

    def run(self, blocks: int, deadline: Deadline) -> bool:
        """Measures until there are so many blocks of each kind or time is up; returns whether time is left."""
        pid = worker_pid(self._stack)
        targets = tuple(self._targets.values())
        with Caller(self._stack.addresses.gateway_url, self._body, targets) as caller:
            for target in targets:
                for _ in range(WARM_UP):
                    caller.call(target)
            while self.blocks < blocks and not deadline.expired:
                for kind in self._chance.sample(list(self.costs), len(self.costs)):
                    self._run_block(caller, kind, pid)
        return not deadline.expired

    def _run_block(self, caller: Caller, kind: str, pid: int) -> None:
        measured = self.costs[kind]
        before_s = cpu_s(pid)
        latencies_s = [caller.call(self._targets[kind]) for _ in range(self._block)]
        # While a request passes the plugin by, what the block has left to do is done, and counted for the block.
        caller.call(self._targets[PLAIN])
        measured.cpu_s.append(cpu_s(pid) - before_s)
        measured.latencies_s.append(latencies_s)


def write_answer(directory: Path) -> None:
    """Writes what `byte_source` answers with: a message of 4 kB that names two placeholders."""
    write_parts(directory, ANSWER, documents.message(1))


def worker_pid(stack: Stack) -> int:
    """The only worker of the gateway.

    Raises:
        AbilityMissing: It does not run on this machine's kernel under a number that is known here.
    """
    if stack.kind != "local":
        raise AbilityMissing("processes of this machine", stack.kind)
    (worker,) = (one for one in able(stack, HasFigures).figures(Component.GATEWAY) if one.role == "worker")
    return worker.pid


def cpu_s(pid: int) -> float:
    """CPU seconds of a process of one thread, user and system, to the nanosecond (Linux: sched-stats.rst)."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
