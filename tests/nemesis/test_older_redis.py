"""Faults of Redis ask nothing of it that 6.2 does not have."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.errors import FaultError
from fixtures.nemesis import FAULTS, make_fault
from fixtures.nemesis.redis_fault import RedisFault
from fixtures.stack.base import Component
from fixtures.stack.redis_admin import RedisAdmin

if TYPE_CHECKING:
    from fixtures.pytest_plugin.stack import MakeStack
    from fixtures.stack.base import Stack

# What came with 7.0, of all that the faults of Redis might like to use.
NEWER_COMMANDS = ("acl|dryrun", "ssubscribe", "spublish")
NEWER_SETTINGS = frozenset({"loading-process-events-interval-bytes"})


@pytest.fixture(scope="module")
def stack(make_module_stack: MakeStack) -> Stack:
    """Redis, which can move."""
    return make_module_stack(components=frozenset({Component.REDIS}), movable_redis=True)


def take_away_what_is_newer(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has Redis, until it is started anew, refuse what 6.2 does not know."""
    admin = RedisAdmin(stack.addresses.redis_host, stack.addresses.redis_port)
    for name in NEWER_COMMANDS:
        with suppress(FaultError):  # it does not know it itself
            admin.command("ACL", "SETUSER", "default", f"-{name}")
    admin.close()
    command = RedisAdmin.command

    def without_newer_settings(admin: RedisAdmin, *words: str | int) -> Any:
        if words[0] == "CONFIG" and words[2] in NEWER_SETTINGS:
            assert words[1] == "GET", f"6.2 has no setting {words[2]}"
            return {}
        return command(admin, *words)

    monkeypatch.setattr(RedisAdmin, "command", without_newer_settings)


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if issubclass(fault, RedisFault)])
def test_a_fault_of_redis_shows_and_goes_on_one_as_old_as_6_2(
    stack: Stack, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reason := FAULTS[name].withheld(stack):
        pytest.skip(reason)
    take_away_what_is_newer(stack, monkeypatch)
    with make_fault(name, stack):
        pass
