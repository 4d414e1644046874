"""Hand-written histories: a few words per entry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fixtures.history import History

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MS = 1_000_000
CHANNEL = "channel"


def request(
    history: History,
    number: int,
    *,
    outcome: str = "ok",
    latency_s: float = 0.002,
    at_ns: int | None = None,
    late_s: float = 0.0,
) -> None:
    """A request that began at `at_ns` (number x 1 ms by default) and ended as `outcome`; `open` never ended."""
    process, start = f"load/{number}", number * MS if at_ns is None else at_ns
    history.invoke("request", process=process, value={"workload": "load", "number": number}, time_ns=start)
    facts: dict[str, Any] = {"late_s": late_s}
    end = start + round(latency_s * 1e9)
    if outcome == "ok":
        history.ok("request", process=process, value={**facts, "latency_s": latency_s}, time_ns=end)
    elif outcome == "fail":
        history.fail("request", process=process, value={**facts, "error": "status 500"}, time_ns=end)
    elif outcome == "info":
        history.info("request", process=process, value={**facts, "error": "TimeoutError"}, time_ns=end)


def requests(latencies_s: Iterable[float]) -> History:
    """Requests that succeeded with these latencies."""
    history = History()
    for number, latency_s in enumerate(latencies_s):
        request(history, number, latency_s=latency_s)
    return history


def event(
    request_id: str,
    event_type: str = "data_masked",
    *,
    seq: int,
    worker: int = 0,
    boot: str = "b0",
    timestamp_s: float = 1000.0,
    event_id: str | None = None,
) -> dict[str, Any]:
    """An event as the plugin would send it."""
    return {
        "event_id": event_id or f"{boot}-{worker}-{seq}",
        "timestamp": timestamp_s,
        "event_type": event_type,
        "request_id": request_id,
        "service": "llm",
        "route": "r",
        "details": {"pattern_count": 0, "patterns": {}, "bytes": 2},
        "source": {"node": "n", "worker": worker, "boot": boot, "seq": seq},
    }


def receive(
    history: History, *events: dict[str, Any], wrapped: bool = False, time_ns: int = 0, channel: str = CHANNEL
) -> None:
    """A message with these events, as the tap records it."""
    number = len(history)
    envelope = {"timestamp": 1000.0, "event_type": "batch"} if wrapped else None
    history.info(
        "message",
        process="tap",
        time_ns=time_ns,
        value={
            "number": number,
            "channel": channel,
            "bytes": len(json.dumps(events)),
            "wrapped": wrapped,
            "envelope": envelope,
            "events": len(events),
        },
    )
    for position, item in enumerate(events):
        where = {"message": number, "position": position, "channel": channel}
        history.info("event", process="tap", time_ns=time_ns, value={**where, "event": item})


def pairs_of(request_ids: Sequence[str], *, worker: int = 0, boot: str = "b0") -> list[dict[str, Any]]:
    """Both events of each request, numbered from 1."""
    made = []
    for at, request_id in enumerate(request_ids):
        for offset, event_type in enumerate(("data_masked", "data_unmasked"), 1):
            made.append(event(request_id, event_type, seq=2 * at + offset, worker=worker, boot=boot))
    return made


def received(events: Iterable[dict[str, Any]]) -> History:
    """A history in which each of these events came in a message of its own."""
    history = History()
    for item in events:
        receive(history, item)
    return history


def ledger(history: History, *, sampled: int, published: int, waiting: int = 0, **dropped: int) -> None:
    """A snapshot of the plugin's counters."""
    counters = {"events.sampled": sampled, "events.published": published}
    counters |= {f"events.dropped.{cause}": count for cause, count in dropped.items()}
    history.info("ledger", process="ledger", value={"ledger": {"counters": counters, "waiting": waiting}})
