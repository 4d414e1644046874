"""What is known about the subscription at this moment."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class ErrorKind(StrEnum):
    """Why there is no subscription; what an operator would have to look at."""

    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    NAME_UNKNOWN = "name_unknown"
    TIMEOUT = "timeout"
    AUTH_FAILED = "auth_failed"
    NOT_PERMITTED = "not_permitted"
    LOADING = "loading"
    MAX_CLIENTS = "max_clients"
    CONNECTION_LOST = "connection_lost"
    SILENT = "silent"
    PROTOCOL = "protocol"


@dataclass
class SubscriptionState:
    """Written by the subscriber, read by the endpoints.

    Args:
        enabled: Whether a subscription is wanted at all.
        heartbeat_s: A confirmed subscription on which nothing came for so long is not believed any more.
        clock: Seconds, never running backwards.
    """

    enabled: bool
    heartbeat_s: float
    clock: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time
    confirmed: bool = False
    confirmations: int = 0
    failed_attempts: int = 0
    last_error: ErrorKind | None = None
    last_error_at: float | None = None
    _heard_at: float | None = field(default=None, repr=False)

    def heard(self) -> None:
        """Bytes came from Redis."""
        self._heard_at = self.clock()

    def confirm(self) -> None:
        """Redis said that the subscription stands."""
        self.confirmed = True
        self.confirmations += 1
        self.heard()

    def end(self) -> None:
        """There is no subscription any more, whatever the reason."""
        self.confirmed = False

    def fail(self, kind: ErrorKind) -> None:
        """A connection was lost or could not be made."""
        self.confirmed = False
        self.failed_attempts += 1
        self.last_error = kind
        self.last_error_at = self.wall_clock()

    @property
    def silence_s(self) -> float | None:
        """Seconds since bytes last came from Redis; None if none ever did."""
        return None if self._heard_at is None else self.clock() - self._heard_at

    @property
    def subscribed(self) -> bool:
        """Confirmed, and heard within the heartbeat bound; true at the moment of asking."""
        silence_s = self.silence_s
        return self.confirmed and silence_s is not None and silence_s < self.heartbeat_s

    @property
    def reconnects(self) -> int:
        """Confirmed subscriptions after the first."""
        return max(0, self.confirmations - 1)
