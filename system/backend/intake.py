"""What happens to a message: read, counted, remembered, logged."""

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any, Final

from structlog.types import FilteringBoundLogger

from system.backend.event_log import EventLog
from system.backend.messages import MalformedMessageError, parse_message
from system.backend.models import Event
from system.backend.resp import Oversized
from system.backend.sanitized import sanitized
from system.backend.sequence import Arrival, SourceKey, Sources

SKIP_LINE_INTERVAL_S: Final = 10.0
"""A skipped message is logged at most this often; all are counted."""


@dataclass
class Counters:
    """Plain counts since the start. Every message is exactly one of single, batch, malformed, oversized."""

    messages: int = 0
    single: int = 0
    batch: int = 0
    malformed_messages: int = 0
    oversized: int = 0
    events: int = 0
    malformed_events: int = 0
    by_type: Counter[str] = field(default_factory=Counter)
    arrivals: Counter[Arrival] = field(default_factory=Counter)


class Intake:
    """Takes messages one after another.

    Args:
        recent_max: Events that `recent` keeps.
        event_log: Gets every event that is not a duplicate.
        logger: Gets a line for skipped messages, at most one per `SKIP_LINE_INTERVAL_S`.
    """

    def __init__(self, *, recent_max: int, event_log: EventLog, logger: FilteringBoundLogger) -> None:
        self.counters = Counters()
        self.sources = Sources()
        self.recent: deque[dict[str, Any]] = deque(maxlen=recent_max)
        self.event_log = event_log
        self._logger = logger
        self._next_skip_line_at = 0.0

    def take(self, payload: bytes | Oversized) -> None:
        """Account for one message of the channel; never raises for what it contains."""
        self.counters.messages += 1
        if isinstance(payload, Oversized):
            self.counters.oversized += 1
            self._skipped("oversized", f"{payload.length} bytes")
            return
        try:
            message = parse_message(payload)
        except MalformedMessageError as error:
            self.counters.malformed_messages += 1
            self._skipped("malformed", str(error))
            return
        if message.form == "single":
            self.counters.single += 1
        else:
            self.counters.batch += 1
        for event in message.events:
            self._take_event(event)
        self.counters.malformed_events += len(message.malformed)
        if message.malformed:
            self._skipped("malformed event in a batch", message.malformed[0])

    def _take_event(self, event: Event) -> None:
        self.counters.events += 1
        source = event.source
        arrival = self.sources.observe(SourceKey(source.node, source.worker, source.boot), source.seq)
        self.counters.arrivals[arrival] += 1
        if arrival is Arrival.DUPLICATED:
            return
        self.counters.by_type[event.event_type] += 1
        self.recent.append(sanitized(event))
        self.event_log.write(event)

    def _skipped(self, cause: str, why: str) -> None:
        now = time.monotonic()
        if now < self._next_skip_line_at:
            return
        self._next_skip_line_at = now + SKIP_LINE_INTERVAL_S
        counters = self.counters
        self._logger.warning(
            "message skipped",
            cause=cause,
            why=why,
            malformed_messages=counters.malformed_messages,
            malformed_events=counters.malformed_events,
            oversized=counters.oversized,
        )
