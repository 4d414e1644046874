"""Run the emulator: ``python -m system.upstream [--host HOST] [--port PORT]``.

Settings come from the environment (`Settings`, prefix ``UPSTREAM_``); the two options outrank it. The first
line on stdout is the port that is listened on. Logs go to stderr, a JSON object per line, and never hold
what a request said. SIGTERM and SIGINT end it with exit code 0; an address that is taken, with 1; a bad
setting, with 2.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
import sys

import structlog
import uvloop
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from system.upstream.captures import CAPTURE_BYTES_DEFAULT
from system.upstream.server import Emulator

_log = structlog.get_logger()


class Settings(BaseSettings):
    """What the environment says, with the prefix ``UPSTREAM_``."""

    model_config = SettingsConfigDict(env_prefix="UPSTREAM_")

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    """0: a free one."""
    capture_bytes: int = Field(default=CAPTURE_BYTES_DEFAULT, ge=0)
    require_key: bool = False


async def serve(settings: Settings) -> None:
    """Serve until a signal comes.

    Raises:
        OSError: The address cannot be listened on.
    """
    emulator = Emulator(capture_bytes=settings.capture_bytes, require_key=settings.require_key)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    # What the imports left is never garbage: walking it stopped all answers for 30 to 150 ms, after some 800 requests.
    gc.collect()
    gc.freeze()
    port = await emulator.start(settings.host, settings.port)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    _log.info("started", host=settings.host, port=port)
    await ended.wait()
    emulator.stop()
    _log.info("stopped")


def main() -> int:
    """Read the settings, serve, and return the exit code."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    parser = argparse.ArgumentParser(prog="python -m system.upstream", description="Messages API emulator")
    parser.add_argument("--host", help="address to listen on, default UPSTREAM_HOST or 127.0.0.1")
    parser.add_argument("--port", help="port to listen on, 0 for a free one, default UPSTREAM_PORT or 8080")
    options = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    try:
        settings = Settings(**options)
    except ValidationError as error:
        first = error.errors()[0]
        name = f"UPSTREAM_{first['loc'][0]}".upper()
        sys.stderr.write(f"upstream: {name}={first['input']!r}: {first['msg']}\n")
        return 2
    try:
        uvloop.run(serve(settings))
    except OSError as error:
        # The loop puts a sentence of its own before the reason; errors of name resolution are below 0.
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        sys.stderr.write(f"upstream: cannot listen on {settings.host}:{settings.port}: {reason}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
