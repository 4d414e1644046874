"""`python -m system.backend`: exits 0 when stopped, 1 if the port can't be had, 2 for bad settings."""

import asyncio
import os
import sys

import uvloop

from system.backend.server import listen, serve
from system.backend.settings import InvalidSettingsError, load_settings


def main() -> int:
    """Run the backend in the foreground.

    Returns:
        The exit code.
    """
    try:
        settings = load_settings(os.environ)
    except InvalidSettingsError as error:
        for line in error.lines:
            sys.stderr.write(f"backend: {line}\n")
        return 2
    host, port = settings.backend_host, settings.backend_port
    try:
        listener = listen(host, port)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        sys.stderr.write(
            f"backend: can't listen on BACKEND_HOST={host} BACKEND_PORT={port}: {reason}; take a free one\n"
        )
        return 1
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, listener))
    return 0


sys.exit(main())
