"""`scripts/conformance` ends with the code that says what was found, and leaves the table however it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.interruptible import interruptible
from fixtures.stack.component import ROOT
from fixtures.stack.ports import HOST
from fixtures.wait import eventually
from tests.conformance.naive_proxy import NaiveProxy, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fixtures.stack.base import Stack

pytestmark = pytest.mark.no_clause("a command of the suite, not of the system")

TIMEOUT_S = 60
# The port multiplexer's, which nobody runs
NOBODY = f"http://{HOST}:1"


@pytest.fixture
def proxy_url(stack: Stack) -> Iterator[str]:
    """A proxy of which some properties hold and others do not."""
    with serving(NaiveProxy, stack.addresses.upstream_url) as url:
        yield url


def command(gateway_url: str, upstream_url: str, out: Path, *options: str) -> list[str]:
    """The words of the command."""
    urls = ["--gateway-url", gateway_url, "--upstream-url", upstream_url]
    return [sys.executable, "-m", "fixtures.cli.conformance", *urls, "--out", str(out), *options]


def run(words: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs it to its end."""
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def written(out: Path) -> dict[str, Any]:
    """The table for programs."""
    document: dict[str, Any] = json.loads((out / "conformance.json").read_text())
    return document


@pytest.mark.parametrize(
    ("names", "code", "told"),
    [
        (["trailers"], 0, "1 holds, 0 fails, 0 not judged"),
        (["trailers", "JSON escapes"], 1, "1 holds, 1 fails, 0 not judged"),
    ],
)
def test_the_code_says_whether_all_holds(
    stack: Stack, proxy_url: str, tmp_path: Path, names: list[str], code: int, told: str
) -> None:
    chosen = [word for name in names for word in ("--only", name)]
    done = run(command(proxy_url, stack.addresses.upstream_url, tmp_path, "--name", "naive", *chosen))
    assert (done.returncode, done.stderr) == (code, "")
    assert told in done.stdout
    assert [row["property"] for row in written(tmp_path)["rows"]] == names
    assert written(tmp_path)["facts"]["proxy"] == "naive"
    assert written(tmp_path)["facts"]["tried"] == f"{len(names)} of {len(names)} properties"
    assert told in (tmp_path / "conformance.md").read_text()
    assert told in (tmp_path / "conformance.html").read_text()


def test_an_interrupted_run_leaves_what_it_found(stack: Stack, proxy_url: str, tmp_path: Path) -> None:
    words = command(
        proxy_url, stack.addresses.upstream_url, tmp_path, "--only", "trailers", "--only", "delays"
    )
    with subprocess.Popen(interruptible(*words), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            eventually(
                lambda: (tmp_path / "conformance.json").exists() and written(tmp_path)["rows"],
                timeout_s=TIMEOUT_S,
                what="the first row",
                transient=(ValueError,),
            )
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=TIMEOUT_S)
        finally:
            process.kill()
    assert process.returncode == 2
    assert "interrupted: 1 of 2 properties were tried" in output
    assert [row["property"] for row in written(tmp_path)["rows"]] == ["trailers"]
    assert written(tmp_path)["facts"]["tried"] == "1 of 2 properties"


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--only", "nope", "error: --only=nope: known: positions, "),
        ("--out", "/dev/null/x", "error: --out=/dev/null/x: must be a directory that can be written (Not a"),
        (
            "--gateway-url",
            "localhost:8000",
            "error: --gateway-url=localhost:8000: must be a URL such as http",
        ),
        ("--upstream-url", "http://x:y", "error: --upstream-url=http://x:y: must be a URL such as http"),
        ("--gateway-url", NOBODY, "error: no answer from http://127.0.0.1:"),
        ("--upstream-url", NOBODY, "error: no answer from http://127.0.0.1:"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(
    stack: Stack, proxy_url: str, tmp_path: Path, option: str, value: str, told: str
) -> None:
    done = run(command(proxy_url, stack.addresses.upstream_url, tmp_path, option, value))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(told)
    assert done.stderr.count("\n") == 1
