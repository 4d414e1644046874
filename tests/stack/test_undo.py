"""Undos are run newest first, each once, and one that fails does not keep the others from running."""

from __future__ import annotations

from fixtures.stack.undo import UndoRegistry


def test_undos_are_run_newest_first_and_once() -> None:
    registry, done = UndoRegistry(), list[str]()
    registry.register("first", lambda: done.append("first"))
    registry.register("second", lambda: done.append("second"))
    assert registry.outstanding == ["first", "second"]
    assert registry.run_all() == []
    assert registry.run_all() == []
    assert done == ["second", "first"]
    assert registry.outstanding == []


def test_a_withdrawn_undo_is_not_run() -> None:
    registry, done = UndoRegistry(), list[str]()
    token = registry.register("first", lambda: done.append("first"))
    registry.withdraw(token)
    registry.withdraw(token)
    assert registry.run_all() == []
    assert done == []


def test_an_undo_that_fails_is_reported_and_the_others_are_run() -> None:
    registry, done = UndoRegistry(), list[str]()

    def fail() -> None:
        raise OSError("gone")

    registry.register("first", lambda: done.append("first"))
    registry.register("second", fail)
    (error,) = registry.run_all()
    assert str(error) == "gone"
    assert error.__notes__ == ["while undoing second"]
    assert done == ["first"]
