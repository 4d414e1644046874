"""Histories of runs of chaos that nobody ran: a small model of the system, with faults as they should go by.

What is made here is right in every respect; tests plant one defect each. Times are seconds since the begin of the
run; `docs/history.md` says what the entries mean.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fixtures.clauses import contract
from fixtures.history import History, OpType, WallAnchor

if TYPE_CHECKING:
    from pathlib import Path

BASE_NS = 7_000_000_000_000
WALL_S = 1_790_000_000.0
STEADY_S = 12.0
RECOVERY_S = 8.0
ROUTES: tuple[dict[str, Any], ...] = (
    {"name": "single", "path": "/s", "monitored": True, "sampling_rate": 1.0, "batch_size": 1,
     "flush_interval_s": 1.0, "queue_size": 10000, "channel": "suite:single"},
    {"name": "batched", "path": "/b", "monitored": True, "sampling_rate": 1.0, "batch_size": 10,
     "flush_interval_s": 0.5, "queue_size": 10000, "channel": "suite:batched"},
    {"name": "bare", "path": "/p", "monitored": False, "sampling_rate": 0.0, "batch_size": 1,
     "flush_interval_s": 1.0, "queue_size": 10000, "channel": "suite:none"},
)  # fmt: skip


@dataclass(frozen=True)
class Strike:
    """A fault of the schedule; times in seconds since the begin of the run."""

    fault: str
    target: str
    at_s: float
    lasts_s: float


@dataclass
class Entry:
    """An entry before it is recorded."""

    at_s: float
    process: str
    type: OpType
    f: str
    value: dict[str, Any]


@dataclass
class Run:
    """A made run; change `entries` to plant a defect, then ask for its history.

    Attributes:
        chaos_s: Length of the phase with faults.
        rate_per_s: Requests per second.
        strikes: The faults.
        seed: Of everything random.
        entries: In any order.
        about: The header.
    """

    chaos_s: float = 24.0
    rate_per_s: float = 130.0
    strikes: tuple[Strike, ...] = ()
    seed: int = 1
    entries: list[Entry] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def ends_s(self) -> float:
        """When traffic ends."""
        return STEADY_S + self.chaos_s + RECOVERY_S

    def of(self, f: str, op_type: OpType | None = None) -> list[Entry]:
        """The entries of that name, in order of time."""
        found = [entry for entry in self.entries if entry.f == f and op_type in {None, entry.type}]
        return sorted(found, key=lambda entry: entry.at_s)

    def history(self) -> History:
        """The run as a history."""
        history = History(self.about, anchor=WallAnchor(WALL_S, BASE_NS))
        for entry in sorted(self.entries, key=lambda entry: entry.at_s):
            history.append(entry.type, entry.f, process=entry.process, value=entry.value,
                           time_ns=BASE_NS + round(entry.at_s * 1e9))  # fmt: skip
        return history

    def store(self, path: Path) -> Path:
        """Writes the run as `scripts/chaos` would; returns the path."""
        self.history().write(path)
        return path

    def note(self, at_s: float, f: str, process: str, value: dict[str, Any]) -> None:
        """Adds an observation."""
        self.entries.append(Entry(at_s, process, OpType.INFO, f, value))


REDIS_STOP = Strike("redis_stop", "redis", STEADY_S + 8.0, 4.0)


def made(
    *,
    chaos_s: float = 24.0,
    rate_per_s: float = 130.0,
    strikes: tuple[Strike, ...] = (REDIS_STOP,),
    seed: int = 1,
) -> Run:
    """A run in which everything went as it should."""
    run = Run(chaos_s, rate_per_s, strikes, seed)
    run.about = _about(run)
    _phases_and_faults(run)
    queues = _requests(run)
    made_s, settled = _publish(run, queues)
    _readings(run, made_s, settled)
    return run


def _about(run: Run) -> dict[str, Any]:
    return {
        "kind": "chaos",
        "suite": {"version": "0", "commit": "0" * 40, "changed": False},
        "contract": contract().digest,
        "seed": run.seed,
        "versions": {"gateway": "embedded gateway host, not Kong", "redis": "7.0.15"},
        "stack": {"kind": "local", "name": "made", "workers": 2, "offered": ["redis_stop"],
                  "lacking": {"gateway_memory": "the local stack has no memory limits"}},
        "configuration": {"routes": list(ROUTES)},
        "schedule": {"seed": run.seed, "duration_s": run.chaos_s, "at_once_max": 1, "calm_s": 5.0,
                     "faults": [{"number": number, "fault": s.fault, "target": s.target,
                                 "at_s": s.at_s - STEADY_S, "lasts_s": s.lasts_s, "parameters": {}}
                                for number, s in enumerate(run.strikes)]},
        "workload": {"rate_per_s": run.rate_per_s, "control_rate_per_s": 10.0, "kinds": {"prompt": 1},
                     "bursts": {"every_s": 0, "count": 0}},
        "bounds": {"steady_s": STEADY_S, "chaos_s": run.chaos_s, "recovery_s": 5.0, "heal_s": 1.0, "settle_s": 5.0},
        "options": {"minutes": run.chaos_s / 60, "faults": [], "mutant": None},
        "replay_of": None,
    }  # fmt: skip


def _phases_and_faults(run: Run) -> None:
    chaos_ends_s = STEADY_S + run.chaos_s
    for phase, at_s in (("steady", 0.0), ("chaos", STEADY_S), ("heal", chaos_ends_s),
                        ("recovery", chaos_ends_s + 0.01), ("final", run.ends_s)):  # fmt: skip
        run.note(at_s, "phase", "engine", {"phase": phase})
    run.note(run.ends_s + 1, "phase", "engine", {"phase": "end", "reason": "complete"})
    run.note(-0.5, "tap", "tap", {"state": "subscribed"})
    for number, strike in enumerate(run.strikes):
        common = {"number": number, "target": strike.target, "parameters": {}}
        end_s = strike.at_s + strike.lasts_s
        for at_s, phase, more in (
            (strike.at_s, "inject", {}),
            (strike.at_s + 0.02, "effective", {"seen": "refused", "after_s": 0.02}),
            (end_s - 0.1, "heal", {}),
            (end_s, "gone", {"seen": "answered", "after_s": 0.1}),
        ):
            run.note(at_s, strike.fault, "nemesis", {**common, "phase": phase, **more})
        if strike.target == "redis":
            run.note(strike.at_s + 0.001, "tap", "tap", {"state": "lost", "error": "ConnectionResetError"})
            run.note(end_s + 0.02, "tap", "tap", {"state": "subscribed"})
        if strike.target in {"redis", "wire"}:
            for worker in (0, 1):
                text = "[aws-masker] could not send events to 127.0.0.1:6379: refused; 3 events wait"
                run.note(strike.at_s + 0.05, "log", "logs", {"component": "gateway", "level": "error",
                         "pid": 100 + worker, "characters": len(text), "text": text})  # fmt: skip


def _requests(run: Run) -> dict[tuple[int, str], list[tuple[float, str, str]]]:
    """Adds requests and controls; per worker and channel, the events to be: (made, type, request id)."""
    chance = random.Random(run.seed)
    queues: dict[tuple[int, str], list[tuple[float, str, str]]] = {}
    for number in range(round(run.rate_per_s * run.ends_s)):
        start_s = number / run.rate_per_s
        route, worker = ROUTES[number % len(ROUTES)], chance.randrange(2)
        took_s = chance.lognormvariate(-6, 0.3)
        request_id = f"{chance.getrandbits(128):032x}"
        process, patterns = f"load/{number}", {"ec2": 1 + number % 3}
        run.entries.append(Entry(start_s, process, OpType.INVOKE, "request", {
            "workload": "chaos", "number": number, "kind": "prompt", "route": route["name"],
            "monitored": route["monitored"], "bytes": 300}))  # fmt: skip
        run.entries.append(Entry(start_s + took_s, process, OpType.OK, "request", {
            "status": 200, "request_id": request_id, "latency_s": took_s, "late_s": 0.0001,
            "first_byte_s": took_s * 0.9, "reply_bytes": 500, "intact": True, "masked": True, "captures": 1,
            "leaks": 0, "foreign": 0, "residual": 0, "patterns": patterns, "sampled": route["monitored"]}))  # fmt: skip
        if route["monitored"]:
            queue = queues.setdefault((worker, route["channel"]), [])
            queue.append((start_s + took_s * 0.3, "data_masked", request_id))
            queue.append((start_s + took_s, "data_unmasked", request_id))
    for number in range(round(10 * run.ends_s)):
        process, start_s = f"control/{number}", number / 10 + 0.05
        run.entries.append(
            Entry(start_s, process, OpType.INVOKE, "control", {"workload": "control", "number": number})
        )
        run.entries.append(
            Entry(start_s + 0.001, process, OpType.OK, "control", {"status": 200, "latency_s": 0.001})
        )
    return queues


def _publish(
    run: Run, queues: dict[tuple[int, str], list[tuple[float, str, str]]]
) -> tuple[list[float], dict[str, list[float]]]:
    """Adds messages and events; when events were made, and when they were published or dropped, by fate."""
    outages = sorted((s.at_s, s.at_s + s.lasts_s) for s in run.strikes if s.target in {"redis", "wire"})
    patterns = {e.value["request_id"]: e.value["patterns"] for e in run.of("request", OpType.OK)}
    made_s: list[float] = []
    settled: dict[str, list[float]] = {"published": [], "unconfirmed": []}
    number = 0
    for (worker, channel), waiting in sorted(queues.items()):
        route = next(route for route in ROUTES if route["channel"] == channel)
        size, flush_s = route["batch_size"], 0.9 * route["flush_interval_s"]
        made_s += [at_s for at_s, _, _ in waiting]
        queue = _Queue(worker, channel, size)
        at, last_s, unconfirmed = 0, 0.0, {start for start, _ in outages}
        while at < len(waiting):
            first_s = waiting[at][0]
            batch = [event for event in waiting[at : at + size] if event[0] <= first_s + flush_s]
            ready_s = batch[-1][0] if len(batch) == size else first_s + flush_s
            struck = next(((start, end) for start, end in outages if start <= ready_s < end), None)
            if struck and struck[0] in unconfirmed:  # the message on its way when the fault came
                unconfirmed.discard(struck[0])
                settled["unconfirmed"] += [ready_s] * len(batch)
                at += len(batch)
                continue
            sent_s = last_s = max(struck[1] + 0.3 if struck else ready_s, last_s)
            if sent_s > ready_s and size > 1:
                batch = [event for event in waiting[at : at + size] if event[0] <= sent_s]
            settled["published"] += [sent_s] * len(batch)
            # A backlog leaves in order, a message after the other.
            _receive(run, number, sent_s + 0.001 + number * 1e-7, queue, at, batch, patterns)
            number += 1
            at += len(batch)
    return sorted(made_s), {fate: sorted(times) for fate, times in settled.items()}


@dataclass(frozen=True)
class _Queue:
    """Where events wait: one worker's for one channel."""

    worker: int
    channel: str
    size: int

    @property
    def boot(self) -> str:
        return f"{self.worker}{self.size:015x}"


def _receive(
    run: Run, number: int, at_s: float, queue: _Queue, first: int, batch: list[tuple[float, str, str]],
    patterns: dict[str, dict[str, int]],
) -> None:  # fmt: skip
    worker, channel, size, boot = queue.worker, queue.channel, queue.size, queue.boot
    wrapped = size > 1
    run.note(at_s, "message", "tap", {
        "number": number, "channel": channel, "bytes": 450 * len(batch), "wrapped": wrapped,
        "envelope": {"timestamp": WALL_S + at_s, "event_type": "batch"} if wrapped else None,
        "events": len(batch)})  # fmt: skip
    for position, (made_s, event_type, request_id) in enumerate(batch):
        found = patterns[request_id]
        seq = first + position + 1
        action = "mask" if event_type == "data_masked" else "unmask"
        details = {"action": action, "processing_time_ms": 0.12, "pattern_count": sum(found.values()),
                   "patterns": found, "bytes": 300}  # fmt: skip
        if action == "unmask":
            details |= {"residual": 0, "truncated": False, "status": 200}
        run.note(at_s + position * 1e-9, "event", "tap", {
            "message": number, "position": position, "channel": channel, "event": {
                "event_id": f"{boot}-{seq}", "timestamp": WALL_S + made_s, "event_type": event_type,
                "request_id": request_id, "service": "llm", "route": channel, "details": details,
                "source": {"node": "8f3c", "worker": worker, "boot": boot, "seq": seq}}})  # fmt: skip


def _readings(run: Run, made_s: list[float], settled: dict[str, list[float]]) -> None:
    chance = random.Random(run.seed + 1)

    def ledger(at_s: float) -> dict[str, Any]:
        sampled = bisect_right(made_s, at_s)
        published, lost = (bisect_right(settled[fate], at_s) for fate in ("published", "unconfirmed"))
        counters = {"requests": sampled // 2, "events.sampled": sampled, "events.published": published,
                    "events.dropped.unconfirmed": lost, "events.dropped.queue_full": 0}  # fmt: skip
        waiting = sampled - published - lost
        workers = [{"worker": w, "pid": 100 + w, "boot": "w", "waiting": waiting // 2, "at": WALL_S + at_s,
                    "lua_heap_floor_kb": 900 + chance.random() * 200, "timers_pending": 2, "timers_running": 0}
                   for w in (0, 1)]  # fmt: skip
        return {"since": WALL_S - 9, "counters": counters, "waiting": waiting, "workers": workers}

    run.note(-0.1, "ledger", "ledger", {"ledger": ledger(-0.1), "point": "begin"})
    for second in range(round(run.ends_s)):
        at_s = second + 0.5
        redis_down = any(s.target == "redis" and s.at_s <= at_s <= s.at_s + s.lasts_s for s in run.strikes)
        run.note(at_s, "ledger", "ledger", {"ledger": ledger(at_s)})
        run.note(at_s, "offered", "load", {"planned": run.rate_per_s, "sent": run.rate_per_s, "unsent": 0,
                                           "late_p99_s": 0.001})  # fmt: skip
        run.note(at_s, "redis", "redis-info", {"error": "ConnectionError"} if redis_down else {
            "connections_received": 9, "publishers": 2, "used_memory_bytes": 1_000_000, "clients": 5})  # fmt: skip
        for component, role, pid, rss in (("gateway", "master", 99, 9), ("gateway", "worker", 100, 60),
                                          ("gateway", "worker", 101, 60), ("redis", "main", 90, 8),
                                          ("backend", "main", 95, 70), ("suite", "main", 1, 150)):  # fmt: skip
            run.note(at_s, "figures", "figures", {
                "component": component, "pid": pid, "role": role, "cpu_s": at_s * 0.05, "handles": 20, "threads": 1,
                "rss_bytes": round((rss + chance.random()) * 1_048_576)})  # fmt: skip
        if second % 5 == 0:
            run.note(at_s, "backend", "backend", _backend(subscribed=not redis_down))
    run.note(run.ends_s + 0.5, "ledger", "ledger", {"ledger": ledger(run.ends_s + 0.5), "point": "final"})
    run.note(run.ends_s + 0.6, "backend", "backend", _backend(subscribed=True))
    for sink in ("upstream captures", "messages", "logs", "ledger", "backend"):
        run.note(
            run.ends_s + 0.7,
            "leak",
            "leak-guard",
            {"sink": sink, "bytes": 10_000, "found": 0, "examples": []},
        )


def _backend(*, subscribed: bool) -> dict[str, Any]:
    status = "ok" if subscribed else "degraded"
    return {
        "health": {"status": status, "redis": {"subscribed": subscribed}},
        "stats": {"events": {"lost": 0}},
    }
