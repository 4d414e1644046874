"""A container engine that answers what is asked of its health, until it falls silent."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LABELLED = "c0ffee"
"""Id of the one container that it has."""
NO_SUCH_IMAGE = {"message": "No such image"}
"""What it says of an image that it has not."""


class EngineDouble(ThreadingMixIn, UnixStreamServer):
    """Listens on a socket below a directory.

    It answers until the file `silent` is in the directory; `silent-container` keeps it from answering for its container
    alone, as an engine does whose container is locked, and `silent-registry` from answering a pull. It has the images
    that were pulled.

    Attributes:
        url: As `DOCKER_HOST` takes it.
        asked: Paths of the requests.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, directory: Path) -> None:
        path = directory / "engine.sock"
        super().__init__(str(path), _Handler)
        self.url = f"unix://{path}"
        self.asked: list[str] = []
        self.closing = threading.Event()
        self._directory = directory
        self._pulled = False

    def answer(self, path: str) -> Any:
        """What it says to a request; None when it says nothing."""
        self.asked.append(path)
        of_pull = path.endswith("/images/create")
        of_container = path.endswith(f"/containers/{LABELLED}/json")
        if (self._directory / "silent").exists() or (
            of_container and (self._directory / "silent-container").exists()
        ):
            return None
        if of_pull:
            if (self._directory / "silent-registry").exists():
                return None
            self._pulled = True
        if "/images/" in path and not self._pulled:
            return NO_SUCH_IMAGE
        if path.endswith("/version"):
            return {"ApiVersion": "1.41", "Version": "double"}
        if path.endswith("/containers/json"):
            return [{"Id": LABELLED, "Labels": {}}]
        return {}


class _Handler(BaseHTTPRequestHandler):
    """Answers in JSON, or keeps the connection open and says nothing."""

    server: EngineDouble
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answers."""
        self.do_GET()

    def do_GET(self) -> None:
        """Answers."""
        answer = self.server.answer(self.path.partition("?")[0])
        if answer is None or self.server.closing.is_set():
            self.server.closing.wait()
            self.close_connection = True
            return
        content = json.dumps(answer).encode()
        self.send_response(HTTPStatus.NOT_FOUND if answer is NO_SUCH_IMAGE else HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def engine_double(directory: Path) -> Iterator[EngineDouble]:
    """A double that answers; ended with the block, and whoever waits for it with it."""
    with EngineDouble(directory) as double:
        thread = threading.Thread(target=double.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield double
        finally:
            double.closing.set()
            double.shutdown()
            thread.join()
