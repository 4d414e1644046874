"""A way to a server on which connections can be left behind, as when the server moves to another address."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Way:
    """Passes on what is sent, on every connection of its own that it has not left behind.

    Attributes:
        port: Where it listens, on 127.0.0.1.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._left_behind: set[socket.socket] = set()

    def leave_behind(self) -> None:
        """From now on nothing passes on the connections that there are; nobody is told."""
        self._left_behind.update(self._sockets)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Accepts while the block runs."""
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            yield
        finally:
            for held in (self._listener, *self._sockets):
                with suppress(OSError):
                    held.shutdown(socket.SHUT_RDWR)
                held.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target_port))
                self._sockets += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if source not in self._left_behind:
                    sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
