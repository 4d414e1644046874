"""What cannot be started is said in plain words with exit code 1, in Kong's words where Kong says it."""

import json
import re
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from fixtures.stack.ports import HOST
from system.gateway_host import packages
from system.gateway_host.errors import PackageError
from tests.gateway_host.host import RECORDED, GatewayHost

RECORDED_FAILURES = {
    record["name"]: record
    for record in map(
        json.loads, (RECORDED / "start-failures.jsonl").read_text(encoding="utf-8").splitlines()
    )
}
GOOD = (RECORDED / "probe" / "kong.yml").read_text(encoding="utf-8")
FIELD = "enable_event_monitoring: true"
#: Which change of the probe's configuration each recorded failure was made by.
BROKEN = {
    "unknown plugin key": GOOD.replace(FIELD, "enable_event_monitorin: true"),
    "value out of range": GOOD.replace(FIELD, "event_sampling_rate: 1.5"),
    "wrong type": GOOD.replace(FIELD, 'event_batch_size: "many"'),
    "malformed YAML": "a: [1, 2",
    "plugin not enabled": GOOD.replace("name: aws-masker", "name: aws-maskerr"),
    "KONG_PLUGINS names a plugin that is not installed": GOOD,
}
RESOLVER_FORM = "dns_resolver must be a comma separated list in the form of IPv4/6 or IPv4/6:port"
#: A refusal is found before nginx starts; a loaded machine may need longer than its usual 0.2 s.
_EXIT_TIMEOUT_S = 10.0


def refusal(
    directory: Path,
    probe_root: Path,
    *,
    configuration: str = GOOD,
    plugins: str = "bundled,aws-masker",
    environment: Mapping[str, str] | None = None,
    command: str = "start",
) -> str:
    """What a host that must not start says."""
    host = GatewayHost(directory, configuration, probe_root, plugins=plugins, environment=environment or {})
    try:
        process = host.launch(command)
        assert process.wait(_EXIT_TIMEOUT_S), "the host kept running"
        assert process.exit_status == 1
        assert process.family() == []
        return host.output.read_text(encoding="utf-8")
    finally:
        host.close()


def kongs_words(name: str) -> str:
    """Kong's own message: without the place in Kong's source, time stamps and stack trace."""
    match = re.search(
        r"nginx: \[error\] init_by_lua error: \S+:\d+: (.*?)\nstack traceback",
        RECORDED_FAILURES[name]["stderr"],
        re.DOTALL,
    )
    assert match is not None
    return match[1]


@pytest.mark.parametrize("name", BROKEN)
def test_a_bad_configuration_is_refused_in_kongs_words(name: str, tmp_path: Path, probe_root: Path) -> None:
    plugins = "bundled,not-there" if "not installed" in name else "bundled,aws-masker"
    said = refusal(tmp_path, probe_root, configuration=BROKEN[name], plugins=plugins)
    expected = kongs_words(name).replace("/kong/kong.yml", str(tmp_path / "kong.yml"))
    assert said == f"gateway host: {expected}\n"


def test_a_plugin_on_an_unknown_route_is_refused_by_name(tmp_path: Path, probe_root: Path) -> None:
    said = refusal(tmp_path, probe_root, configuration=GOOD.replace("route: analyze-claude", "route: nope"))
    assert "invalid reference 'route: nope' (no such entry in 'routes')" in said


def test_a_taken_port_is_named(tmp_path: Path, probe_root: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        said = refusal(tmp_path, probe_root, environment={"KONG_PROXY_LISTEN": f"{HOST}:{port}"})
    assert said == (
        f"gateway host: KONG_PROXY_LISTEN: cannot listen on {HOST}:{port} (Address already in use);"
        " choose a free address\n"
    )


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("KONG_PROXY_LISTEN", "nonsense", "KONG_PROXY_LISTEN: 'nonsense' is malformed; expected 'IP:PORT"),
        ("KONG_ADMIN_LISTEN", "127.0.0.1:99999", "KONG_ADMIN_LISTEN: '127.0.0.1:99999' is malformed"),
        ("KONG_PROXY_LISTEN", "127.0.0.1:8443 ssl", "does not serve 'ssl'"),
        ("KONG_LOG_LEVEL", "loud", "KONG_LOG_LEVEL='loud' is unknown; one of: debug, info"),
        ("KONG_NGINX_WORKER_PROCESSES", "none", "is neither 'auto' nor a positive number"),
        ("KONG_DECLARATIVE_CONFIG", "/nowhere/kong.yml", "'/nowhere/kong.yml' is not a file"),
        ("KONG_DNS_VALID_TTL", "soon", "KONG_DNS_VALID_TTL='soon' is not a number"),
        ("KONG_DNS_RESOLVER", "1.2.3.4:53;4.3.2.1", f"{RESOLVER_FORM}, got '1.2.3.4:53;4.3.2.1'"),
        ("KONG_DNS_RESOLVER", "127.0.0.1:53, localhost", f"{RESOLVER_FORM}, got 'localhost'"),
        ("KONG_DNS_RESOLVER", "127.0.0.1:99999", f"{RESOLVER_FORM}, got '127.0.0.1:99999'"),
        ("KONG_DNS_RESOLVER", "[::1", f"{RESOLVER_FORM}, got '[::1'"),
        ("KONG_DNS_HOSTSFILE", "/nowhere/hosts", "dns_hostsfile: file does not exist"),
        ("KONG_NGINX_HTTP_NO_SUCH_DIRECTIVE", "on", "nginx refused its configuration: unknown directive"),
        ("KONG_NGINX_PROXY_SET", "$a b; } server {", "is not the value of one nginx directive"),
    ],
)
def test_a_bad_setting_is_named_with_its_value(
    name: str, value: str, told: str, tmp_path: Path, probe_root: Path
) -> None:
    said = refusal(tmp_path, probe_root, environment={name: value}, command="check")
    assert said.count("\n") == 1
    assert told in said


def test_a_missing_nginx_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_args, **_options: None)
    with pytest.raises(PackageError, match="nginx was not found; install it: apt-get install nginx"):
        packages.find_packages()


def test_a_missing_lua_module_is_named_with_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(packages, "_MODULE_FOLDERS", (tmp_path,))
    with pytest.raises(PackageError, match="apt-get install libnginx-mod-http-lua"):
        packages.find_packages()


def test_a_good_configuration_is_found_valid_without_starting(tmp_path: Path, probe_root: Path) -> None:
    host = GatewayHost(tmp_path, GOOD, probe_root)
    try:
        process = host.launch("check")
        assert process.wait(_EXIT_TIMEOUT_S)
        assert process.exit_status == 0
        assert host.output.read_text(encoding="utf-8") == "configuration is valid\n"
    finally:
        host.close()
