"""An upstream that answers with any bytes, HTTP or not, and hangs up."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fixtures.stack.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator

_READ_BYTES = 1 << 16


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Serves while the block runs.

    Args:
        answer: Sent once the request's head has arrived.

    Yields:
        The URL to reach it at.
    """

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            received = b""
            while b"\r\n\r\n" not in received:
                if not (piece := self.request.recv(_READ_BYTES)):
                    return
                received += piece
            self.request.sendall(answer)

    with socketserver.ThreadingTCPServer((HOST, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
