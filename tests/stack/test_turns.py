"""A test that measures runs alone, and does not wait for ever."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from fixtures.pytest_plugin.turns import TurnFiles, lone_turn, shared_turn, waiting_turn

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from fixtures.pytest_plugin.turns import TurnPaths

# Long enough that a thread which may go on has done so on loaded cores; it is waited for in full only where a thread
# must *not* go on, so a machine that is slower still can hide a fault here but never invent one.
STANDSTILL_S = 0.3
PROMPT_S = 20.0


class Guest:
    """A thread that takes a turn and leaves when it is told to."""

    def __init__(
        self,
        turn: Callable[[TurnPaths], AbstractContextManager[None]],
        files: TurnFiles,
    ) -> None:
        self.inside = threading.Event()
        self._leave = threading.Event()

        def stay() -> None:
            with turn(files.paths):
                self.inside.set()
                self._leave.wait(PROMPT_S)

        self._thread = threading.Thread(target=stay)
        self._thread.start()

    def leave(self) -> None:
        """Has the thread give its turn back."""
        self._leave.set()
        self._thread.join(PROMPT_S)


def test_sharers_run_beside_each_other() -> None:
    files = TurnFiles()
    guests = [Guest(shared_turn, files) for _ in range(3)]
    assert all(guest.inside.wait(PROMPT_S) for guest in guests)
    for guest in guests:
        guest.leave()
    files.close()


def test_those_whose_figures_are_waits_run_beside_each_other_and_beside_nobody_else() -> None:
    files = TurnFiles()
    sharer = Guest(shared_turn, files)
    assert sharer.inside.wait(PROMPT_S)
    waiters = [Guest(waiting_turn, files) for _ in range(2)]
    assert not any(waiter.inside.wait(STANDSTILL_S) for waiter in waiters)
    sharer.leave()
    assert all(waiter.inside.wait(PROMPT_S) for waiter in waiters)
    late = Guest(shared_turn, files)
    assert not late.inside.wait(STANDSTILL_S)
    waiters[0].leave()
    assert not late.inside.wait(STANDSTILL_S), "one of them is still there"
    waiters[1].leave()
    assert late.inside.wait(PROMPT_S)
    late.leave()
    files.close()


def test_one_that_is_alone_and_those_whose_figures_are_waits_keep_each_other_out() -> None:
    files = TurnFiles()
    waiter = Guest(waiting_turn, files)
    assert waiter.inside.wait(PROMPT_S)
    loner = Guest(lone_turn, files)
    assert not loner.inside.wait(STANDSTILL_S)
    waiter.leave()
    assert loner.inside.wait(PROMPT_S)
    late = Guest(waiting_turn, files)
    assert not late.inside.wait(STANDSTILL_S)
    loner.leave()
    assert late.inside.wait(PROMPT_S)
    late.leave()
    files.close()


def test_one_that_is_alone_waits_for_sharers_and_keeps_others_out() -> None:
    files = TurnFiles()
    sharer = Guest(shared_turn, files)
    assert sharer.inside.wait(PROMPT_S)
    loner = Guest(lone_turn, files)
    assert not loner.inside.wait(STANDSTILL_S)
    sharer.leave()
    assert loner.inside.wait(PROMPT_S)
    others = [Guest(shared_turn, files), Guest(lone_turn, files)]
    assert not any(other.inside.wait(STANDSTILL_S) for other in others)
    loner.leave()
    for other in others:
        other.leave()
        assert other.inside.wait(PROMPT_S)
    files.close()


def test_sharers_that_come_while_one_waits_to_be_alone_wait_behind_it() -> None:
    files = TurnFiles()
    first = Guest(shared_turn, files)
    assert first.inside.wait(PROMPT_S)
    loner = Guest(lone_turn, files)
    assert not loner.inside.wait(STANDSTILL_S)
    late = Guest(shared_turn, files)
    assert not late.inside.wait(STANDSTILL_S), "a stream of sharers would starve the one that waits"
    first.leave()
    assert loner.inside.wait(PROMPT_S)
    assert not late.inside.is_set()
    loner.leave()
    assert late.inside.wait(PROMPT_S)
    late.leave()
    files.close()
