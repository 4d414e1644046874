"""The process: its first line, its end, its logs, and what it says when it can't start."""

import json
import socket
from pathlib import Path

import pytest

from fixtures.wait import eventually
from system.upstream.protocol import Script
from tests.upstream.emulator import Emulator, run_to_end, running
from tests.upstream.wire import connected, request


def test_sigterm_ends_it_with_exit_code_0(tmp_path: Path) -> None:
    with running(tmp_path / "log") as emulator:
        assert emulator.end() == 0
    events = [json.loads(line) for line in emulator.log.read_text().splitlines()]
    assert [(event["event"], event["level"]) for event in events] == [
        ("started", "info"),
        ("stopped", "info"),
    ]
    assert events[0]["port"] == emulator.port


def test_sigterm_ends_it_while_answers_are_held_and_bodies_arrive(tmp_path: Path) -> None:
    with running(tmp_path / "log") as emulator:
        handle = emulator.client.put_script(Script(hold=True))
        with connected(emulator) as held, connected(emulator) as sending:
            held.send(request(b"x", headers=handle.headers))
            sending.send(request(b"half a body")[:-4])
            eventually(lambda: handle.state().waiting == 1, timeout_s=5.0, what="a held answer")
            assert emulator.end() == 0
    assert "Traceback" not in emulator.log.read_text()


def test_its_port_can_be_taken_again_at_once(tmp_path: Path) -> None:
    with running(tmp_path / "log") as first, connected(first) as wire:
        wire.send(request(b"x"))
        wire.responses(1)
        assert first.end() == 0
    with socket.create_server(first.address):
        pass


def test_a_taken_port_is_one_line_and_exit_code_1(emulator: Emulator) -> None:
    ended = run_to_end(["--port", str(emulator.port)])
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == f"upstream: cannot listen on 127.0.0.1:{emulator.port}: Address already in use\n"


def test_a_host_that_is_not_here_is_one_line_and_exit_code_1() -> None:
    ended = run_to_end(["--port", "0", "--host", "192.0.2.1"])
    assert ended.returncode == 1
    assert ended.stderr.startswith("upstream: cannot listen on 192.0.2.1:0: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "env", "message"),
    [
        (
            ["--port", "65536"],
            {},
            "upstream: UPSTREAM_PORT='65536': Input should be less than or equal to 65535",
        ),
        ([], {"UPSTREAM_PORT": "http"}, "upstream: UPSTREAM_PORT='http': Input should be a valid integer"),
        (
            [],
            {"UPSTREAM_CAPTURE_BYTES": "-1"},
            "upstream: UPSTREAM_CAPTURE_BYTES='-1': Input should be greater",
        ),
        (
            [],
            {"UPSTREAM_REQUIRE_KEY": "perhaps"},
            "upstream: UPSTREAM_REQUIRE_KEY='perhaps': Input should be a",
        ),
    ],
)
def test_a_bad_setting_is_one_line_and_exit_code_2(
    arguments: list[str], env: dict[str, str], message: str
) -> None:
    ended = run_to_end(arguments, env)
    assert ended.returncode == 2
    assert ended.stderr.startswith(message)
    assert ended.stderr.count("\n") == 1


def test_logs_never_hold_what_a_request_said(tmp_path: Path) -> None:
    with running(tmp_path / "log") as emulator:
        with connected(emulator) as wire:
            wire.send(
                request(b"canary-body", headers={"X-Emulator-Script": "nobody"}, target="/canary-target")
            )
            wire.responses(1)
            wire.send(b"canary garbage\r\n\r\n")
            wire.responses(1)
        assert emulator.end() == 0
    log = emulator.log.read_text()
    assert "script_unknown" in log
    assert "request_not_understood" in log
    assert "canary" not in log
