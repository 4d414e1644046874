"""A masking proxy as many are written first: substitutes in the raw text, and in each chunk that it is given.

It masks instance ids of 17 digits, addresses of 10/8 and access keys, numbers them as they come over all requests,
restores every one that it knows, one after another, and knows nothing of escapes, streams or compression.
"""

from __future__ import annotations

import http.client
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from fixtures.stack.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator

_IDENTIFIER = re.compile(rb"i-[0-9a-f]{17}|10\.[0-9]+\.[0-9]+\.[0-9]+|AKIA[A-Z0-9]{16}")
_READ_BYTES = 1 << 16
_TIMEOUT_S = 30.0
_NOT_PASSED_ON = {"host", "content-length", "connection", "transfer-encoding"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream: ClassVar[str]
    placeholders: ClassVar[dict[bytes, bytes]]
    lock: ClassVar[threading.Lock]

    def do_POST(self) -> None:
        """Mask, forward, restore."""
        body = self.rfile.read(int(self.headers["content-length"]))

        def mask(found: re.Match[bytes]) -> bytes:
            with self.lock:
                return self.placeholders.setdefault(found[0], b"ID_%d" % (len(self.placeholders) + 1))

        masked = _IDENTIFIER.sub(mask, body)
        address = urlsplit(self.upstream)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_TIMEOUT_S)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_PASSED_ON}
        try:
            connection.request("POST", self.path, body=masked, headers=headers)
            self._answer(connection.getresponse())
        finally:
            connection.close()
            self.close_connection = True

    def _answer(self, response: http.client.HTTPResponse) -> None:
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in _NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        while chunk := self._chunk(response):
            for original, placeholder in tuple(self.placeholders.items()):
                chunk = chunk.replace(placeholder, original)
            self.wfile.write(chunk)

    @staticmethod
    def _chunk(response: http.client.HTTPResponse) -> bytes:
        try:
            return response.read1(_READ_BYTES)
        except (http.client.HTTPException, ConnectionError):
            return b""  # broke off: what came has been passed on

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base's name)
        """Say nothing."""


@contextmanager
def naive_proxy(upstream_url: str) -> Iterator[str]:
    """Serves while the block runs; yields its URL."""
    handler = type(
        "Handler", (_Handler,), {"upstream": upstream_url, "placeholders": {}, "lock": threading.Lock()}
    )
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
