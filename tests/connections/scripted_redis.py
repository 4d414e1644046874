"""A Redis that misbehaves once, as told: it answers the first PUBLISH in its own way, and serves well from then on."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import hiredis

if TYPE_CHECKING:
    from collections.abc import Callable

_READ_BYTES = 1 << 18
# How soon a thread notices that the server ends; no test waits for it.
_TICK_S = 0.05
OK, PONG, ONE_RECEIVER, NO_RECEIVER = b"+OK\r\n", b"+PONG\r\n", b":1\r\n", b":0\r\n"


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """What becomes of the first PUBLISH.

    Attributes:
        answer: Bytes that are sent at once.
        cut: Whether the connection is closed after them.
        late_answer: Bytes that are sent when the connection carries another pipeline, before its own answers.
    """

    answer: bytes = b""
    cut: bool = False
    late_answer: bytes = b""


@dataclass(slots=True)
class Connection:
    """One connection and what it carried.

    Attributes:
        commands: Words of each command.
        doubtful: A reply on it is outstanding, or was late.
        after_doubt: Commands that came in a pipeline after that.
        owed: Replies that are outstanding.
    """

    commands: list[list[bytes]] = field(default_factory=list)
    doubtful: bool = False
    after_doubt: int = 0
    owed: bytes = b""


class ScriptedRedis:
    """Listens from entry to exit.

    Args:
        misbehaviour: Of the first PUBLISH of all.
        host: Address to listen on.
    """

    def __init__(self, misbehaviour: Misbehaviour, *, host: str) -> None:
        self._misbehaviour: Misbehaviour | None = misbehaviour
        self._listener = socket.create_server((host, 0))
        self._listener.settimeout(_TICK_S)
        self.host = host
        self.port: int = self._listener.getsockname()[1]
        self.connections: list[Connection] = []
        self.answered: list[bytes] = []
        """Payloads that were answered with a number of receivers, in order."""
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._spawn(self._accept)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stopping.set()
        for thread in list(self._threads):
            thread.join()
        self._listener.close()

    @property
    def misbehaved(self) -> bool:
        """Whether the first PUBLISH has come."""
        return self._misbehaviour is None

    def _spawn(self, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, name="scripted-redis", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                peer, _ = self._listener.accept()
            except TimeoutError:
                continue
            connection = Connection()
            self.connections.append(connection)
            self._spawn(lambda peer=peer, connection=connection: self._serve(peer, connection))  # type: ignore[misc]

    def _serve(self, peer: socket.socket, connection: Connection) -> None:
        reader = hiredis.Reader()
        with peer:
            peer.settimeout(_TICK_S)
            while not self._stopping.is_set():
                try:
                    data = peer.recv(_READ_BYTES)
                except TimeoutError:
                    continue
                except OSError:
                    return
                if not data:
                    return
                # A pipeline of the few events of these tests arrives in one piece.
                reader.feed(data)
                pipeline = []
                while (words := reader.gets()) is not False:
                    pipeline.append(words)
                reply, cut = self._answer(connection, pipeline)
                peer.sendall(reply)
                if cut:
                    return

    def _answer(self, connection: Connection, pipeline: list[list[bytes]]) -> tuple[bytes, bool]:
        """The bytes that answer a pipeline, and whether the connection ends with them."""
        with self._lock:
            connection.commands += pipeline
            connection.after_doubt += len(pipeline) if connection.doubtful else 0
            reply, connection.owed = connection.owed, b""
            for place, words in enumerate(pipeline):
                verb = words[0].upper()
                if verb != b"PUBLISH":
                    reply += PONG if verb == b"PING" else OK
                    continue
                mischief, self._misbehaviour = self._misbehaviour, None
                if mischief is None:
                    self.answered.append(words[2])
                    reply += ONE_RECEIVER
                elif mischief.answer.endswith(b"\r\n"):
                    reply += mischief.answer
                else:
                    connection.doubtful = True
                    connection.owed = mischief.late_answer + NO_RECEIVER * (len(pipeline) - place - 1)
                    return reply + mischief.answer, mischief.cut
            return reply, False
