"""What libraries log goes the backend's own way: one line of its form, without values that may quote a request."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Of a process of its own: the root logger is one for all tests.
PROGRAM = """
import logging
from system.backend.logs import configure_logs

configure_logs("production", "info")
library = logging.getLogger("library")
library.warning("could not read %s", "i-0123456789abcdef0")
try:
    raise ValueError("i-0123456789abcdef0")
except ValueError:
    library.exception("gave up")
library.info("nobody needs to know")
"""


@pytest.mark.clause("K4")
def test_a_library_speaks_in_lines_of_the_backend_without_values() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["level"], line["logger"], line["event"]) for line in told] == [
        ("warning", "library", "could not read %s"),
        ("error", "library", "gave up"),
    ]
    assert told[1]["exception"] == "ValueError"
    assert "i-0123456789abcdef0" not in done.stdout
