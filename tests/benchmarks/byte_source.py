"""An upstream that answers as fast as sockets take it, in a process of its own: `byte_source.py HOST DIRECTORY`.

Prints its port. `POST /NAME?times=N` is answered with the bytes of NAME.head, N times NAME.body, and NAME.tail, as they
stand in the directory; a missing part is empty. The media type follows from the name: `….sse`, `….json`, else text.
With `&bytes_per_s=R` it is no faster than a link of that rate.
"""

from __future__ import annotations

import socketserver
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from io import BufferedIOBase

_READ_BYTES = 1 << 16
_MEDIA_TYPES = {".sse": "text/event-stream", ".json": "application/json"}


class _Handler(socketserver.StreamRequestHandler):
    directory: Path
    disable_nagle_algorithm = (
        True  # else a kept connection waits 40 ms for an acknowledgement between two parts
    )

    def handle(self) -> None:
        """Answer request after request, until the client hangs up or asks for it."""
        while first := self.rfile.readline(_READ_BYTES):
            if not self._answer(first):
                return

    def _answer(self, first: bytes) -> bool:
        """Answer the request of that first line; return whether the connection stays open."""
        target = urlsplit(first.split(b" ")[1].decode())
        length, stays = 0, True
        while (line := self.rfile.readline(_READ_BYTES)) not in {b"\r\n", b""}:
            name, _, value = line.lower().partition(b":")
            if name == b"content-length":
                length = int(value)
            if name == b"connection":
                stays = value.strip() != b"close"
        self.rfile.read(length)
        head, body, tail = (self._part(target.path, part) for part in ("head", "body", "tail"))
        query = parse_qs(target.query)
        times = int(query["times"][0])
        size = len(head) + times * len(body) + len(tail)
        media_type = _MEDIA_TYPES.get(Path(target.path).suffix, "text/plain")
        self.wfile.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {size}\r\n"
            f"Connection: {'keep-alive' if stays else 'close'}\r\n\r\n".encode()
        )
        link = _Link(self.wfile, float(query.get("bytes_per_s", ["inf"])[0]))
        link.send(head)
        for _ in range(times):
            link.send(body)
        link.send(tail)
        return stays

    def _part(self, path: str, part: str) -> bytes:
        file = self.directory / f"{path.lstrip('/')}.{part}"
        return file.read_bytes() if file.exists() else b""


class _Link:
    """Sends no faster than a rate."""

    def __init__(self, sink: BufferedIOBase, bytes_per_s: float) -> None:
        self._sink = sink
        self._bytes_per_s = bytes_per_s
        self._began_s = time.monotonic()
        self._sent = 0

    def send(self, data: bytes) -> None:
        """Returns when the data has left."""
        size = len(data) if self._bytes_per_s == float("inf") else _READ_BYTES
        for start in range(0, len(data), size or 1):
            piece = data[start : start + size]
            self._sink.write(piece)
            self._sent += len(piece)
            time.sleep(max(0.0, self._began_s + self._sent / self._bytes_per_s - time.monotonic()))


def main(host: str, directory: str) -> None:
    """Serve until the process is ended."""
    _Handler.directory = Path(directory)
    with socketserver.ThreadingTCPServer((host, 0), _Handler) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
