"""Which configuration may have governed a request, and whether what it did fits exactly one of them (A1, A2).

A configuration reigns alone from the moment at which every worker serves it until the next one is posted. Between,
old and new both serve: a request of that time may follow either, but must follow one of them wholly.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixtures.checkers.base import Figure, Verdict, conclude, none_expected, unknown
from fixtures.checkers.received import MASKED, UNMASKED
from fixtures.sampling import is_sampled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fixtures.gateway_config import MaskerConfig
    from fixtures.history import History, Pair

NAME = "one configuration per request"


@dataclass(frozen=True, kw_only=True)
class Reign:
    """A configuration and when it was in force; times are monotonic nanoseconds.

    Attributes:
        name: For figures and examples.
        masker: The plugin's configuration.
        posted_ns: Just before it was posted: no request follows it earlier.
        alone_ns: When every worker served it.
        gone_ns: When every worker served the next one: no request that begins later follows it.
    """

    name: str
    masker: MaskerConfig
    posted_ns: float
    alone_ns: float
    gone_ns: float = math.inf


@dataclass(frozen=True)
class Carried:
    """How an event arrived.

    Attributes:
        event_type: `data_masked` or `data_unmasked`.
        channel: Where.
        wrapped: Whether its message was a batch.
        beside: How many events its message had.
        patterns: Counts by kind of identifier.
    """

    event_type: str
    channel: str
    wrapped: bool
    beside: int
    patterns: Mapping[str, int]


def check(history: History, reigns: Sequence[Reign], *, alone_min: int) -> Verdict:
    """Judges every answered request of a history.

    Args:
        history: With `request` pairs, and `message` and `event` entries, fenced.
        reigns: In order of time.
        alone_min: Requests that each configuration must have governed alone; fewer prove nothing about it.
    """
    events = carried_events(history)
    alone = dict.fromkeys((reign.name for reign in reigns), 0)
    mixed, between, told = [], 0, 0
    for pair in history.pairs("request"):
        if pair.completion is None or not pair.completion.value.get("request_id"):
            continue
        request_id = pair.completion.value["request_id"]
        candidates = governing(pair, reigns)
        if len(candidates) == 1:
            alone[candidates[0].name] += 1
        else:
            between += 1
        seen = events.get(request_id, [])
        told += len(seen)
        if not any(fits(request_id, seen, reign.masker) for reign in candidates):
            names = " or ".join(reign.name for reign in candidates)
            mixed.append(f"request {request_id} under {names}: {[str(event) for event in seen]}")
    measured = [
        *(Figure(f"requests under '{name}' alone", count) for name, count in alone.items()),
        Figure("requests while two configurations served", between),
        Figure("events", told),
        none_expected("requests that fit no single configuration", len(mixed)),
    ]
    if rare := [name for name, count in alone.items() if count < alone_min]:
        return unknown(NAME, f"fewer than {alone_min} requests under {', '.join(rare)}", measured)
    return conclude(NAME, measured, mixed)


def governing(pair: Pair, reigns: Sequence[Reign]) -> list[Reign]:
    """The configurations that a completed request may have followed: those in force during any part of it."""
    assert pair.completion is not None
    begun_ns, done_ns = pair.invoke.time_ns, pair.completion.time_ns
    return [reign for reign in reigns if begun_ns <= reign.gone_ns and done_ns >= reign.posted_ns]


def fits(request_id: str, seen: Sequence[Carried], masker: MaskerConfig) -> bool:
    """Whether the events of a request are those that a configuration asks for, wholly."""
    if not masker.enable_event_monitoring or not is_sampled(request_id, masker.event_sampling_rate):
        return not seen
    return sorted(event.event_type for event in seen) == [MASKED, UNMASKED] and all(
        event.channel == masker.redis_event_channel
        and event.wrapped == (masker.event_batch_size > 1)
        and event.beside <= masker.event_batch_size
        for event in seen
    )


def carried_events(history: History) -> dict[str, list[Carried]]:
    """The events of each request, by request id."""
    messages = {op.value["number"]: op.value for op in history.ops(f="message")}
    found: defaultdict[str, list[Carried]] = defaultdict(list)
    for op in history.ops(f="event"):
        event, message = op.value["event"], messages[op.value["message"]]
        carried = Carried(
            event_type=event["event_type"],
            channel=op.value["channel"],
            wrapped=message["wrapped"],
            beside=message["events"],
            patterns=event["details"]["patterns"],
        )
        found[event["request_id"]].append(carried)
    return found
