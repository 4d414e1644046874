"""`scripts/chaos` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from fixtures.interruptible import interruptible

ROOT = Path(__file__).resolve().parents[2]


def command(*words: str, **options: Any) -> subprocess.Popen[bytes]:
    """Starts `scripts/chaos`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        interruptible(sys.executable, "-m", "fixtures.cli.chaos", *words),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **options,
    )


def said_by(*words: str, timeout_s: float = 60.0) -> tuple[int, str]:
    """Exit code and output of a command that ends by itself.

    Raises:
        subprocess.TimeoutExpired: It did not; it was told to end and has.
    """
    process = command(*words)
    try:
        output, _ = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        process.terminate()
        process.communicate()
        raise
    return process.returncode, output.decode()
