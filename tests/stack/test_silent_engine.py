"""An engine that does not answer is told at once, in one line, and never taken for a failure of what is tested."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from fixtures.errors import EngineSilent, NoEngine, StackError
from fixtures.images.engine import connect, require_answers, silence_in
from fixtures.pytest_plugin import stack as stack_plugin
from fixtures.stack.component import ROOT
from tests.stack.engine_double import LABELLED, EngineDouble, engine_double
from tests.stack.pytest_run import environment, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The shortest wait for one answer, many times less than what the SDK would wait.
SOON_S = 1
NOTICE_BOUND_S = 10.0

SILENT_ALREADY = """
import pytest

@pytest.mark.engine
@pytest.mark.parametrize("number", range(20))
def test_with_containers(number):
    raise AssertionError("it ran")

def test_without():
    pass
"""

SILENT_MIDWAY = """
import contextlib, os, pathlib, subprocess, sys
import pytest
from fixtures.images.engine import connect

HERE = pathlib.Path(__file__).parent

@pytest.fixture
def client():
    with contextlib.closing(connect(timeout_s=1)) as client:
        yield client
        client.ping()

@pytest.mark.engine
def test_that_ends_before(client):
    client.ping()

@pytest.mark.engine
def test_that_fails_for_another_reason():
    raise AssertionError("a verdict")

@pytest.mark.engine
def test_in_which_it_falls_silent(client):
    (HERE / "silent").touch()
    try:
        client.ping()
    except Exception as error:
        raise ValueError("wrapped") from error

@pytest.mark.engine
def test_afterwards():
    raise AssertionError("it ran")
"""

SEEN_BY_ANOTHER_PROCESS = """
import pathlib
import pytest

@pytest.mark.engine
def test_whose_child_finds_it_silent():
    (pathlib.Path(__file__).parent / "silent").touch()
    raise AssertionError("the child printed nothing")
"""

ABOUT_SILENCE = """
import pathlib
import pytest

@pytest.mark.engine(silence_fails=True)
def test_that_made_it_silent():
    (pathlib.Path(__file__).parent / "silent").touch()
    raise AssertionError("a verdict")

@pytest.mark.engine(silence_fails=True)
def test_afterwards():
    raise AssertionError("it ran")
"""

LEAK = """
import pathlib
import pytest
from fixtures.failures import LeakFound

@pytest.mark.engine
def test_that_found_a_leak():
    (pathlib.Path(__file__).parent / "silent").touch()
    raise LeakFound("an identifier")
"""


@pytest.fixture
def double(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EngineDouble]:
    """A double in the place of the engine."""
    with engine_double(tmp_path) as double:
        monkeypatch.setenv("DOCKER_HOST", double.url)
        yield double


def pytest_on(
    double: EngineDouble, directory: Path, text: str, *options: str
) -> subprocess.CompletedProcess[str]:
    test = directory / "test_inner.py"
    test.write_text(
        f"import fixtures.images.engine\nfixtures.images.engine.PROBE_TIMEOUT_S = {SOON_S}\n{text}"
    )
    return run(test, "-p", "fixtures.pytest_plugin.engine", *options, DOCKER_HOST=double.url)


def test_an_engine_that_answers_is_healthy(double: EngineDouble) -> None:
    require_answers()
    assert any(path.endswith(f"/containers/{LABELLED}/json") for path in double.asked)


@pytest.mark.parametrize("file", ["silent", "silent-container"])
def test_a_silent_engine_is_one_clear_line(
    double: EngineDouble, tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fixtures.images.engine.PROBE_TIMEOUT_S", SOON_S)
    (tmp_path / file).touch()
    began_s = time.monotonic()
    with pytest.raises(EngineSilent, match="the Docker engine stopped answering: GET /") as refused:
        require_answers()
    assert time.monotonic() - began_s < NOTICE_BOUND_S
    assert "\n" not in str(refused.value)
    assert f"within {SOON_S} s" in str(refused.value)
    assert double.asked


def test_a_call_to_an_engine_that_falls_silent_ends_in_time(double: EngineDouble, tmp_path: Path) -> None:
    with closing(connect(timeout_s=SOON_S)) as client:
        assert double.asked
        (tmp_path / "silent").touch()
        began_s = time.monotonic()
        for call in (client.ping, client.containers.list, lambda: client.api.inspect_container(LABELLED)):
            with pytest.raises(EngineSilent):
                call()
        assert time.monotonic() - began_s < NOTICE_BOUND_S
        (tmp_path / "silent").unlink()
        assert client.version()["Version"] == "double"


def test_an_engine_that_is_gone_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine_double(tmp_path) as double:
        monkeypatch.setenv("DOCKER_HOST", double.url)
        client = connect()
    (tmp_path / "engine.sock").unlink()
    with (
        closing(client),
        pytest.raises(NoEngine, match=r"no container engine answers at unix:///.*sock: GET /") as gone,
    ):
        client.ping()
    assert not isinstance(gone.value, EngineSilent)
    assert "\n" not in str(gone.value)


def test_a_silence_is_found_however_it_is_wrapped() -> None:
    silence = EngineSilent("GET /", timeout_s=1)

    def fail() -> None:
        try:
            raise silence
        except EngineSilent as error:
            raise StackError("wrapped") from error

    with pytest.raises(StackError) as caught:
        fail()
    assert silence_in(ExceptionGroup("several", [ValueError(), caught.value])) is silence
    assert silence_in(StackError("another")) is None


def test_tests_are_skipped_at_once_while_it_is_silent(double: EngineDouble, tmp_path: Path) -> None:
    (tmp_path / "silent").touch()
    done = pytest_on(double, tmp_path, SILENT_ALREADY)
    assert done.returncode == 0, done.stdout
    assert "1 passed, 20 skipped" in done.stdout
    assert "not judged: the Docker engine stopped answering" in done.stdout
    assert len(double.asked) == 1, "it was asked again"


def test_each_way_to_a_stack_of_containers_is_skipped(double: EngineDouble, tmp_path: Path) -> None:
    (tmp_path / "silent").touch()
    ways = [name for name in vars(stack_plugin) if name == "stack" or re.fullmatch("make_.*stack", name)]
    assert {"stack", "make_stack"} <= set(ways)
    text = "".join(f"def test_by_{way}({way}):\n    raise AssertionError('it ran')\n\n" for way in ways)
    done = pytest_on(double, tmp_path, text, "--stack=docker")
    assert f"{len(ways)} skipped" in done.stdout, done.stdout


def test_what_fails_while_it_falls_silent_is_not_judged(double: EngineDouble, tmp_path: Path) -> None:
    done = pytest_on(double, tmp_path, SILENT_MIDWAY)
    assert "a verdict" in done.stdout
    # One skip for the test in which it fell silent, one for its fixture's end, one for the test afterwards.
    assert "1 failed, 1 passed, 3 skipped" in done.stdout, done.stdout
    assert "not judged: the Docker engine stopped answering" in done.stdout
    assert "it ran" not in done.stdout


def test_a_failure_is_not_judged_when_the_engine_is_found_silent_after_it(
    double: EngineDouble, tmp_path: Path
) -> None:
    done = pytest_on(double, tmp_path, SEEN_BY_ANOTHER_PROCESS)
    assert done.returncode == 0, done.stdout
    assert "1 skipped" in done.stdout


def test_a_test_that_is_about_silence_fails_by_it(double: EngineDouble, tmp_path: Path) -> None:
    done = pytest_on(double, tmp_path, ABOUT_SILENCE)
    assert "1 failed, 1 skipped" in done.stdout
    assert "it ran" not in done.stdout


def test_a_leak_is_one_whatever_the_engine_does(double: EngineDouble, tmp_path: Path) -> None:
    done = pytest_on(double, tmp_path, LEAK)
    assert "1 failed" in done.stdout


def test_the_doctor_says_so_in_one_line(double: EngineDouble, tmp_path: Path) -> None:
    (tmp_path / "silent").touch()
    began_s = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "fixtures.cli.doctor", "--stack", "docker"],
        cwd=ROOT,
        env=environment(tmp_path, DOCKER_HOST=double.url),
        capture_output=True,
        text=True,
        check=False,
    )
    assert time.monotonic() - began_s < 3 * NOTICE_BOUND_S
    assert done.returncode == 1
    assert "MISSING engine: Docker engine does not answer within 5 s" in done.stdout
    assert "docker: not ready" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("module", ["docker_ready", "offline_images"])
def test_the_commands_of_containers_tell_a_silent_engine_by_their_exit_code(
    double: EngineDouble, tmp_path: Path, module: str
) -> None:
    (tmp_path / "silent").touch()
    done = subprocess.run(
        [sys.executable, "-m", f"fixtures.cli.{module}"],
        cwd=ROOT,
        env=environment(tmp_path, DOCKER_HOST=double.url),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "the Docker engine stopped answering" in done.stderr
    assert "Traceback" not in done.stderr
