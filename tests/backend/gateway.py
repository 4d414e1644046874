"""A stand-in for the gateway that answers, refuses, breaks off or hangs, as a test says."""

import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal, Self

import httpx

Behaviour = Literal["answer", "refuse", "close", "break_off", "hang", "no_http"]

ANSWER = b'{"type": "message", "content": [{"type": "text", "text": "done"}]}'
REFUSAL = b'{"message": "request body too large", "request_id": "00000000000000000000000000000001"}'


class ScriptedGateway:
    """Listens on a free port; `asked` is set by each request, `seen` holds (path, headers, body) of each."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        self._behaviour: Behaviour = "answer"
        self._released = threading.Event()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                gateway.seen.append((self.path, headers, body))
                gateway.asked.set()
                gateway._reply(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def behave(self, behaviour: Behaviour) -> None:
        """How the next requests are answered."""
        self._behaviour = behaviour

    @staticmethod
    def swallow_errors(call: Callable[[], object]) -> None:
        """Make a call whose connection is expected to break."""
        with suppress(httpx.TransportError):
            call()

    def _reply(self, handler: BaseHTTPRequestHandler) -> None:
        match self._behaviour:
            case "hang":
                self._released.wait(timeout=60)
                handler.close_connection = True
            case "close":
                handler.close_connection = True
            case "no_http":
                handler.wfile.write(b"what?\r\n\r\n")
                handler.close_connection = True
            case "refuse":
                self._send(handler, 413, REFUSAL, len(REFUSAL))
            case "break_off":
                self._send(handler, 200, ANSWER[:10], len(ANSWER))
                handler.close_connection = True
            case "answer":
                self._send(handler, 200, ANSWER, len(ANSWER))

    @staticmethod
    def _send(handler: BaseHTTPRequestHandler, status: int, body: bytes, length: int) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json; charset=utf-8")
        handler.send_header("Content-Length", str(length))
        handler.send_header("X-Kong-Request-Id", "00000000000000000000000000000001")
        handler.end_headers()
        handler.wfile.write(body)
