"""The documented routes with their events on the documented channel, and what the backend makes of them."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import redis

from fixtures.checkers import availability
from fixtures.checkers.received import received_events
from fixtures.clients.backend import BackendClient
from fixtures.gateway_config import MaskerConfig, standard_config
from fixtures.lab.prompts import conversation, to_bytes
from fixtures.observers.logs import LogMark, Logs
from fixtures.observers.redis_info import SUITE_CLIENT
from fixtures.promises import promised
from fixtures.wait import eventually
from fixtures.workload.burst import burst
from fixtures.workload.sender import Request
from tests.administration.quiet import settled

if TYPE_CHECKING:
    from fixtures.checkers.received import ReceivedEvent
    from fixtures.clients.ledger import Ledger
    from fixtures.history import History
    from fixtures.lab.lab import Lab
    from system.backend.protocol import Stats

CHANNEL = MaskerConfig.redis_event_channel
MASKED_PATHS = ("/analyze-claude", "/v1/messages", "/test/large-response")
FENCE = b"not an event: a fence of the tests"
# Lines written or held back follow within a second (docs/backend.md); the rest is for a busy machine.
SOON_S = 10.0


@dataclass(frozen=True)
class Change:
    """What the backend has counted between two moments; fences are taken off."""

    before: Stats
    after: Stats
    fences: int

    @property
    def messages(self) -> dict[str, int]:
        """Messages by form, without those that no one sent."""
        counts = self._grown("messages")
        counts["malformed"] -= self.fences
        counts["received"] -= self.fences
        return {name: count for name, count in counts.items() if count}

    @property
    def by_type(self) -> dict[str, int]:
        """Events by type."""
        before, after = self.before.events.by_type, self.after.events.by_type
        return {name: grown for name, count in after.items() if (grown := count - before.get(name, 0))}

    @property
    def lost(self) -> int:
        """Numbers that did not come."""
        return self.after.events.lost - self.before.events.lost

    @property
    def lines(self) -> tuple[int, int]:
        """Event lines written, and held back."""
        grown = self._grown("log")
        return grown["written"], grown["rate_limited"]

    def _grown(self, group: str) -> dict[str, int]:
        before, after = (getattr(stats, group).model_dump() for stats in (self.before, self.after))
        return {name: after[name] - before[name] for name in after}


class Chain:
    """One stack's whole chain from entry to exit: the standard routes report, and the backend is read.

    Args:
        lab: Its own routes come back at the end.
        masker: Fields of `MaskerConfig` for the standard routes; they report every request unless told otherwise.
    """

    def __init__(self, lab: Lab, **masker: Any) -> None:
        self.lab = lab
        reporting = {"enable_event_monitoring": True, "event_flush_interval": 0.1, **masker}
        self._config = standard_config(lab.stack.addresses, MaskerConfig(**reporting))
        self._logs = Logs(lab.stack.logs)
        self._fences = 0

    def __enter__(self) -> Self:
        addresses = self.lab.stack.addresses
        with ExitStack() as opened:
            self._backend = opened.enter_context(BackendClient(addresses.backend_url))
            self._publisher = redis.Redis(
                host=addresses.redis_host,
                port=addresses.redis_port,
                client_name=SUITE_CLIENT,
                **addresses.redis_login,
            )
            opened.callback(self._publisher.close)
            opened.callback(self.lab.apply)
            self.lab.admin.apply(self._config, addresses.gateway_url)
            self.until_read()
            self.until_held_back_is_told()
            self._stats, self._ledger, self._fences = self._backend.stats(), self.lab.ledger(), 0
            self._already, self._mark = len(self.lab.history), self._logs.mark()
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._opened.close()

    @property
    def backend(self) -> BackendClient:
        """The backend's client."""
        return self._backend

    @property
    def history(self) -> History:
        """What was observed since the beginning."""
        return self.lab.history.after(self._already - 1)

    @property
    def events(self) -> list[ReceivedEvent]:
        """What the tap has received since on the documented channel, in order."""
        return received_events(self.history, channel=CHANNEL)

    def ledger_change(self) -> dict[str, int]:
        """By how much the plugin's counters grew."""
        now: Ledger = self.lab.ledger()
        return now.change_since(self._ledger)

    def send_many(self, *, at_once: int, rounds: int = 1) -> None:
        """Prompts with an identifier of their own, in turn to all masked routes."""

        def build(number: int) -> Request:
            body = to_bytes(conversation(f"look at {self.lab.canary().text} please"))
            return Request(MASKED_PATHS[number % len(MASKED_PATHS)], body)

        burst(
            self.lab.history,
            base_url=self.lab.stack.addresses.gateway_url,
            build=build,
            count=at_once,
            rounds=rounds,
        )
        self.lab.require(availability.check(self.history, at_least=at_once * rounds))

    def finish(self) -> Change:
        """What the backend has counted since the beginning, when everything published has been read by it."""
        settled(self.lab, self._config)
        self.until_read()
        return Change(self._stats, self._backend.stats(), self._fences)

    def until_read(self) -> None:
        """Returns when the backend has read everything that was published before.

        The fence is a message that is no event: Redis delivers in order, and the backend counts what it cannot read.
        """
        read = self._backend.stats().messages.malformed
        self.publish(FENCE)
        self._fences += 1
        eventually(
            lambda: self._backend.stats().messages.malformed > read,
            timeout_s=SOON_S,
            what="the backend to have read the fence",
        )

    def publish(self, message: bytes) -> None:
        """Publishes anything on the channel of the events."""
        self._publisher.publish(CHANNEL, message)

    def lines(self) -> list[str]:
        """What the backend has logged since the beginning."""
        return self._logs.lines_since(self._mark, "backend")

    def until_held_back_is_told(self) -> None:
        """Returns when the backend's log tells of every event line that was held back, exactly."""
        with promised("lines that were held back are not told of"):
            eventually(
                lambda: self._held_back_told() == self._backend.stats().log.rate_limited,
                timeout_s=SOON_S,
                what="the lines that count what was held back to tell of all of it",
            )

    def _held_back_told(self) -> int:
        """Sum of the counts in the whole log, as JSON or as logfmt."""
        lines = self._logs.lines_since(LogMark({}), "backend", containing="event lines held back")
        return sum(int(found[1]) for line in lines if (found := re.search(r'\bcount(?:=|": )(\d+)', line)))
