"""Stop and reload: which timers run, what a leaving worker finishes, which configuration is in force after."""

import json
import re
from signal import Signals

import pytest

from fixtures.wait import eventually
from tests.gateway_host.conftest import StartHost
from tests.gateway_host.held_upstream import HeldUpstream
from tests.gateway_host.host import GatewayHost
from tests.gateway_host.raw_client import RawClient

#: Kong ran premature timers within 0.6 s; the rest is for a loaded machine.
STOP_TIMEOUT_S = 5.0
TIMERS = ("at", "every", "native_at", "native_every")
WORKERS = 2


def configuration(port: int, *, tag: str = "file") -> str:
    return f"""
_format_version: "3.0"
services:
  - name: upstream
    url: http://127.0.0.1:{port}
    routes: [{{ name: all, paths: [/] }}]
plugins:
  - {{ name: timekeeper }}
  - {{ name: workbench, config: {{ tag: {tag} }} }}
"""


def lines(host: GatewayHost, text: str) -> list[str]:
    return [line for line in host.log_text().splitlines() if text in line]


def worker_pids(host: GatewayHost) -> list[int]:
    pids: list[int] = json.loads(host.admin("GET", "/").body)["pids"]["workers"]
    return pids


def await_exit(host: GatewayHost) -> int | None:
    assert host.process is not None
    assert host.process.wait(STOP_TIMEOUT_S), "nginx kept running"
    return host.process.exit_status


def premature_calls(host: GatewayHost, timer: str) -> list[str]:
    return lines(host, f"timekeeper: {timer} premature=true")


def configured_workers(host: GatewayHost, tag: str) -> list[int]:
    """Process ids, one per call of `configure`."""
    matches = (re.search(r" (\d+)#", line) for line in lines(host, f"configured tag={tag}"))
    return [int(match[1]) for match in matches if match]


def await_configured(host: GatewayHost, tag: str) -> None:
    eventually(
        lambda: len(set(configured_workers(host, tag))) == WORKERS,
        timeout_s=STOP_TIMEOUT_S,
        what=f"every worker to take the configuration {tag!r} over",
    )


def reload(host: GatewayHost) -> None:
    """Reload, and return when new workers have taken over."""
    old = set(worker_pids(host))
    host.signal(Signals.SIGHUP)
    eventually(
        lambda: not set(worker_pids(host)) & old,
        timeout_s=STOP_TIMEOUT_S,
        what="new workers",
        transient=(OSError,),
    )


@pytest.mark.parametrize("timer", TIMERS)
def test_a_graceful_stop_runs_each_timer_once_per_worker_prematurely(
    timer: str, start_host: StartHost
) -> None:
    host = start_host(configuration(1))
    host.signal(Signals.SIGQUIT)
    assert await_exit(host) == 0
    assert len(premature_calls(host, timer)) == WORKERS
    assert lines(host, "timekeeper: exit_worker") == []


def test_a_reload_runs_the_timers_of_the_old_workers_and_starts_new_ones(start_host: StartHost) -> None:
    host = start_host(configuration(1))
    reload(host)
    eventually(
        lambda: all(len(premature_calls(host, timer)) == WORKERS for timer in TIMERS),
        timeout_s=STOP_TIMEOUT_S,
        what="the old workers' timers to run prematurely",
    )


def test_a_request_that_ends_while_its_worker_leaves_can_only_use_native_timers(
    start_host: StartHost,
) -> None:
    with HeldUpstream() as upstream:
        host = start_host(configuration(upstream.port))
        with RawClient(host.proxy_port, "/") as client:
            upstream.await_request()
            host.signal(Signals.SIGQUIT)
            eventually(
                lambda: len(premature_calls(host, "at")) == WORKERS,
                timeout_s=STOP_TIMEOUT_S,
                what="the workers to be leaving",
            )
            upstream.release()
            assert b"one" in client.read_to_end()
        assert await_exit(host) == 0
    assert len(lines(host, "timekeeper: logged exiting=true at=true native_at=true")) == 1
    assert len(lines(host, "timekeeper: in log, native_at premature=false")) == 1
    assert lines(host, "timekeeper: in log, at premature") == []


def test_a_fast_stop_does_not_wait_for_requests(start_host: StartHost) -> None:
    with HeldUpstream() as upstream:
        host = start_host(configuration(upstream.port))
        with RawClient(host.proxy_port, "/"):
            upstream.await_request()
            host.signal(Signals.SIGTERM)
            assert await_exit(host) == 0


def test_a_request_in_flight_ends_with_the_configuration_it_began_with(start_host: StartHost) -> None:
    with HeldUpstream() as upstream:
        host = start_host(configuration(upstream.port))
        with RawClient(host.proxy_port, "/") as client:
            upstream.await_request()
            posted = configuration(upstream.port, tag="posted").encode()
            assert host.admin("POST", "/config", body=posted).status == 201
            await_configured(host, "posted")
            upstream.release()
            assert b"X-Tags: file,file\r\n" in client.read_to_end()
        upstream.release()
        assert host.proxy("GET", "/").header("X-Tags") == "posted,posted"


def test_a_new_configuration_is_in_force_with_the_next_request_on_every_worker(
    start_host: StartHost,
) -> None:
    with HeldUpstream() as upstream:
        host = start_host(configuration(upstream.port))
        for number in range(20):
            tag = f"number{number}"
            host.admin("POST", "/config", body=configuration(upstream.port, tag=tag).encode())
            upstream.release(2)
            assert {host.proxy("GET", "/").header("X-Tags") for _ in range(2)} == {f"{tag},{tag}"}


def test_configure_runs_once_per_worker_and_accepted_configuration(start_host: StartHost) -> None:
    host = start_host(configuration(1))
    workers = sorted(worker_pids(host))
    await_configured(host, "file")
    host.admin("POST", "/config", body=configuration(1, tag="second").encode())
    await_configured(host, "second")
    host.admin("POST", "/config", body=b"_format_version: '9'")
    # The gateway looks for a new configuration every 0.1 s: two looks that must find none.
    host.proxy("GET", "/", headers={"X-Phase": "access", "X-Lua": "ngx.sleep(0.25)"})
    host.signal(Signals.SIGQUIT)
    await_exit(host)
    assert sorted(configured_workers(host, "file")) == workers
    assert sorted(configured_workers(host, "second")) == workers


def test_a_reload_reads_the_file_again_and_forgets_what_was_posted(start_host: StartHost) -> None:
    with HeldUpstream() as upstream:
        host = start_host(configuration(upstream.port))
        host.admin("POST", "/config", body=configuration(upstream.port, tag="posted").encode())
        changed = configuration(upstream.port, tag="changed")
        host.configuration_file.write_text(changed, encoding="utf-8")
        host.signal(Signals.SIGHUP)

        def tags() -> str | None:
            upstream.release()
            return host.proxy("GET", "/").header("X-Tags")

        eventually(
            lambda: tags() == "changed,changed", timeout_s=STOP_TIMEOUT_S, what="the file's configuration"
        )


def evaluate(host: GatewayHost, lua: str) -> list[object]:
    answer = host.proxy("GET", "/", headers={"X-Phase": "access", "X-Lua": lua})
    values: list[object] = json.loads(answer.body)["values"]
    return values


def test_a_reload_empties_kongs_dictionary_and_no_other(start_host: StartHost) -> None:
    host = start_host(configuration(1))
    evaluate(host, "ngx.shared.kong:set('mark', 1); ngx.shared.aws_masker:set('mark', 1)")
    reload(host)
    look = "return ngx.shared.kong:get('mark') or false, ngx.shared.aws_masker:get('mark')"
    assert evaluate(host, look)[:2] == [False, 1]


def test_without_a_file_a_reload_keeps_what_was_posted(start_host: StartHost) -> None:
    host = start_host(configuration(1), environment={"KONG_DECLARATIVE_CONFIG": ""})
    host.admin("POST", "/config", body=configuration(1, tag="posted").encode())
    reload(host)
    assert host.proxy("GET", "/").header("X-Tags") == "posted,posted"


def test_a_reload_with_a_broken_file_keeps_the_workers_and_says_why(start_host: StartHost) -> None:
    host = start_host(configuration(1))
    before = worker_pids(host)
    host.configuration_file.write_text("a: [1, 2", encoding="utf-8")
    host.signal(Signals.SIGHUP)
    eventually(
        lambda: lines(host, "failed parsing declarative configuration"),
        timeout_s=STOP_TIMEOUT_S,
        what="the refusal in the log",
    )
    assert worker_pids(host) == before
