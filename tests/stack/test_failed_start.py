"""What keeps a stack from starting is one clear message, and nothing is left running."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from fixtures.errors import ComponentExited, MissingPackage, NotReady, PortTaken, StackError
from fixtures.stack import crew
from fixtures.stack.base import Component, StackOptions
from fixtures.stack.local import LocalStack
from fixtures.stack.ports import HOST
from tests.stack.support import REDIS_ONLY, left_of

if TYPE_CHECKING:
    from pathlib import Path


def require_refused(stack: LocalStack, error: type[StackError], match: str) -> StackError:
    """Starts a stack that cannot start; makes sure of the message and that nothing is left."""
    with pytest.raises(error, match=match) as refused:
        stack.start()
    assert left_of(stack.name, stack.directory, []) == []
    return refused.value


@pytest.mark.parametrize("listener", ["gateway", "admin", "redis", "backend", "upstream"])
def test_a_taken_port_is_named(listener: str) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        stack = LocalStack(StackOptions(ports={listener: port}))
        error = require_refused(
            stack, PortTaken, f"cannot listen on 127.0.0.1:{port}: another process already does"
        )
    assert "\n" not in str(error)


def test_a_port_taken_after_it_was_reserved_is_recognised_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fixtures.stack.layout.require_free", lambda *_args, **_options: None)
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        options = StackOptions(components=REDIS_ONLY, ports={"redis": taken.getsockname()[1]})
        require_refused(
            LocalStack(options),
            ComponentExited,
            "its port was taken by another process after it had been reserved",
        )


def test_an_unknown_listener_is_refused_with_the_known_ones() -> None:
    stack = LocalStack(StackOptions(ports={"proxy": 8000}))
    require_refused(stack, StackError, "proxy; known listeners: gateway, admin, redis, backend, upstream")


def test_one_port_for_two_listeners_is_refused() -> None:
    stack = LocalStack(StackOptions(ports={"gateway": 28999, "admin": 28999}))
    require_refused(stack, StackError, "one port is asked for two listeners")


@pytest.mark.parametrize(
    ("present", "missing", "package"),
    [("nginx", "redis-server", "redis-server"), ("redis-server", "nginx", "nginx libnginx-mod-http-lua")],
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, present: str, missing: str, package: str
) -> None:
    program = tmp_path / present
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("fixtures.stack.component._SEARCH_PATH_ADDED", str(tmp_path))
    error = require_refused(LocalStack(), MissingPackage, f"needs {missing}, which is not installed")
    assert f"apt-get install {package}" in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("services: [", "kong.yml"),
        ('_format_version: "3.0"\nfoo: []\n', "foo"),
        (
            (
                '_format_version: "3.0"\nservices:\n- name: llm\n  url: http://127.0.0.1:1\n'
                "plugins:\n- name: aws-masker\n  service: llm\n  config: {event_batch_size: many}\n"
            ),
            "event_batch_size",
        ),
    ],
    ids=["not YAML", "unknown field", "bad plugin configuration"],
)
def test_a_malformed_configuration_is_refused_with_the_place(text: str, message: str) -> None:
    error = require_refused(
        LocalStack(StackOptions(declarative_config=text)),
        ComponentExited,
        "gateway ended on its own, with exit code 1",
    )
    assert message in str(error)


def test_a_component_that_exits_at_once_is_not_waited_for() -> None:
    options = StackOptions(components=REDIS_ONLY, redis_args=("--no-such-setting", "1"))
    error = require_refused(LocalStack(options), ComponentExited, "redis ended on its own, with exit code 1")
    assert "redis-server does not know one of StackOptions.redis_args" in str(error)


def test_a_component_that_never_answers_is_given_up_with_its_last_lines(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crew, "START_TIMEOUT_S", 0.3)
    # Redis listens elsewhere than its clients look, so it runs and is never found.
    options = StackOptions(
        components=REDIS_ONLY, redis_args=("--port", "0", "--unixsocket", str(tmp_path / "s"))
    )
    error = require_refused(
        LocalStack(options), NotReady, "for redis to answer; last seen: ConnectionRefusedError"
    )
    assert "its process" in str(error)


def test_an_interrupt_while_starting_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(crew.Crew, "await_answers", interrupt)
    stack = LocalStack(StackOptions(components=frozenset({Component.REDIS, Component.UPSTREAM})))
    with pytest.raises(KeyboardInterrupt):
        stack.start()
    assert left_of(stack.name, stack.directory, []) == []
