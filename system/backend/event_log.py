"""The line per event, at most so many per second, and the line that counts the rest."""

import asyncio
from typing import Final, TextIO

from structlog.types import FilteringBoundLogger

from system.backend.models import Event
from system.backend.rate_limit import SlidingWindow
from system.backend.sanitized import sanitized

WINDOW_S: Final = 1.0


class EventLog:
    """Writes events to the log.

    When lines are held back, one further line says how many, at most once per second and at the latest one
    second after the first of them, also when nothing follows.

    Args:
        limit: Event lines at most in any span of one second.
        production: Write `[event_type] request_id - Xms` and nothing more, instead of the sanitized details.
        enabled: False when the log level leaves event lines out; then none is counted as held back either.
        stream: Where production lines go.
        logger: Where development lines and the count of held-back lines go.
    """

    def __init__(
        self, *, limit: int, production: bool, enabled: bool, stream: TextIO, logger: FilteringBoundLogger
    ) -> None:
        self._window = SlidingWindow(limit, window_s=WINDOW_S)
        self._production = production
        self._enabled = enabled
        self._stream = stream
        self._logger = logger
        self._held_back = 0
        self._report_timer: asyncio.TimerHandle | None = None
        self.written = 0
        self.rate_limited = 0

    def write(self, event: Event) -> None:
        """Write the event's line, or count it as held back. Needs a running event loop."""
        if not self._enabled:
            return
        if not self._window.permit():
            self._hold_back()
            return
        self.written += 1
        if self._production:
            elapsed_ms = event.details.processing_time_ms
            self._stream.write(f"[{event.event_type}] {event.request_id} - {elapsed_ms:.3f}ms\n")
            self._stream.flush()
        else:
            shown = sanitized(event)
            shown["event_timestamp"] = shown.pop("timestamp")
            patterns = shown.pop("patterns")
            shown["patterns"] = ",".join(f"{kind}:{count}" for kind, count in sorted(patterns.items()))
            self._logger.info("masking event", **shown)

    def _hold_back(self) -> None:
        self.rate_limited += 1
        self._held_back += 1
        if self._report_timer is None:
            self._report_timer = asyncio.get_running_loop().call_later(WINDOW_S, self._report)

    def _report(self) -> None:
        count, self._held_back, self._report_timer = self._held_back, 0, None
        self._logger.warning("event lines held back", count=count, window_s=WINDOW_S)

    def close(self) -> None:
        """Report what was held back since the last report."""
        if self._report_timer is not None:
            self._report_timer.cancel()
            self._report()
