"""What the endpoints answer: the backend's wire protocol towards its clients."""

from typing import Any, Literal

from pydantic import BaseModel


class RedisHealth(BaseModel):
    """The subscription at the moment of asking.

    Attributes:
        enabled: False: `ENABLE_REDIS_EVENTS=false`, there is no connection to Redis.
        subscribed: Redis confirmed the subscription, and was heard within `heartbeat_s`.
        silence_s: Seconds since Redis was last heard; None before the first time.
        heartbeat_s: The bound within which a dead connection is found.
        last_error: Kind of the last failure, also when it is over.
    """

    enabled: bool
    subscribed: bool
    silence_s: float | None
    heartbeat_s: float
    last_error: str | None


class Health(BaseModel):
    """`ok`, or `degraded` when events are wanted and not subscribed to, or `stopping`."""

    status: Literal["ok", "degraded", "stopping"]
    uptime_s: float
    redis: RedisHealth


class MessageCounts(BaseModel):
    """Messages of the channel: `received` = `single` + `batch` + `malformed` + `oversized`."""

    received: int
    single: int
    batch: int
    malformed: int
    oversized: int


class EventCounts(BaseModel):
    """Events in those messages.

    Attributes:
        received: Valid events, duplicates included.
        by_type: Valid events without duplicates.
        malformed: Invalid events inside batches.
        duplicated: Came before with the same source and number.
        late: Came after a later one and closed a gap.
        unplaced: So late that it can't be told from a duplicate; in `by_type`, still in `lost`.
        lost: Numbers that did not come.
        lost_before_first: The part of `lost` before the first event seen from its source.
    """

    received: int
    by_type: dict[str, int]
    malformed: int
    duplicated: int
    late: int
    unplaced: int
    lost: int
    lost_before_first: int


class LogCounts(BaseModel):
    """Event lines: written, and held back by the limit."""

    written: int
    rate_limited: int


class SourceCounts(BaseModel):
    """Sources (node, worker, boot): followed now, and given up for newer ones."""

    tracked: int
    evicted: int


class GapFound(BaseModel):
    """Numbers `first` to `last` of a source were missing when `last` + 1 came."""

    source: str
    first: int
    last: int
    found_at: float


class SubscriptionCounts(BaseModel):
    """The connection's history; `last_error_at` is in seconds since the epoch."""

    subscribed: bool
    confirmations: int
    reconnects: int
    failed_attempts: int
    last_error: str | None
    last_error_at: float | None


class Stats(BaseModel):
    """Everything counted since `since` (seconds since the epoch)."""

    since: float
    messages: MessageCounts
    events: EventCounts
    log: LogCounts
    sources: SourceCounts
    recent_gaps: list[GapFound]
    subscription: SubscriptionCounts


class RecentEvents(BaseModel):
    """The last events, oldest first, with the fields that may be shown."""

    events: list[dict[str, Any]]
