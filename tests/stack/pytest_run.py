"""Runs a pytest of its own over one file, with the plugin under test."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from fixtures.stack.component import ROOT

if TYPE_CHECKING:
    from pathlib import Path

RUN_TIMEOUT_S = 100


def command(test: Path, *options: str) -> list[str]:
    """A pytest of its own over one file, with the plugins under test and no other of the suite."""
    return [
        *(
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-rs",
            "-p",
            "fixtures.pytest_plugin.stack",
            "-p",
            "fixtures.pytest_plugin.distribution",
            "-p",
            "no:cacheprovider",
        ),
        *("--rootdir", str(test.parent), "-c", str(ROOT / "pyproject.toml"), str(test), *options),
    ]


def environment(directory: Path, **variables: str) -> dict[str, str]:
    """This environment without what pytest-xdist left in it; stacks are made below a directory of the test's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    kept.pop("ANTHROPIC_API_KEY", None)
    return {**kept, "PYTHONPATH": str(ROOT), "TMPDIR": str(directory), **variables}


def run(test: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(test, *options),
        env=environment(test.parent, **variables),
        capture_output=True,
        text=True,
        timeout=RUN_TIMEOUT_S,
        check=False,
    )
