"""The connection to Redis: subscribes, keeps the subscription alive, and comes back when it breaks.

One connection, no pool and no retries inside redis-py: a retry there would hide the moment at which the
subscription broke. The heartbeat is a PING of our own on the subscribed connection; any byte from Redis
counts as a sign of life, so a long message on a slow line is not taken for silence.
"""

import asyncio
import math
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from redis.asyncio.connection import Connection
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    InvalidResponse,
    MaxConnectionsError,
    NoPermissionError,
    RedisError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from structlog.types import FilteringBoundLogger

from system.backend.backoff import Backoff
from system.backend.resp import BoundedParser, Oversized
from system.backend.settings import Settings
from system.backend.subscription import ErrorKind, SubscriptionState

if TYPE_CHECKING:
    from redis._parsers.base import BaseParser

CONNECT_TIMEOUT_S: Final = 2.0
"""Bounds connecting and each reply of the handshake; with the longest back-off still below 5 s."""

UNSUBSCRIBE_TIMEOUT_S: Final = 2.0
"""How long a stop waits for what Redis sent before it took the UNSUBSCRIBE."""

PINGS_PER_HEARTBEAT: Final = 3
"""Two may be lost in scheduling before the third proves silence."""

SLICE_S: Final = 0.005
"""Messages are handled for so long before other tasks (HTTP, heartbeat) get their turn."""

FAILURE_LINE_INTERVAL_S: Final = 10.0
"""A failure of the same kind is logged at most this often."""

CLIENT_NAME: Final = "aws-masker-backend"


class SilentConnectionError(Exception):
    """Nothing came within the heartbeat bound: the other side is gone without a word."""


def kind_of(error: Exception) -> ErrorKind:  # noqa: PLR0911  # a table of cases reads best as one
    """Classify what ended or prevented a subscription."""
    causes = [error, error.__cause__, error.__context__]
    match error:
        case SilentConnectionError():
            return ErrorKind.SILENT
        case AuthenticationError():
            return ErrorKind.AUTH_FAILED
        case NoPermissionError():
            return ErrorKind.NOT_PERMITTED
        case BusyLoadingError():
            return ErrorKind.LOADING
        case RedisTimeoutError():
            return ErrorKind.TIMEOUT
        case InvalidResponse():
            return ErrorKind.PROTOCOL
        case MaxConnectionsError():
            return ErrorKind.MAX_CLIENTS
    if "max number of clients" in str(error):
        return ErrorKind.MAX_CLIENTS
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return ErrorKind.NAME_UNKNOWN
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return ErrorKind.REFUSED
    if any(isinstance(cause, OSError) and not isinstance(cause, ConnectionError) for cause in causes):
        return ErrorKind.UNREACHABLE
    lost = isinstance(error, OSError | RedisConnectionError)
    return ErrorKind.CONNECTION_LOST if lost else ErrorKind.PROTOCOL


class Subscriber:
    """Keeps one subscription alive until it is stopped.

    Args:
        settings: Where Redis is, the channel, the bounds.
        state: Told of every change.
        take: Called with each message of the channel, in order; must not raise.
        logger: Gets a line when a subscription begins or ends.
    """

    def __init__(
        self,
        settings: Settings,
        state: SubscriptionState,
        take: Callable[[bytes | Oversized], None],
        logger: FilteringBoundLogger,
    ) -> None:
        self._settings = settings
        self._state = state
        self._take = take
        self._logger = logger
        self._channel = settings.redis_event_channel.encode()
        self._backoff = Backoff(settings.redis_backoff_max_s)
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: Connection | None = None
        self._logged_kind: ErrorKind | None = None
        self._next_failure_line_at = 0.0
        self._confirmed_at = math.inf

    def start(self) -> None:
        """Begin in the background; needs a running event loop."""
        self._task = asyncio.create_task(self._run(), name="subscriber")

    async def stop(self) -> None:
        """Unsubscribe, take every message that Redis sent before that, and close.

        Bounded by `UNSUBSCRIBE_TIMEOUT_S`; without a subscription it ends at once.
        """
        if self._task is None:
            return
        self._stopping.set()
        if self._state.confirmed and self._connection is not None:
            with suppress(RedisError, OSError, TimeoutError):
                async with asyncio.timeout(UNSUBSCRIBE_TIMEOUT_S):
                    await self._connection.send_command("UNSUBSCRIBE", self._channel, check_health=False)
                    await asyncio.wait({self._task})
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        while not self._stopping.is_set():
            self._confirmed_at = math.inf
            try:
                await self._session()
            except (RedisError, OSError, SilentConnectionError) as error:
                self._failed(kind_of(error))
            # Only a subscription that lasted starts the waits from the shortest again: a flapping Redis is
            # met with longer pauses, not with a storm.
            if time.monotonic() - self._confirmed_at > self._settings.redis_backoff_max_s:
                self._backoff.reset()
            if not self._stopping.is_set():
                await asyncio.sleep(self._backoff.next_wait_s())

    def _failed(self, kind: ErrorKind) -> None:
        was_confirmed = self._state.confirmed
        self._state.fail(kind)
        now = time.monotonic()
        if was_confirmed or kind is not self._logged_kind or now >= self._next_failure_line_at:
            self._logged_kind = kind
            self._next_failure_line_at = now + FAILURE_LINE_INTERVAL_S
            self._logger.warning(
                "subscription lost" if was_confirmed else "no subscription",
                cause=str(kind),
                failed_attempts=self._state.failed_attempts,
            )

    def _new_connection(self) -> Connection:
        settings = self._settings
        parser = partial(BoundedParser, bulk_bytes_max=settings.event_max_bytes, on_bytes=self._state.heard)
        password = settings.redis_password
        return Connection(
            host=settings.redis_host,
            port=settings.redis_port,
            username=settings.redis_username,
            password=password.get_secret_value() if password else None,
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            socket_timeout=CONNECT_TIMEOUT_S,
            client_name=CLIENT_NAME,
            driver_info=None,
            protocol=2,
            parser_class=cast("type[BaseParser]", parser),  # redis-py only calls it
        )

    async def _session(self) -> None:
        """One connection from beginning to end; returns when a stop was confirmed, else raises."""
        connection = self._connection = self._new_connection()
        tasks: set[asyncio.Task[None]] = set()
        try:
            await connection.connect()  # type: ignore[no-untyped-call]
            await connection.send_command("SUBSCRIBE", self._channel, check_health=False)
            reply = await connection.read_response()
            if not isinstance(reply, list) or reply[0] != b"subscribe":
                raise InvalidResponse("no confirmation of SUBSCRIBE")
            self._state.confirm()
            self._confirmed_at = time.monotonic()
            self._logger.info("subscribed", reconnects=self._state.reconnects)
            tasks = {
                asyncio.create_task(self._read(connection), name="subscriber-read"),
                asyncio.create_task(self._beat(connection), name="subscriber-heartbeat"),
            }
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._connection = None
            with suppress(RedisError, OSError):
                await connection.disconnect(nowait=True)

    async def _read(self, connection: Connection) -> None:
        """Hand on messages until the UNSUBSCRIBE of a stop is confirmed."""
        slice_end = time.monotonic() + SLICE_S
        while True:
            reply = await connection.read_response(timeout=math.inf, disconnect_on_error=False)
            match reply:
                case [b"message", _, payload]:
                    self._take(payload)
                case [b"unsubscribe", *_]:
                    self._state.end()
                    return
            now = time.monotonic()
            if now >= slice_end:
                await asyncio.sleep(0)
                slice_end = time.monotonic() + SLICE_S

    async def _beat(self, connection: Connection) -> None:
        """Ping, and raise `SilentConnectionError` when nothing came within the bound."""
        bound_s = self._settings.redis_heartbeat_s
        interval_s = bound_s / PINGS_PER_HEARTBEAT
        while True:
            await connection.send_command("PING", check_health=False)
            silence_s = self._state.silence_s or 0.0
            wait_s = min(interval_s, max(0.0, bound_s - silence_s)) or interval_s
            due = time.monotonic() + wait_s
            await asyncio.sleep(wait_s)
            # If this process itself stood still, what came meanwhile is not read yet: judge on the next turn.
            if time.monotonic() - due > interval_s:
                continue
            if (self._state.silence_s or 0.0) >= bound_s:
                raise SilentConnectionError
