"""An upstream that answers as fast as sockets take it, in a process of its own: `byte_source.py HOST DIRECTORY`.

Prints its port. `POST /NAME?times=N` is answered with the bytes of NAME.head, N times NAME.body, and NAME.tail, as they
stand in the directory; a missing part is empty. The media type follows from the name: `….sse`, `….json`, else text.
"""

from __future__ import annotations

import socketserver
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

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
        times = int(parse_qs(target.query)["times"][0])
        size = len(head) + times * len(body) + len(tail)
        media_type = _MEDIA_TYPES.get(Path(target.path).suffix, "text/plain")
        self.wfile.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {size}\r\n"
            f"Connection: {'keep-alive' if stays else 'close'}\r\n\r\n".encode()
        )
        self.wfile.write(head)
        for _ in range(times):
            self.wfile.write(body)
        self.wfile.write(tail)
        return stays

    def _part(self, path: str, part: str) -> bytes:
        file = self.directory / f"{path.lstrip('/')}.{part}"
        return file.read_bytes() if file.exists() else b""


def main(host: str, directory: str) -> None:
    """Serve until the process is ended."""
    _Handler.directory = Path(directory)
    with socketserver.ThreadingTCPServer((host, 0), _Handler) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
