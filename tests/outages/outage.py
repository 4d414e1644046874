"""One fault of Redis under steady traffic: healthy, faulty, recovering; `tests.outages.judging` judges it."""

from __future__ import annotations

import gc
import re
import time
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from fixtures.checkers.received import received_events
from fixtures.errors import TimedOut
from fixtures.observers.logs import Logs
from fixtures.statistics import samples_to_bound
from fixtures.wait import eventually
from fixtures.workload.burst import burst
from fixtures.workload.load import Load
from fixtures.workload.sender import Request
from tests.outages.books import read_ledger, settle
from tests.outages.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fixtures.history import History
    from fixtures.lab.lab import Lab, LabRoute
    from fixtures.observers.logs import LogLine
    from fixtures.stack.base import Stack

RATE_PER_S_MAX = 500.0
CAPACITY_SHARE = 0.4
"""Of what gateway, generator and emulator do together right before: on a machine that others keep busy, traffic that
fits an idle one would be a queue that grows, whose waits say nothing of Redis."""
_TRIAL = (10, 30)
"""Requests at once, and rounds of them, that tell the capacity."""
CONTROL = "control"
CONTROL_SHARE = 0.2
"""Of the rate again: requests past the plugin, through the same workers. They tell when the machine served nobody."""
WARM_UP_REQUESTS = 150
FURTHER_WARM_UP_REQUESTS = 30
"""On a stack whose healthy traffic was measured only the route is new."""
HEALTHY_REQUESTS = samples_to_bound(0.99)
"""Fewer could not bound the healthy p99."""
OUTAGE_REQUESTS = 600
TAIL_REQUESTS = 100
"""The backlog reaches the tap in one burst, which keeps this process's generator waiting: it catches up in these."""
_RECOVERY_WATCH_S = 6.0
_LOAD_S_MAX = 40.0
_LEDGER_INTERVAL_S, _LOOK_INTERVAL_S = 0.125, 0.02
_MADE = re.compile(rb'"timestamp":([0-9.]+)')
_WORKER = re.compile(rb'"worker":([0-9]+)')
# What nginx itself writes when a peer resets a connection while a reply is awaited; a plugin cannot keep it from that.
_RESET = "recv() failed (104: Connection reset by peer)"
RESETS = "gateway: reset connections"


@dataclass
class Calm:
    """A stack and what its traffic is like while Redis is healthy.

    Attributes:
        stack: Started, with Redis healthy and no subscriber of its own.
        rate_per_s: At which requests are offered, once the machine's capacity was tried.
        requests: The healthy requests, once they were offered.
    """

    stack: Stack
    rate_per_s: float | None = None
    requests: History | None = None

    def forget(self) -> None:
        """The machine is not what it was: both are to be found anew."""
        self.rate_per_s = self.requests = None


@dataclass(frozen=True, kw_only=True)
class Outage:
    """What happened, as monotonic times and parts of the history.

    Attributes:
        name: Of the fault.
        history: Everything from its begin on, with the ledger's readings and the gateway's log lines.
        rate_per_s: At which requests were offered.
        start_ns: Begin of the traffic.
        healthy: The requests of this stack while Redis was healthy and the gateway warm.
        faulty_ns: From when to when the fault was proved to be in effect.
        gone_ns: When it was proved to be gone.
        workers: Numbers of the gateway's workers.
    """

    name: str
    history: History
    rate_per_s: float
    start_ns: int
    healthy: History
    faulty_ns: tuple[int, int]
    gone_ns: int
    workers: tuple[int, ...]

    @property
    def outage_s(self) -> float:
        """How long the fault lasted."""
        return (self.faulty_ns[1] - self.faulty_ns[0]) / 1e9

    def recovery_s(self) -> dict[int, float | None]:
        """Per worker, seconds from the end of the fault until an event of a later request arrived; None if none did.

        Later ones: events that had waited prove less, and one that Redis found in its own buffers proves nothing.
        """
        gone_s = self.history.anchor.wall_of(self.gone_ns)
        first: dict[int, float | None] = dict.fromkeys(self.workers)
        for event in received_events(self.history):
            if event.timestamp_s > gone_s and first.get(event.source.worker) is None:
                first[event.source.worker] = (event.received_ns - self.gone_ns) / 1e9
        return first


class Disturbance(AbstractContextManager[object], Protocol):
    """A fault, or several that last together."""

    @property
    def name(self) -> str:
        """What to call it."""


def live_through(
    lab: Lab, route: LabRoute, fault: Disturbance, calm: Calm, *, further: Sequence[LabRoute] = ()
) -> Outage:
    """Offers traffic to the route before, during and after the fault, until each worker's events flow again.

    Args:
        lab: On the stack of `calm`.
        route: Where requests go.
        fault: What happens to Redis.
        calm: Gets the healthy requests, if it has none yet.
        further: Where requests go as well, in turn.

    Raises:
        InvalidFault: The fault had no effect.
        CleanupFailed: It is still felt after its end.
        RateMissed: The generator did not keep its rate.
    """
    already = len(lab.history)
    logs = Logs(lab.stack.logs)
    mark = logs.mark()
    settle(lab)
    traffic = Traffic(lab, route, *further)
    if calm.rate_per_s is None:
        calm.rate_per_s = _bearable_rate(lab, traffic)
    load = Load(
        lab.history,
        base_url=lab.stack.addresses.gateway_url,
        build=traffic.build,
        check=traffic.check,
        rate_per_s=calm.rate_per_s,
        duration_s=_LOAD_S_MAX,
        # A connection per request, so that both workers take part all the time.
        keep_alive=False,
    )

    def offer(count: int, *, answered: bool = False) -> tuple[int, int]:
        """Lets so many requests begin, or as many be answered as have begun before and these; from when to when."""
        began_ns, target = time.monotonic_ns(), traffic.begun + count
        _read_until(lab, lambda: (traffic.answered if answered else traffic.begun) >= target, _LOAD_S_MAX)
        return began_ns, time.monotonic_ns()

    control = Load(
        lab.history,
        base_url=lab.stack.addresses.gateway_url,
        build=lambda _number: Request("/plain"),
        rate_per_s=calm.rate_per_s * CONTROL_SHARE,
        duration_s=_LOAD_S_MAX,
        name="control",
        keep_alive=False,
        f=CONTROL,
    )
    with _no_collector(), control.during(), load.during():
        offer(WARM_UP_REQUESTS if calm.requests is None else FURTHER_WARM_UP_REQUESTS)
        # So at least that many of the answered ones began meanwhile.
        healthy_ns = offer(HEALTHY_REQUESTS, answered=True) if calm.requests is None else None
        with fault:
            faulty_ns = offer(OUTAGE_REQUESTS)
        gone_ns = time.monotonic_ns()
        back = _Comeback(lab, after_s=lab.history.anchor.wall_of(gone_ns))
        _read_until(lab, back.complete, _RECOVERY_WATCH_S)
        offer(TAIL_REQUESTS)
    with suppress(TimedOut):  # events that wait on are for the verdicts on recovery and tap to tell
        settle(lab)
    lab.tap.fence()
    read_ledger(lab)
    healthy = lab.history.between(*healthy_ns) if healthy_ns is not None else calm.requests
    assert healthy is not None  # offered above, when there were none
    calm.requests = healthy
    _record_lines(lab.history, logs.nginx_lines_since(mark))
    return Outage(
        name=fault.name,
        history=lab.history.after(already - 1),
        rate_per_s=calm.rate_per_s,
        start_ns=load.started_ns,
        healthy=healthy,
        faulty_ns=faulty_ns,
        gone_ns=gone_ns,
        workers=tuple(range(lab.stack.options.workers)),
    )


def _bearable_rate(lab: Lab, traffic: Traffic) -> float:
    """Requests per second that leave the machine room, tried on this very system."""
    at_once, rounds = _TRIAL
    began_s = time.monotonic()
    burst(
        lab.history,
        base_url=lab.stack.addresses.gateway_url,
        build=traffic.build,
        check=traffic.check,
        count=at_once,
        rounds=rounds,
    )
    return min(RATE_PER_S_MAX, CAPACITY_SHARE * at_once * rounds / (time.monotonic() - began_s))


class _Comeback:
    """Sees whether events of every worker flow again, without decoding: the load shares this process's interpreter.

    Args:
        lab: Whose tap.
        after_s: Wall-clock seconds after which an event was made if it is to count.
    """

    def __init__(self, lab: Lab, *, after_s: float) -> None:
        self._lab, self._after_s = lab, after_s
        self._looked = len(lab.tap.messages)
        self._seen: set[bytes] = set()

    def complete(self) -> bool:
        """Whether an event of each worker has arrived."""
        fresh = self._lab.tap.messages[self._looked :]
        self._looked += len(fresh)
        for message in fresh:
            made, worker = _MADE.search(message.data), _WORKER.search(message.data)
            if made and worker and float(made[1]) > self._after_s:
                self._seen.add(worker[1])
        return len(self._seen) == self._lab.stack.options.workers


@contextmanager
def _no_collector() -> Iterator[None]:
    """Keeps Python's garbage collector still: with a test's history it takes long enough to show in latencies."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _record_lines(history: History, lines: Sequence[LogLine]) -> None:
    """Writes a `log` entry per line, those about resets under a name of their own."""
    for line in lines:
        component = RESETS if _RESET in line.text else "gateway"
        history.info(
            "log",
            process="logs",
            value={
                "component": component,
                "level": line.level,
                "pid": line.pid,
                "characters": len(line.text),
            },
            time_ns=history.anchor.monotonic_of(line.wall_s),
        )


def _read_until(lab: Lab, reached: Callable[[], bool], timeout_s: float) -> None:
    """Reads the ledger from time to time until the condition or the time is reached."""
    next_s = time.monotonic()

    def look() -> bool:
        nonlocal next_s
        if reached():
            return True
        if time.monotonic() >= next_s:
            read_ledger(lab)
            next_s += _LEDGER_INTERVAL_S
        return False

    with suppress(TimedOut):  # what was not reached is for the verdicts to tell
        eventually(look, timeout_s=timeout_s, interval_s=_LOOK_INTERVAL_S, what="the next phase")
