"""Every command of the suite can be interrupted, also by those who send TERM."""

from __future__ import annotations

import signal
import subprocess
import sys

from fixtures.stack.component import ROOT

TIMEOUT_S = 60
WAITS = """
import time
from fixtures.cli.command import app_of, run_command
def main() -> None:
    try:
        print("begun", flush=True)
        time.sleep(600)
    finally:
        print("cleaned up", flush=True)
run_command(app_of(main))
"""


def test_a_terminated_command_cleans_up() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITS],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdout is not None
        assert command.stdout.readline() == "begun\n"
        command.send_signal(signal.SIGTERM)
        output, _ = command.communicate(timeout=TIMEOUT_S)
    assert output == "cleaned up\n"
    assert command.returncode != 0
