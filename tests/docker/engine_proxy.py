"""Stands between the tests and the engine, and lets it fall silent or vanish."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_READ_BYTES = 1 << 16


class EngineProxy:
    """Forwards connections from a socket of its own to the engine's.

    Args:
        path: Of its own socket.
        engine: Path of the engine's.
    """

    def __init__(self, path: Path, engine: str) -> None:
        self.url = f"unix://{path}"
        self._path = path
        self._engine = engine
        self._open: list[socket.socket] = []
        self._passing = threading.Event()
        self._passing.set()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, name="engine proxy", daemon=True).start()

    def fall_silent(self) -> None:
        """From now on requests are taken and never passed on."""
        self._passing.clear()

    def vanish(self) -> None:
        """Cuts every connection; nobody listens any more. Harmless when repeated."""
        self._path.unlink(missing_ok=True)
        for each in [self._listener, *self._open]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._passing.set()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            engine = socket.socket(socket.AF_UNIX)
            engine.connect(self._engine)
            self._open += [client, engine]
            for source, target in ((client, engine), (engine, client)):
                threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_READ_BYTES):
                self._passing.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@contextmanager
def engine_proxy(path: Path, engine: str) -> Iterator[EngineProxy]:
    """A proxy that is gone when the block ends."""
    proxy = EngineProxy(path, engine)
    try:
        yield proxy
    finally:
        proxy.vanish()
