"""The HTTP side: endpoints, nothing else."""

import time
from typing import Annotated, Final

from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response

from system.backend.analyze import GatewayClient, GatewayError
from system.backend.intake import Intake
from system.backend.protocol import (
    EventCounts,
    GapFound,
    Health,
    LogCounts,
    MessageCounts,
    RecentEvents,
    RedisHealth,
    SourceCounts,
    Stats,
    SubscriptionCounts,
)
from system.backend.sequence import Arrival
from system.backend.subscription import SubscriptionState

REQUEST_BYTES_MAX: Final = 33_554_432
"""The default `max_request_size` of the plugin: a larger body would be refused by the gateway anyway."""


class Backend:
    """What the endpoints look at."""

    def __init__(self, intake: Intake, state: SubscriptionState, gateway: GatewayClient) -> None:
        self.intake = intake
        self.state = state
        self.gateway = gateway
        self.stopping = False
        self.since = time.time()
        self._begun_at = time.monotonic()

    def health(self) -> Health:
        """The truth at this moment."""
        state = self.state
        subscribed = state.subscribed
        healthy = subscribed or not state.enabled
        return Health(
            status="stopping" if self.stopping else "ok" if healthy else "degraded",
            uptime_s=time.monotonic() - self._begun_at,
            redis=RedisHealth(
                enabled=state.enabled,
                subscribed=subscribed,
                silence_s=state.silence_s,
                heartbeat_s=state.heartbeat_s,
                last_error=state.last_error,
            ),
        )

    def stats(self) -> Stats:
        """All counts."""
        counters, sources, state, log = (
            self.intake.counters,
            self.intake.sources,
            self.state,
            self.intake.event_log,
        )
        return Stats(
            since=self.since,
            messages=MessageCounts(
                received=counters.messages,
                single=counters.single,
                batch=counters.batch,
                malformed=counters.malformed_messages,
                oversized=counters.oversized,
            ),
            events=EventCounts(
                received=counters.events,
                by_type=dict(counters.by_type),
                malformed=counters.malformed_events,
                duplicated=counters.arrivals[Arrival.DUPLICATED],
                late=counters.arrivals[Arrival.LATE],
                unplaced=counters.arrivals[Arrival.UNPLACED],
                lost=sources.lost,
                lost_before_first=sources.lost_before_first,
            ),
            log=LogCounts(written=log.written, rate_limited=log.rate_limited),
            sources=SourceCounts(tracked=len(sources), evicted=sources.evicted),
            recent_gaps=[
                GapFound(
                    source=found.source, first=found.gap.first, last=found.gap.last, found_at=found.found_at
                )
                for found in sources.recent_gaps
            ],
            subscription=SubscriptionCounts(
                subscribed=state.subscribed,
                confirmations=state.confirmations,
                reconnects=state.reconnects,
                failed_attempts=state.failed_attempts,
                last_error=state.last_error,
                last_error_at=state.last_error_at,
            ),
        )


def _refusal(status: int, kind: str, message: str) -> Response:
    return JSONResponse({"error": {"type": kind, "message": message}}, status_code=status)


async def _bounded_body(request: Request) -> bytes | None:
    """Read the request's body, or None as soon as it is too large."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > REQUEST_BYTES_MAX:
            return None
    return bytes(body)


def create_app(backend: Backend) -> FastAPI:
    """Build the application around what it shows."""
    app = FastAPI(title="aws-masker backend", openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/health")
    async def health() -> Health:
        """200 as long as it serves; the body says whether events arrive."""
        return backend.health()

    @app.get("/stats")
    async def stats() -> Stats:
        return backend.stats()

    @app.get("/events/recent")
    async def recent(limit: Annotated[int, Query(ge=1)] = 100) -> RecentEvents:
        return RecentEvents(events=list(backend.intake.recent)[-limit:])

    @app.post("/analyze")
    async def analyze(request: Request) -> Response:
        body = await _bounded_body(request)
        if body is None:
            return _refusal(413, "request_too_large", f"the body exceeds {REQUEST_BYTES_MAX} bytes")
        try:
            answer = await backend.gateway.analyze(request.headers, body)
        except GatewayError as error:
            return _refusal(error.status, error.kind, str(error))
        return Response(answer.body, answer.status, headers=dict(answer.headers))

    return app
