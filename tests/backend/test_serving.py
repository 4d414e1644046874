"""Starting, bad surroundings, and the way to the gateway."""

import resource
import socket
import subprocess
import sys

import psutil
import pytest

from fixtures.stack.ports import HOST
from tests.backend.gateway import ANSWER, REFUSAL, Behaviour, ScriptedGateway
from tests.backend.rig import START_TIMEOUT_S, Backend, Rig

pytestmark = pytest.mark.no_clause("its command line and POST /analyze are documented, not promised")


LIBRARIES = ("fastapi", "uvicorn", "redis.asyncio", "structlog", "pydantic_settings")


def end_of(backend: Backend) -> tuple[int | None, list[str]]:
    """Waits for a backend that gives up by itself: exit code and lines."""
    assert backend.process.wait(START_TIMEOUT_S)
    return backend.process.exit_status, backend.lines()


def test_a_taken_port_is_answered_with_one_line_and_1(rig: Rig) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        status, lines = end_of(rig.start_backend(BACKEND_PORT=str(port)))
    assert status == 1
    assert len(lines) == 1
    assert f"BACKEND_PORT={port}" in lines[0]
    assert "Address already in use" in lines[0]


def test_an_address_of_another_machine_is_answered_with_one_line_and_1(rig: Rig) -> None:
    status, lines = end_of(rig.start_backend(BACKEND_HOST="192.0.2.1"))
    assert status == 1
    assert len(lines) == 1
    assert "BACKEND_HOST=192.0.2.1" in lines[0]


def test_a_bad_setting_is_answered_with_one_line_and_2(rig: Rig) -> None:
    status, lines = end_of(rig.start_backend(EVENT_LOG_RATE_LIMIT="many"))
    assert status == 2
    (line,) = lines
    assert line.startswith("backend: setting EVENT_LOG_RATE_LIMIT='many' is not usable: expected an integer")


def test_a_start_costs_at_most_twice_what_loading_its_libraries_costs(rig: Rig) -> None:
    """In CPU time: nothing in a start waits, so on a free machine this is also how long it takes."""
    before_s = _children_cpu_s()
    subprocess.run(
        [sys.executable, "-c", f"import {', '.join(LIBRARIES)}"], check=True, timeout=START_TIMEOUT_S
    )
    libraries_s = _children_cpu_s() - before_s
    backend = rig.start_backend()
    backend.until_serving()
    times = psutil.Process(backend.process.pid).cpu_times()
    assert times.user + times.system < 2 * libraries_s


def test_an_analysis_is_posted_to_the_gateway_and_its_answer_returned(rig: Rig) -> None:
    with ScriptedGateway() as gateway:
        backend = rig.start_backend(ENABLE_REDIS_EVENTS="false", GATEWAY_URL=gateway.url)
        backend.until_serving()
        body = b'{"messages": [{"role": "user", "content": "i-0123456789abcdef0"}], "tools": []}'
        response = backend.client.analyze(body, {"x-api-key": "key", "cookie": "private=1"})
        assert (response.status_code, response.content) == (200, ANSWER)
        assert response.headers["x-kong-request-id"] == "00000000000000000000000000000001"
        ((path, headers, received),) = gateway.seen
    assert (path, received) == ("/analyze-claude", body)
    assert headers["x-api-key"] == "key"
    assert headers["content-type"] == "application/json"
    assert "cookie" not in headers
    assert "i-0123456789abcdef0" not in backend.log.read_text()


def test_a_refusal_of_the_gateway_is_returned_as_it_is(rig: Rig) -> None:
    with ScriptedGateway() as gateway:
        backend = rig.start_backend(ENABLE_REDIS_EVENTS="false", GATEWAY_URL=gateway.url)
        backend.until_serving()
        gateway.behave("refuse")
        response = backend.client.analyze(b"{}")
    assert (response.status_code, response.content) == (413, REFUSAL)


@pytest.mark.parametrize(
    ("behaviour", "status", "kind"),
    [
        ("close", 502, "gateway_broke_off"),
        ("break_off", 502, "gateway_broke_off"),
        ("no_http", 502, "gateway_broke_off"),
        ("hang", 504, "gateway_timeout"),
    ],
)
def test_a_gateway_that_fails_is_named(rig: Rig, behaviour: Behaviour, status: int, kind: str) -> None:
    with ScriptedGateway() as gateway:
        settings = {"ENABLE_REDIS_EVENTS": "false", "GATEWAY_URL": gateway.url, "GATEWAY_TIMEOUT_S": "0.5"}
        backend = rig.start_backend(**settings)
        backend.until_serving()
        gateway.behave(behaviour)
        response = backend.client.analyze(b"{}")
    assert response.status_code == status
    assert response.json()["error"]["type"] == kind
    assert "Traceback" not in backend.log.read_text()


def test_a_gateway_that_is_not_there_is_named(rig: Rig) -> None:
    url = f"http://{HOST}:{rig.free_port()}"
    backend = rig.start_backend(ENABLE_REDIS_EVENTS="false", GATEWAY_URL=url)
    backend.until_serving()
    response = backend.client.analyze(b"{}")
    assert response.status_code == 502
    assert response.json()["error"]["type"] == "gateway_unreachable"
    assert url in response.json()["error"]["message"]


def test_a_body_above_the_gateways_limit_is_refused_without_asking_it(rig: Rig) -> None:
    with ScriptedGateway() as gateway:
        backend = rig.start_backend(ENABLE_REDIS_EVENTS="false", GATEWAY_URL=gateway.url)
        backend.until_serving()
        response = backend.client.analyze(b"x" * (33_554_432 + 1))
        assert gateway.seen == []
    assert response.status_code == 413
    assert response.json()["error"]["type"] == "request_too_large"


def _children_cpu_s() -> float:
    """CPU seconds of the children of this process that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
