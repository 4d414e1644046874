"""The wire form of an event and of a batch (contract E3, B2), as the backend accepts them."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

EVENTS_PER_BATCH_MAX: Final = 100
"""The largest `event_batch_size` that the plugin's schema allows."""

SEQ_MAX: Final = 2**53
"""The largest integer that the plugin's number type counts without a hole."""

REQUEST_ID_PATTERN: Final = r"^[0-9a-f]{32}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
"""The gateway's own id: 32 hex digits, or the same as a UUID. Nothing else gets into a log this way."""

EventType = Literal["data_masked", "data_unmasked"]
Count = Annotated[int, Field(ge=0)]
Milliseconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Wire(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class Source(_Wire):
    """Who counted the event: `seq` is 1, 2, 3 … without a gap per (`node`, `worker`, `boot`)."""

    node: Annotated[str, Field(min_length=1, max_length=255)]
    worker: Count
    boot: Annotated[str, Field(min_length=1, max_length=128)]
    seq: Annotated[int, Field(ge=1, le=SEQ_MAX)]


class Details(_Wire):
    """What was done to one body; `patterns` counts replaced spans per kind of identifier."""

    action: Literal["mask", "unmask"]
    processing_time_ms: Milliseconds
    pattern_count: Count
    patterns: dict[str, Count]
    bytes: Count
    residual: Count | None = None
    truncated: bool | None = None
    skipped: Literal["too_large", "encoding"] | None = None
    status: Annotated[int, Field(ge=100, le=599)] | None = None


class Event(_Wire):
    """One event as the plugin publishes it; `timestamp` is in seconds since the epoch."""

    event_id: Annotated[str, Field(min_length=1, max_length=255)]
    timestamp: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    event_type: EventType
    request_id: Annotated[str, Field(pattern=REQUEST_ID_PATTERN)]
    service: Annotated[str, Field(max_length=1024)] | None = None
    route: Annotated[str, Field(max_length=1024)] | None = None
    details: Details
    source: Source


class Batch(_Wire):
    """Several events in one message; each is validated on its own, so that a bad one costs only itself."""

    timestamp: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    event_type: Literal["batch"]
    events: Annotated[list[Any], Field(min_length=1, max_length=EVENTS_PER_BATCH_MAX)]
