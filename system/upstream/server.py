"""The emulator: what comes in is captured and answered, or belongs to the control side."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING

import structlog

from system.upstream.answers import compose
from system.upstream.api_errors import ApiError
from system.upstream.captures import CaptureLog, script_of
from system.upstream.control import Control
from system.upstream.delivery import Delivery, is_plain
from system.upstream.http1 import Connection
from system.upstream.protocol import CONTROL_PREFIX, DEFAULT_SCRIPT_ID, SCRIPT_HEADER, Script
from system.upstream.script import ScriptBook

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from system.upstream.http1 import Request

_log = structlog.get_logger()
_DEFAULT_SCRIPT = Script()


class Emulator:
    """One emulator; serves any number of connections.

    Args:
        capture_bytes: Bound of what is captured, see `CaptureLog`.
        require_key: Whether requests under ``/v1/`` need an ``x-api-key``.
    """

    def __init__(self, *, capture_bytes: int, require_key: bool) -> None:
        self._scripts = ScriptBook()
        self._captures = CaptureLog(capture_bytes)
        self._control = Control(self._scripts, self._captures)
        self._require_key = require_key
        self._connections: set[Connection] = set()
        self._numbers = count(1)
        self._server: asyncio.Server

    async def start(self, host: str, port: int) -> int:
        """Listen; return the port, which the kernel chose if ``port`` is 0.

        Raises:
            OSError: The address cannot be listened on.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(next(self._numbers), self), host, port, backlog=4096
        )
        chosen: int = self._server.sockets[0].getsockname()[1]
        return chosen

    def stop(self) -> None:
        """Stop listening and end every connection, whatever it was doing."""
        self._server.close()
        for connection in tuple(self._connections):
            connection.reset()

    # the connections' side

    def opened(self, connection: Connection) -> None:
        """Take note of a new connection."""
        self._connections.add(connection)

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        self._connections.discard(connection)

    def received(self, request: Request) -> None:
        """Capture a request, unless it is for the control side."""
        if not _is_control(request):
            self._captures.add(request)

    def respond(self, request: Request, connection: Connection) -> Coroutine[None, None, None] | None:
        """Answer a request; see `http1.Service`."""
        if not request.complete:
            _log.warning("request_not_understood", connection=request.connection)
            error = ApiError("invalid_request_error", "the request is not well-formed HTTP/1.1")
            Delivery.of(connection, request, error.response(), None).send_at_once()
            return None
        if _is_control(request):
            response = self._control.respond(request, connections_open=len(self._connections))
            Delivery.of(connection, request, response, None).send_at_once()
            return None
        return self._answer(request, connection)

    def _answer(self, request: Request, connection: Connection) -> Coroutine[None, None, None] | None:
        script_id = script_of(request)
        entry = self._scripts.get(DEFAULT_SCRIPT_ID if script_id is None else script_id)
        if script_id is not None and entry is None:
            _log.warning("script_unknown", script=script_id)
            message = f"{SCRIPT_HEADER} names the script {script_id!r}, which nobody put"
            Delivery.of(connection, request, ApiError("api_error", message).response(), None).send_at_once()
            return None
        script = _DEFAULT_SCRIPT if entry is None else entry.script
        response = compose(request, script, require_key=self._require_key)
        delivery = Delivery.of(connection, request, response, script.framing)
        if entry is not None:
            entry.requests += 1
            if not is_plain(entry):
                return delivery.send_as_scripted(entry)
        delivery.send_at_once()
        return None


def _is_control(request: Request) -> bool:
    return request.target.startswith(CONTROL_PREFIX.encode())
