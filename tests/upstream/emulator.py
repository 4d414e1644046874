"""One emulator process, as tests of the emulator itself need it: no stack, nothing in between."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fixtures.clients.upstream import UpstreamClient

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "system.upstream")

# Ending takes milliseconds; a machine under load may need a little more.
STOP_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Emulator:
    """One running process and a client of its control side."""

    port: int
    process: subprocess.Popen[str]
    log: Path
    client: UpstreamClient

    @property
    def url(self) -> str:
        """Where HTTP clients reach it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self) -> tuple[str, int]:
        """Where sockets reach it."""
        return "127.0.0.1", self.port

    def end(self) -> int:
        """Sends SIGTERM and returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_TIMEOUT_S)


@contextmanager
def running(log: Path, env: Mapping[str, str] | None = None) -> Iterator[Emulator]:
    with log.open("w") as log_file:
        process = subprocess.Popen(
            [*COMMAND, "--port", "0"],
            cwd=ROOT,
            env=os.environ | dict(env or {}),
            stdout=subprocess.PIPE,
            stderr=log_file,
            text=True,
        )
    with process:
        try:
            assert process.stdout is not None
            first_line = process.stdout.readline()
            assert first_line.strip().isdecimal(), f"no port on stdout but {first_line!r}: {log.read_text()}"
            port = int(first_line)
            with UpstreamClient(f"http://127.0.0.1:{port}") as client:
                yield Emulator(port, process, log, client)
        finally:
            process.kill()


def run_to_end(
    arguments: Sequence[str], env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=os.environ | dict(env or {}),
        capture_output=True,
        text=True,
        timeout=STOP_TIMEOUT_S,
        check=False,
    )
