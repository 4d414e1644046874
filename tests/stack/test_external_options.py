"""Where an external system is: said by options, variables and one file; what cannot be meant is one clear line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.errors import ComponentAbsent, OptionError
from fixtures.stack.base import Component
from fixtures.stack.external_system import PLACES, external_system, variable_of

if TYPE_CHECKING:
    from pathlib import Path

GATEWAY = {"gateway_url": "http://gw:8000"}


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in (*PLACES, "stack_file"):
        monkeypatch.delenv(variable_of(key), raising=False)


def test_the_gateway_sees_what_the_tests_see_unless_told_otherwise() -> None:
    places = {**GATEWAY, "redis_url": "redis://cache", "upstream_url": "http://llm/"}
    addresses = external_system(places).addresses
    assert addresses.upstream_url == addresses.upstream_url_from_gateway == "http://llm:80"
    assert (addresses.redis_host_from_gateway, addresses.redis_port_from_gateway) == ("cache", 6379)
    inside = {"redis_url_from_gateway": "redis://redis:7000", "upstream_url_from_gateway": "http://up:1"}
    addresses = external_system({**places, **inside}).addresses
    assert (addresses.redis_host, addresses.redis_port) == ("cache", 6379)
    assert (addresses.redis_host_from_gateway, addresses.redis_port_from_gateway) == ("redis", 7000)
    assert addresses.upstream_url_from_gateway == "http://up:1"


def test_user_and_password_of_redis_are_taken_and_never_shown() -> None:
    system = external_system({**GATEWAY, "redis_url": "redis://me:s%40cret@cache:1/0"})
    assert system.addresses.redis_login == {"username": "me", "password": "s@cret"}
    assert "cret" not in repr(system)
    with pytest.raises(
        OptionError, match=r"--redis-url=redis://me:\*\*\*@cache/3: must be redis://"
    ) as refused:
        external_system({**GATEWAY, "redis_url": "redis://me:s%40cret@cache/3"})
    assert "cret" not in str(refused.value)


def test_what_was_not_given_is_absent_and_asking_for_it_says_how_to_give_it() -> None:
    system = external_system(GATEWAY)
    assert system.components == {Component.GATEWAY}
    for attribute, what, option in (
        ("admin_url", "Admin API", "--admin-url"),
        ("backend_url", "backend", "--backend-url"),
        ("upstream_url_from_gateway", "upstream", "--upstream-url"),
        ("redis_port", "redis", "--redis-url"),
        ("redis_host_from_gateway", "redis", "--redis-url"),
    ):
        with pytest.raises(ComponentAbsent, match=f"has no {what}: it is given with {option}"):
            getattr(system.addresses, attribute)


def test_an_option_goes_before_a_variable_and_the_file_gives_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "stack.toml"
    file.write_text(
        'upstream_url = "http://file"\ntests_host = "10.0.0.9"\n[logs]\n"gateway.error" = "/var/log/error.log"\n'
    )
    monkeypatch.setenv("SUITE_GATEWAY_URL", "http://variable")
    monkeypatch.setenv("SUITE_BACKEND_URL", "http://variable")
    monkeypatch.setenv("SUITE_STACK_FILE", str(file))
    system = external_system(GATEWAY)
    assert system.addresses.gateway_url == "http://gw:8000"
    assert system.addresses.backend_url == "http://variable:80"
    assert system.addresses.upstream_url == "http://file:80"
    assert system.tests_host == "10.0.0.9"
    assert {name: str(path) for name, path in system.logs.items()} == {"gateway.error": "/var/log/error.log"}


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, "--stack=external: needs --gateway-url, or --stack-file with gateway_url"),
        ({"gateway_url": "gw:8000"}, "--gateway-url=gw:8000: must be http://HOST:PORT"),
        ({"gateway_url": "https://gw"}, "--gateway-url=https://gw: must be http://HOST:PORT"),
        ({"gateway_url": "http://gw/admin"}, "--gateway-url=http://gw/admin: must be http://HOST:PORT"),
        ({"gateway_url": "http://gw:80000"}, "--gateway-url=http://gw:80000: must be http://HOST:PORT"),
        ({**GATEWAY, "admin_url": "http://:8001"}, "--admin-url=http://:8001: must be http://HOST:PORT"),
        ({**GATEWAY, "redis_url": "cache:6379"}, "--redis-url=cache:6379: must be redis://"),
        ({**GATEWAY, "redis_url": "rediss://cache"}, "--redis-url=rediss://cache: must be redis://"),
        ({**GATEWAY, "redis_url": "redis://me@cache"}, "there is a user without a password"),
        (
            {**GATEWAY, "redis_url": "redis://a", "redis_url_from_gateway": "redis://:pw@b"},
            r"--redis-url-from-gateway=redis://:\*\*\*@b: must be redis://HOST\[:PORT\]; user and password are those",
        ),
    ],
)
def test_a_wrong_place_is_refused_in_one_line(said: dict[str, str], message: str) -> None:
    with pytest.raises(OptionError, match=message) as refused:
        external_system(said)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gateway_url = ", "is not TOML: "),
        ('gatewayurl = "http://gw"', "unknown key gatewayurl; known: gateway_url, admin_url"),
        ("gateway_url = 8000", "gateway_url = 8000 must be a string"),
        ('logs = "/var/log"', "logs = '/var/log' must be a table of names and paths"),
        ("[logs]\nredis = 1", "logs.redis = 1 must be a string"),
        ('allow_faults = "redis"', "unknown key allow_faults"),
        (
            'gateway_url = "http://other"',
            "--gateway-url=http://gw:8000: .* says gateway_url = 'http://other'; say it",
        ),
        ('admin_url = "ftp://gw"', "admin_url=ftp://gw: must be http://HOST:PORT"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "stack.toml"
    file.write_text(text)
    with pytest.raises(OptionError, match=message) as refused:
        external_system(GATEWAY, stack_file=str(file))
    assert str(file) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", [None, b"\xff"], ids=["not there", "not text"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "stack.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(OptionError, match=f"--stack-file={file}: (cannot be read: No such file|is not TOML)"):
        external_system({}, stack_file=str(file))


def test_the_same_in_file_and_option_is_no_contradiction(tmp_path: Path) -> None:
    file = tmp_path / "stack.toml"
    file.write_text('gateway_url = "http://gw:8000/"')
    assert external_system(GATEWAY, stack_file=str(file)).addresses.gateway_url == "http://gw:8000"


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        (
            "cache",
            "--allow-faults=cache: unknown component 'cache'; known: gateway, redis, backend, upstream",
        ),
        ("redis,", "--allow-faults=redis,: unknown component ''; known: "),
        ("backend", "--allow-faults=backend: the address of backend is not given"),
        ("redis", "--allow-faults=redis: faults of a Redis that wants a password are not possible"),
    ],
)
def test_wrong_permissions_are_refused_in_one_line(faults: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        external_system({**GATEWAY, "redis_url": "redis://:pw@cache"}, allow_faults=faults)


def test_nothing_may_be_broken_but_what_is_named() -> None:
    places = {**GATEWAY, "redis_url": "redis://cache"}
    assert external_system(places).allow_faults == frozenset()
    assert external_system(places, allow_faults="redis, gateway").allow_faults == {
        Component.REDIS,
        Component.GATEWAY,
    }
