"""A TCP proxy that can stop forwarding without a word: no FIN, no RST, connections stay open."""

import select
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"

# How soon a pump thread notices that the proxy closes; no test waits for it.
_POLL_S = 0.05


class BlackHoleProxy:
    """Forwards connections to a target until `swallow`, and new ones again after `release`.

    When `swallow` returns, no byte reaches either side any more, on old connections and on new ones.
    `release` lets new connections through; the old ones stay dead, as after a network that lost their state.
    """

    def __init__(self, target_port: int) -> None:
        self._target = (HOST, target_port)
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._swallowing = False
        self._dead_to = 0
        self._sockets: list[socket.socket] = []
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._spawn(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        for thread in list(self._threads):
            thread.join(timeout=5)
        for open_socket in [self._listener, *self._sockets]:
            open_socket.close()

    def swallow(self) -> None:
        """From now on nothing passes."""
        with self._lock:
            self._swallowing = True

    def release(self) -> None:
        """New connections pass again."""
        with self._lock:
            self._swallowing = False
            self._dead_to = len(self._sockets)

    def _spawn(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            if not select.select([self._listener], [], [], _POLL_S)[0]:
                continue
            near, _ = self._listener.accept()
            far = socket.create_connection(self._target)
            with self._lock:
                number = len(self._sockets)
                self._sockets += [near, far]
            self._spawn(self._pump, near, far, number)
            self._spawn(self._pump, far, near, number)

    def _pump(self, source: socket.socket, sink: socket.socket, number: int) -> None:
        while not self._closing.is_set():
            if not select.select([source], [], [], _POLL_S)[0]:
                continue
            with suppress(OSError):
                data = source.recv(65_536)
                with self._lock:
                    if self._swallowing or number < self._dead_to:
                        if not data:
                            return
                        continue
                    if not data:
                        sink.shutdown(socket.SHUT_WR)
                        return
                    sink.sendall(data)
                    continue
            return
