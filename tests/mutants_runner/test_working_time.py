"""A run may work for so long; while it waits for its turn beside other trials, its time stands still."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from fixtures.mutants.server import Server
from fixtures.mutants.trial import Outcome, Stage, run_trial
from fixtures.mutants.working_time import Teller, ends_in_time
from fixtures.pytest_plugin.turns import TurnFiles, lone_turn
from fixtures.stack.reaper import MARKER
from fixtures.stack.reaper_client import ReaperClient
from fixtures.wait import eventually
from tests.mutants_runner.small import SYSTEM, TESTS, thing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIMEOUT_S = 0.2
# Imports, and the tests of a repository in miniature, on a busy machine.
RUN_TIMEOUT_S = 4.0


@contextmanager
def running() -> Iterator[tuple[subprocess.Popen[bytes], int, int, Teller]]:
    """A process that does not end by itself, its pidfd, the pipe to read from, and what tells into it."""
    told, telling = os.pipe()
    with subprocess.Popen(["sleep", "60"]) as process:
        watched = os.pidfd_open(process.pid)
        try:
            yield process, watched, told, Teller(telling)
        finally:
            process.kill()
            for descriptor in (watched, told, telling):
                os.close(descriptor)


def test_a_process_that_works_too_long_is_told() -> None:
    with running() as (_process, watched, told, _teller):
        assert not ends_in_time(watched, told, timeout_s=TIMEOUT_S)


def test_a_process_that_waits_is_waited_for() -> None:
    with running() as (process, watched, told, teller):
        teller.waits()
        threading.Timer(3 * TIMEOUT_S, process.kill).start()
        assert ends_in_time(watched, told, timeout_s=TIMEOUT_S)


def test_after_a_wait_the_rest_of_the_time_is_left_and_no_more() -> None:
    with running() as (_process, watched, told, teller):
        began_s = time.monotonic()
        teller.waits()
        threading.Timer(2 * TIMEOUT_S, teller.works).start()
        assert not ends_in_time(watched, told, timeout_s=TIMEOUT_S)
        assert time.monotonic() - began_s >= 3 * TIMEOUT_S


@pytest.mark.long
def test_a_trial_that_waits_for_a_turn_beyond_its_time_is_carried_out_all_the_same(
    small_root: Path, tmp_path: Path
) -> None:
    (tmp_path / MARKER).touch()
    reaper = ReaperClient(f"test-{tmp_path.name}")
    turn_files = TurnFiles()
    server = Server(small_root, tmp_path / "room", [TESTS], reaper=reaper, turn_paths=turn_files.paths)
    found = []

    def run() -> None:
        stage = Stage((TESTS,), ("--clause", "F1"), timeout_s=RUN_TIMEOUT_S)
        found.append(run_trial(server, "small", "F1", {SYSTEM: thing(0)}, [stage]).outcome)

    try:
        server.await_ready()
        with lone_turn(turn_files.paths):
            thread = threading.Thread(target=run, daemon=True)
            thread.start()
            # Its time would be over, with what it had worked before; the wait itself is what is tested.
            thread.join(RUN_TIMEOUT_S + 1)
            assert thread.is_alive()
        eventually(lambda: bool(found), timeout_s=10 * RUN_TIMEOUT_S, what="the trial to end")
    finally:
        server.close()
        reaper.dismiss()
        turn_files.close()
    assert found == [Outcome.SURVIVED]
