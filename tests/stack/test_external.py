"""A system that somebody else runs: looked at before anything is changed, and left as it was found."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from fixtures.clients.admin import AdminClient
from fixtures.errors import ConfigUnreadable, StackError, WrongAddress
from fixtures.gateway_config import Route, standard_config
from fixtures.stack import external_look
from fixtures.stack.base import Component, StackOptions
from fixtures.stack.external import ExternalStack
from fixtures.stack.external_look import look_at
from fixtures.stack.external_system import external_system
from fixtures.stack.local import LocalStack
from fixtures.stack.ports import HOST
from fixtures.stack.probes import http_status
from fixtures.wait import eventually
from tests.stack.http_double import answering
from tests.stack.pytest_run import command, environment, run
from tests.stack.support import REDIS_ONLY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fixtures.stack.base import Addresses
    from fixtures.stack.external_system import ExternalSystem

THEIRS = Route(name="theirs", path="/theirs")


@pytest.fixture(scope="module")
def theirs() -> Iterator[LocalStack]:
    """A system that runs, with a route which the suite knows nothing of."""
    with LocalStack() as stack:
        with AdminClient(stack.addresses.admin_url) as admin:
            admin.apply(standard_config(stack.addresses).with_routes(THEIRS), stack.addresses.gateway_url)
            # The route that `apply` adds to see it in force goes.
            admin.post_config(standard_config(stack.addresses).with_routes(THEIRS))
        yield stack


def places(addresses: Addresses) -> dict[str, str]:
    return {
        "gateway_url": addresses.gateway_url,
        "admin_url": addresses.admin_url,
        "redis_url": f"redis://{addresses.redis_host}:{addresses.redis_port}",
        "backend_url": addresses.backend_url,
        "upstream_url": addresses.upstream_url,
    }


def system_of(stack: LocalStack, **changes: str) -> ExternalSystem:
    return external_system({**places(stack.addresses), **changes})


def config_of(stack: LocalStack) -> Any:
    with AdminClient(stack.addresses.admin_url) as admin:
        return yaml.safe_load(admin.loaded_config())


def options_of(stack: LocalStack) -> list[str]:
    return [f"--{key.replace('_', '-')}={url}" for key, url in places(stack.addresses).items()]


@contextmanager
def left_as_found(stack: LocalStack) -> Iterator[None]:
    before = config_of(stack)
    yield
    assert config_of(stack) == before
    stack.require_running()


def test_it_is_told_as_what_it_is_and_left_as_it_was_found(theirs: LocalStack, tmp_path: Path) -> None:
    with left_as_found(theirs), ExternalStack(system_of(theirs), base_directory=tmp_path) as stack:
        told = stack.describe()
        assert told["gateway"] == "embedded gateway host, not Kong"
        assert told["redis"] == theirs.describe()["redis"]
        assert told["faults allowed"] == "none"
        assert stack.options.workers == theirs.options.workers
        assert http_status(f"{stack.addresses.gateway_url}/theirs") == 200
        assert config_of(theirs) != stack.foreign_config
        stack.require_running()
    assert list(tmp_path.iterdir()) == []


def test_an_error_in_between_leaves_it_as_it_was_found(theirs: LocalStack, tmp_path: Path) -> None:
    def fail_inside() -> None:
        with ExternalStack(system_of(theirs), base_directory=tmp_path):
            raise RuntimeError("the first error")

    with left_as_found(theirs), pytest.raises(RuntimeError, match="the first error"):
        fail_inside()


def port_that_refuses() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("key", "wrong", "message"),
    [
        ("gateway_url", "nothing", "is not reachable: Connection refused"),
        ("gateway_url", "admin_url", "this is an Admin API; the proxy listens on another port"),
        ("gateway_url", "upstream_url", "answers paths that no route has"),
        ("admin_url", "nothing", "is not reachable: Connection refused"),
        ("admin_url", "gateway_url", "is not an Admin API: GET / answered 404"),
        ("admin_url", "backend_url", "is not an Admin API: GET / answered 404"),
        ("redis_url", "nothing", "is not reachable: Connection refused"),
        ("redis_url", "upstream_url", "is not Redis: what answers does not speak its protocol"),
        ("backend_url", "nothing", "is not reachable: Connection refused"),
        ("backend_url", "upstream_url", "is not the backend: GET /health answered"),
        ("upstream_url", "nothing", "is not reachable: Connection refused"),
        (
            "upstream_url",
            "backend_url",
            "is not the control interface of the emulated upstream: GET /_emulator/health",
        ),
        ("upstream_url_from_gateway", "backend_url", "the gateway does not reach the upstream there"),
        ("upstream_url_from_gateway", "nothing", "the gateway does not reach the upstream there"),
        ("redis_url_from_gateway", "nothing", "what the gateway publishes there does not arrive at"),
    ],
)
def test_each_wrong_address_is_one_clear_line(
    theirs: LocalStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, wrong: str, message: str
) -> None:
    monkeypatch.setattr("fixtures.stack.external_wiring._TIMEOUT_S", 0.5)
    url = f"http://{HOST}:{port_that_refuses()}" if wrong == "nothing" else getattr(theirs.addresses, wrong)
    url = url.replace("http", "redis") if key.startswith("redis") else url
    stack = ExternalStack(system_of(theirs, **{key: url}), base_directory=tmp_path)
    with left_as_found(theirs), pytest.raises(WrongAddress, match=message) as refused:
        stack.start()
    assert str(refused.value).startswith(f"--{key.replace('_', '-')}=")
    assert url.rpartition("/")[2] in str(refused.value)
    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_proxy_and_admin_api_of_two_gateways_are_told_apart(
    theirs: LocalStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fixtures.clients.admin._IN_FORCE_TIMEOUT_S", 0.5)
    only_gateway = StackOptions(components=frozenset({Component.GATEWAY}), workers=1)
    with LocalStack(only_gateway) as other, left_as_found(theirs):
        wrong = system_of(theirs, gateway_url=other.addresses.gateway_url)
        with pytest.raises(
            WrongAddress, match=r"does not serve what --admin-url=.* configures; they are not of one gateway"
        ):
            ExternalStack(wrong, base_directory=tmp_path).start()


@pytest.mark.parametrize(
    ("status", "node", "message"),
    [
        (401, {}, r"wants credentials \(status 401\)"),
        (200, [], "is not an Admin API: GET / answered 200"),
        (200, {"tagline": "", "configuration": {"database": "postgres"}}, r"uses a database \(postgres\)"),
        (
            200,
            {"tagline": "", "configuration": {"database": "off"}, "plugins": {"available_on_server": {}}},
            "lacks the plugin aws-masker: install it and add it to KONG_PLUGINS",
        ),
    ],
)
def test_an_admin_api_that_the_suite_cannot_work_with_is_named(status: int, node: Any, message: str) -> None:
    with answering(status, json.dumps(node).encode()) as url:
        system = external_system({"gateway_url": "http://gw", "admin_url": url})
        with pytest.raises(WrongAddress, match=f"--admin-url={url}: .*{message}"):
            external_look.look_at_admin(system)


@pytest.mark.parametrize(
    ("login", "message"),
    [
        ("", "Redis wants a password: redis://:PASSWORD@HOST:PORT"),
        (":wrong@", "Redis refuses the password: WRONGPASS"),
        ("nobody:right@", "Redis refuses the password: WRONGPASS"),
    ],
)
def test_a_wrong_password_is_told_and_not_shown(login: str, message: str) -> None:
    with locked_redis("right") as address:
        with pytest.raises(WrongAddress, match=message) as refused:
            look_at(
                external_system({"gateway_url": "http://gw", "redis_url": f"redis://{login}{address}"}),
                Component.REDIS,
            )
        assert "wrong@" not in str(refused.value)
        right = external_system({"gateway_url": "http://gw", "redis_url": f"redis://:right@{address}"})
        assert "redis" in look_at(right, Component.REDIS)


@contextmanager
def locked_redis(password: str) -> Iterator[str]:
    options = StackOptions(components=REDIS_ONLY, redis_args=("--requirepass", password))
    with LocalStack(options) as stack:
        yield f"{HOST}:{stack.addresses.redis_port}"


@pytest.mark.parametrize("component", [Component.GATEWAY, Component.REDIS])
def test_silence_is_told_as_such(monkeypatch: pytest.MonkeyPatch, component: Component) -> None:
    monkeypatch.setattr(external_look, "_TIMEOUT_S", 0.1)
    with closing(socket.create_server((HOST, 0))) as silent:
        where = f"{HOST}:{silent.getsockname()[1]}"
        system = external_system({"gateway_url": f"http://{where}", "redis_url": f"redis://{where}"})
        with pytest.raises(WrongAddress, match="is not reachable: no answer in time"):
            look_at(system, component)


def test_a_configuration_that_could_not_be_put_back_is_not_replaced_unless_that_is_allowed(
    theirs: LocalStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_self: AdminClient) -> str:
        raise ConfigUnreadable("GET /config answered 405")

    with left_as_found(theirs):
        monkeypatch.setattr(AdminClient, "loaded_config", unreadable)
        with pytest.raises(
            StackError, match=r"could not be put back afterwards: .* 405; give --allow-config-loss"
        ) as refused:
            ExternalStack(system_of(theirs), base_directory=tmp_path).start()
        assert "\n" not in str(refused.value)
        monkeypatch.undo()
    text = json.dumps(config_of(theirs), default=str)
    monkeypatch.setattr(AdminClient, "loaded_config", unreadable)
    allowed = external_system(places(theirs.addresses), allow_config_loss=True)
    with ExternalStack(allowed, base_directory=tmp_path) as stack:
        assert http_status(f"{stack.addresses.gateway_url}/theirs") == 404
    monkeypatch.undo()
    with AdminClient(theirs.addresses.admin_url) as admin:
        admin.post_config(text)


def test_what_could_not_be_put_back_at_the_end_is_kept_and_told_where(
    theirs: LocalStack, tmp_path: Path
) -> None:
    stack = ExternalStack(system_of(theirs), base_directory=tmp_path)
    with left_as_found(theirs):
        stack.start()
        theirs.stop_component(Component.GATEWAY)
        try:
            with pytest.raises(StackError, match=r"could not be put back: .*it lies in") as failed:
                stack.remove()
        finally:
            theirs.start_component(Component.GATEWAY)
        kept = re.search(r"it lies in (\S+)", str(failed.value))
        assert kept is not None
        with open(kept[1], encoding="utf-8") as found, AdminClient(theirs.addresses.admin_url) as admin:  # noqa: PTH123
            admin.post_config(found.read())


def test_one_run_at_a_time_uses_it(theirs: LocalStack, tmp_path: Path) -> None:
    with (
        ExternalStack(system_of(theirs), base_directory=tmp_path),
        pytest.raises(StackError, match="another run on this machine uses the system at"),
    ):
        ExternalStack(system_of(theirs), base_directory=tmp_path).start()
    with ExternalStack(system_of(theirs), base_directory=tmp_path):
        pass


INNER = """
import os
import pytest
from fixtures.nemesis import fault_named
from fixtures.observers.logs import Logs
from fixtures.stack.abilities import able
from fixtures.stack.base import Component, HasFigures

@pytest.fixture
def own(make_stack):
    return make_stack(workers=1)

def test_ability(stack): able(stack, HasFigures)
def test_own_stack(make_stack): make_stack()
def test_own_stack_of_a_fixture(own): pass
def test_log(stack): Logs(stack.logs).read_since(Logs(stack.logs).mark(), "gateway.error")
def test_component(stack): stack.addresses.backend_url
def test_restart(stack): fault_named("redis_stop")(stack)
def test_fault(stack):
    with fault_named("redis_out_of_clients")(stack): pass
@pytest.mark.parametrize("number", range(4))
def test_plain(stack, number): print("process", os.getpid())
"""


def test_what_a_system_lacks_is_skipped_by_name(theirs: LocalStack, tmp_path: Path) -> None:
    test_file = tmp_path / "test_inner.py"
    test_file.write_text(INNER)
    options = [option for option in options_of(theirs) if "backend" not in option]
    with left_as_found(theirs):
        done = run(test_file, "--stack=external", "-n2", "-s", *options)
    assert done.returncode == pytest.ExitCode.OK, done.stdout
    assert "4 passed, 7 skipped" in done.stdout
    assert len(set(re.findall(r"process (\d+)", done.stdout))) == 1, "one system, one process"
    for missing in ("HasFigures", "OwnStacks", r"HasLog\(gateway.error\)", "Stoppable", r"Faults\(redis\)"):
        assert re.search(f"the 'external' stack lacks the ability {missing}", done.stdout), missing
    assert "the system under test has no backend: it is given with --backend-url" in done.stdout


def test_a_fault_is_injected_where_it_is_allowed(theirs: LocalStack, tmp_path: Path) -> None:
    test_file = tmp_path / "test_inner.py"
    test_file.write_text(INNER)
    with left_as_found(theirs):
        done = run(test_file, "--stack=external", "--allow-faults=redis", *options_of(theirs))
    # What needs an ability is skipped all the same.
    assert "6 passed, 5 skipped" in done.stdout, done.stdout
    assert "Faults(redis)" not in done.stdout


def test_a_wrong_url_ends_the_run_in_one_line(theirs: LocalStack, tmp_path: Path) -> None:
    test_file = tmp_path / "test_inner.py"
    test_file.write_text(INNER)
    done = run(test_file, "--stack=external", f"--gateway-url={theirs.addresses.admin_url}")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"--gateway-url={theirs.addresses.admin_url}: this is an Admin API" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_killed_run_leaves_it_as_it_was_found(theirs: LocalStack, tmp_path: Path) -> None:
    test_file = tmp_path / "test_inner.py"
    test_file.write_text(
        "import time\ndef test_wait(stack):\n    print('\\nup', flush=True)\n    time.sleep(600)\n"
    )
    before = config_of(theirs)
    started = subprocess.Popen(
        command(test_file, "-s", "--stack=external", *options_of(theirs)),
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert started.stdout is not None
        next(line for line in started.stdout if line.startswith("up"))
        assert config_of(theirs) != before
        os.kill(started.pid, signal.SIGKILL)
        eventually(
            lambda: config_of(theirs) == before,
            timeout_s=10,
            what="the gateway's configuration to be put back",
        )
    finally:
        started.kill()
        started.communicate()
