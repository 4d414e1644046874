"""A component that is told to end has not ended on its own, whoever looks meanwhile."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.errors import ComponentExited
from fixtures.stack.base import Component
from fixtures.stack.crew import Crew

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

pytestmark = pytest.mark.no_clause("the suite's own driver")


@dataclass
class _Redis:
    """A member that is always well."""

    component: Component = Component.REDIS
    logs: Mapping[str, Path] = field(default_factory=dict)
    graceful: signal.Signals = signal.SIGTERM
    fast: signal.Signals = signal.SIGTERM
    answers: Callable[[], bool] = lambda: True
    settled: Callable[[], bool] = lambda: True

    def tail(self) -> str:
        return "bye"

    def hint(self, _log_text: str) -> str:
        return ""


class _Run:
    """Is looked at, as from another thread, when its end has come and nobody has taken note of it yet."""

    label = "process 1"

    def __init__(self) -> None:
        self.exit_status: int | None = None
        self.look: Callable[[], None] = lambda: None

    def end(self, _number: signal.Signals, *, timeout_s: float) -> bool:
        assert timeout_s > 0
        self.kill()
        return True

    def kill(self) -> None:
        self.exit_status = 0
        self.look()


@pytest.fixture
def run() -> _Run:
    return _Run()


@pytest.fixture
def crew(run: _Run) -> Crew[Any, Any]:
    made: Crew[Any, Any] = Crew(launch=lambda _member: run)
    made.add(_Redis())
    made.launch(Component.REDIS)
    run.look = made.require_running
    return made


def test_an_ordered_end_is_none_on_its_own(crew: Crew[Any, Any]) -> None:
    crew.stop(Component.REDIS, graceful=True)
    crew.launch(Component.REDIS)


def test_an_ordered_kill_is_none_on_its_own(crew: Crew[Any, Any]) -> None:
    crew.kill(Component.REDIS)
    crew.require_running()


def test_an_end_that_nobody_ordered_is_told(crew: Crew[Any, Any], run: _Run) -> None:
    run.exit_status = 3
    with pytest.raises(ComponentExited, match="exit code 3"):
        crew.require_running()
