"""Puts the parts together, serves, and stops in order."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Generator
from typing import Final

import uvicorn
from structlog.types import FilteringBoundLogger

from system.backend.analyze import GatewayClient
from system.backend.app import Backend, create_app
from system.backend.event_log import EventLog
from system.backend.intake import Intake
from system.backend.logs import LEVELS, configure_logs
from system.backend.settings import Settings
from system.backend.subscriber import Subscriber
from system.backend.subscription import SubscriptionState

HTTP_STOP_TIMEOUT_S: Final = 1
"""How long requests in progress may take to finish on a stop. With the 2 s for unsubscribing: below 5 s."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handling: signals are ours, so that the subscription ends first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is started.

    Raises:
        OSError: The port is taken, or the address is none of this machine's.
    """
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def _build(settings: Settings, logger: FilteringBoundLogger) -> Backend:
    event_log = EventLog(
        limit=settings.event_log_rate_limit,
        production=settings.node_env == "production",
        enabled=LEVELS[settings.log_level] <= LEVELS["info"],
        stream=sys.stdout,
        logger=logger,
    )
    intake = Intake(recent_max=settings.recent_events, event_log=event_log, logger=logger)
    state = SubscriptionState(enabled=settings.enable_redis_events, heartbeat_s=settings.redis_heartbeat_s)
    return Backend(intake, state, GatewayClient(str(settings.gateway_url), settings.gateway_timeout_s))


async def serve(settings: Settings, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is held.

    Order of the stop: unsubscribe and take what Redis had sent; finish requests in progress; close.
    """
    logger = configure_logs(settings.node_env, settings.log_level)
    backend = _build(settings, logger)
    subscriber = Subscriber(settings, backend.state, backend.intake.take, logger)
    config = uvicorn.Config(
        create_app(backend),
        log_config=None,
        access_log=False,
        lifespan="off",
        http="httptools",
        ws="none",
        timeout_graceful_shutdown=HTTP_STOP_TIMEOUT_S,
    )
    server = _Server(config)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    if settings.enable_redis_events:
        subscriber.start()
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    stopped = asyncio.create_task(stop.wait(), name="stop")
    host, port = listener.getsockname()[:2]
    logger.info("serving", host=host, port=port, redis_events=settings.enable_redis_events)
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    backend.stopping = True
    await subscriber.stop()
    backend.intake.event_log.close()
    server.should_exit = True
    await serving
    await backend.gateway.close()
    counters = backend.intake.counters
    logger.info(
        "stopped", messages=counters.messages, events=counters.events, lost=backend.intake.sources.lost
    )
