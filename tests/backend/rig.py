"""A real Redis server and real backend processes, each on a free port, for one test."""

import re
import secrets
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import redis

from fixtures.clients.backend import BackendClient
from fixtures.errors import ComponentExited
from fixtures.promises import promised
from fixtures.stack.base import Component
from fixtures.stack.component import ROOT, base_environment, find_program, python_module
from fixtures.stack.ports import HOST, PortBlock
from fixtures.stack.probes import NOT_YET, redis_answers
from fixtures.stack.process import ManagedProcess, last_lines
from fixtures.stack.reaper import MARK_VARIABLE
from fixtures.stack.reaper_client import ReaperClient
from fixtures.wait import eventually
from tests.backend.events import CHANNEL

# Starting takes about 0.3 s on an idle machine; the rest is for a busy one.
START_TIMEOUT_S = 15.0

# Two seconds for the longest back-off, two for a connection attempt that gets no answer, one for the machine.
RECOVERY_TIMEOUT_S = 5.0

# Everything that should happen "at once".
SOON_S = 10.0

PRODUCTION_LINE = re.compile(r"\[(data_masked|data_unmasked)\] ([0-9a-f]{32}) - (\d+\.\d{3})ms")


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    status: int | None
    took_s: float


class Child:
    """One started program, watched by the reaper."""

    def __init__(
        self,
        name: str,
        command: list[str],
        environment: dict[str, str],
        directory: Path,
        reaper: ReaperClient,
    ) -> None:
        self.name = name
        self.log = directory / f"{name}.log"
        self._reaper = reaper
        self.process = ManagedProcess(command, environment=environment, cwd=ROOT, output=self.log)
        reaper.watch_group(self.process.pid, started=self.process.started)

    def require_running(self) -> None:
        """Raises ComponentExited with the end of the log if it ended."""
        status = self.process.exit_status
        if status is not None:
            raise ComponentExited(self.name, status=status, last_lines=last_lines(self.log))

    def end(self, number: signal.Signals = signal.SIGTERM, *, timeout_s: float = SOON_S) -> Ended:
        """Signals, waits, reaps; harmless when it has ended."""
        begun = time.monotonic()
        self.process.end(number, timeout_s=timeout_s)
        self._reaper.forget_group(self.process.pid)
        return Ended(self.process.exit_status, time.monotonic() - begun)


class Backend(Child):
    """A running backend and its client."""

    def __init__(
        self, port: int, environment: dict[str, str], directory: Path, reaper: ReaperClient, name: str
    ):
        env = base_environment() | {"BACKEND_HOST": HOST, "BACKEND_PORT": str(port)} | environment
        super().__init__(name, python_module("system.backend"), env, directory, reaper)
        self.url = f"http://{HOST}:{port}"
        self.client = BackendClient(self.url)

    def until(self, holds: Callable[[], bool], what: str, *, timeout_s: float = SOON_S) -> None:
        """Waits for what a living backend promises to do.

        Raises:
            ClauseViolated: It does not.
        """
        with promised(f"the backend does not come to it: {what}"):
            self._await(holds, what, timeout_s)

    def until_serving(self) -> None:
        """Waits for the first answer."""
        self._await(lambda: bool(self.client.health()), "the backend to serve", START_TIMEOUT_S)

    def _await(self, holds: Callable[[], bool], what: str, timeout_s: float) -> None:
        eventually(
            holds,
            timeout_s=timeout_s,
            what=what,
            transient=(httpx.TransportError,),
            still_alive=self.require_running,
        )

    def until_subscribed(self, *, timeout_s: float = START_TIMEOUT_S) -> None:
        """Waits until /health says that it is subscribed."""
        self.until(lambda: self.client.health().redis.subscribed, "a subscription", timeout_s=timeout_s)

    def until_received(self, messages: int) -> None:
        """Waits until so many messages were taken in all; they are taken in order, one after another."""
        self.until(
            lambda: self.client.stats().messages.received >= messages, f"message {messages} to be taken"
        )

    def lines(self) -> list[str]:
        """Its log so far, whole lines only."""
        text = self.log.read_text(encoding="utf-8")
        return text[: text.rfind("\n") + 1].splitlines()

    def production_events(self) -> list[str]:
        """The event lines of a log in production form."""
        return [line for line in self.lines() if line.startswith("[")]


class Rig:
    """Starts things on ports of its own and ends all of them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._cleanup = ExitStack()
        self._ports = PortBlock()
        self._cleanup.callback(self._ports.release)
        self._mark = f"backend-test-{secrets.token_hex(4)}"
        self._reaper = ReaperClient(self._mark)
        self._cleanup.callback(self._reaper.dismiss)
        self._count = 0
        self.redis_port = self._ports.take()

    def close(self) -> None:
        """Ends everything, last started first."""
        self._cleanup.close()

    def free_port(self) -> int:
        """A port that nobody else of the suite takes."""
        return self._ports.take()

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}-{self._count}"

    def start_redis(self, *arguments: str) -> Child:
        """Starts Redis on `redis_port` and waits until it answers."""
        program = find_program("redis-server", component=Component.REDIS, package="redis-server")
        command = [program, "--port", str(self.redis_port), "--bind", HOST, "--save", "", *arguments]
        environment = base_environment() | {MARK_VARIABLE: self._mark}
        child = Child(
            self._name("redis"),
            [*command, "--dir", str(self._directory)],
            environment,
            self._directory,
            self._reaper,
        )
        self._cleanup.callback(child.end)
        eventually(
            lambda: redis_answers(HOST, self.redis_port),
            timeout_s=START_TIMEOUT_S,
            what="Redis to answer",
            transient=NOT_YET,
            still_alive=child.require_running,
        )
        return child

    def redis(self, password: str | None = None) -> "redis.Redis":
        """A client of the test's own, closed at the end."""
        client = redis.Redis(host=HOST, port=self.redis_port, password=password)
        self._cleanup.callback(client.close)
        return client

    def start_backend(self, **environment: str) -> Backend:
        """Starts a backend that looks for Redis on `redis_port`; does not wait."""
        env = {
            MARK_VARIABLE: self._mark,
            "REDIS_HOST": HOST,
            "REDIS_PORT": str(self.redis_port),
        } | environment
        backend = Backend(self.free_port(), env, self._directory, self._reaper, self._name("backend"))
        self._cleanup.callback(backend.client.close)
        self._cleanup.callback(backend.end)
        return backend

    def subscribed_backend(self, **environment: str) -> Backend:
        """Starts a backend and waits until it is subscribed."""
        backend = self.start_backend(**environment)
        backend.until_subscribed()
        return backend


def publish(client: "redis.Redis", payload: bytes) -> int:
    """Publishes one message; returns how many subscribers Redis handed it to."""
    receivers = client.publish(CHANNEL, payload)
    assert isinstance(receivers, int)
    return receivers
