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
    from collections.abc import Iterable, Iterator

IDENTIFIER = re.compile(rb"i-[0-9a-f]{17}|10\.[0-9]+\.[0-9]+\.[0-9]+|AKIA[A-Z0-9]{16}")
_READ_BYTES = 1 << 16
_TIMEOUT_S = 30.0
_NOT_PASSED_ON = {"host", "content-length", "connection", "transfer-encoding"}


class NaiveProxy(BaseHTTPRequestHandler):
    """One connection. What a worse proxy does otherwise, it does in a method of its own."""

    protocol_version = "HTTP/1.1"
    upstream: ClassVar[str]
    placeholders: ClassVar[dict[bytes, bytes]]
    lock: ClassVar[threading.Lock]

    def do_POST(self) -> None:
        """Mask, forward, restore."""
        body = self.rfile.read(int(self.headers["content-length"]))
        address = urlsplit(self.upstream)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_TIMEOUT_S)
        try:
            connection.request("POST", self.path, body=self.masked(body), headers=self.forwarded())
            self.answer(connection.getresponse())
        finally:
            connection.close()
            self.close_connection = True

    def masked(self, body: bytes) -> bytes:
        """The body as it is forwarded."""
        return IDENTIFIER.sub(lambda found: self.placeholder(found[0]), body)

    def placeholder(self, identifier: bytes) -> bytes:
        """What stands for an identifier."""
        with self.lock:
            return self.placeholders.setdefault(identifier, b"ID_%d" % (len(self.placeholders) + 1))

    def forwarded(self) -> dict[str, str]:
        """The headers that are forwarded."""
        return {name: value for name, value in self.headers.items() if name.lower() not in _NOT_PASSED_ON}

    def answer(self, response: http.client.HTTPResponse) -> None:
        """Passes an answer on."""
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in _NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        for chunk in self.chunks(response):
            self.wfile.write(self.restored(chunk))

    def restored(self, chunk: bytes) -> bytes:
        """A piece of an answer as it is passed on."""
        for original, placeholder in tuple(self.placeholders.items()):
            chunk = chunk.replace(placeholder, original)
        return chunk

    def chunks(self, response: http.client.HTTPResponse) -> Iterable[bytes]:
        """The pieces of an answer as they come; of one that breaks off, what came."""
        try:
            while chunk := response.read1(_READ_BYTES):
                yield chunk
        except (http.client.HTTPException, ConnectionError):
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base's name)
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # As many as connect at once
    request_queue_size = 256


@contextmanager
def serving(proxy: type[NaiveProxy], upstream_url: str) -> Iterator[str]:
    """Serves while the block runs; yields its URL."""
    own = {"upstream": upstream_url, "placeholders": {}, "lock": threading.Lock()}
    with _Server((HOST, 0), type(proxy.__name__, (proxy,), own)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
