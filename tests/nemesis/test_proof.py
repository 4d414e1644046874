"""A fault that is prevented from taking effect is invalid, one that is prevented from ending was not cleaned up."""

from __future__ import annotations

import contextlib
import itertools
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from fixtures.failures import CleanupFailed, InvalidFault
from fixtures.nemesis import FAULTS, fault_named, make_fault, offered
from fixtures.nemesis import base as fault_base
from fixtures.nemesis.gateway_connection_flood import GatewayConnectionFlood
from fixtures.nemesis.sighting import Outcome, Sighting

if TYPE_CHECKING:
    from fixtures.pytest_plugin.stack import MakeStack
    from fixtures.stack.base import Stack

# One of each way to prove an effect; the way itself is the same for all of its kind.
OF_EACH_KIND = (
    "redis_stop",
    "redis_refuse",
    "redis_acl",
    "redis_flapping",
    "wire_black_hole",
    "wire_error",
    "wire_half_open",
    "upstream_error",
    "gateway_worker_freeze",
    "gateway_config_storm",
    "gateway_connection_flood",
    "gateway_log_disk_full",
    "backend_pause",
)


@pytest.fixture(scope="module")
def stack(make_module_stack: MakeStack) -> Stack:
    """A whole system; each test leaves it healthy."""
    return make_module_stack()


def do_nothing(*_args: Any) -> None:
    """Takes the place of an injection or of a removal."""


def made(name: str, stack: Stack) -> Any:
    reason = offered(stack).withheld.get(name)
    if reason:
        pytest.skip(reason)
    return make_fault(name, stack)


@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_a_fault_whose_effect_is_prevented_is_invalid(
    stack: Stack, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fault_base, "_EFFECT_TIMEOUT_S", 0.3)
    fault = made(name, stack)
    monkeypatch.setattr(fault, "_apply", do_nothing)
    with pytest.raises(InvalidFault, match=f"{name} had no effect"):
        fault.inject()
    assert name not in stack.undo.outstanding


@pytest.mark.parametrize("name", [name for name in OF_EACH_KIND if name != "gateway_config_storm"])
def test_a_fault_whose_end_is_prevented_was_not_cleaned_up(
    stack: Stack, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = made(name, stack)
    fault.inject()
    try:
        with monkeypatch.context() as prevented:
            prevented.setattr(fault_base, "_RECOVERY_TIMEOUT_S", 0.3)
            prevented.setattr(fault, "_remove", do_nothing)
            with pytest.raises(CleanupFailed, match=f"{name} could not be healed"):
                fault.heal()
    finally:
        fault._remove()
        fault._await(fault._is_gone, timeout_s=20, what=f"{name} to be gone after all")


def test_one_bad_look_beforehand_does_not_keep_a_fault_away(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = made("redis_stop", stack)
    look, looks = fault._look, itertools.count()
    bad = Sighting(outcome=Outcome.SILENT, latency_s=1.0)
    monkeypatch.setattr(fault, "_look", lambda: look() if next(looks) else bad)
    with fault:
        pass
    assert next(looks) > 2


def test_connections_of_others_neither_keep_a_flood_away_nor_stand_in_for_it(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    flood = GatewayConnectionFlood(stack, connections=20)
    parts = urlsplit(stack.addresses.gateway_url)
    address = (parts.hostname or "", parts.port or 80)
    with contextlib.ExitStack() as others:
        for _ in range(2 * 20):
            others.enter_context(socket.create_connection(address))
        with flood:
            pass
        monkeypatch.setattr(fault_base, "_EFFECT_TIMEOUT_S", 0.3)
        monkeypatch.setattr(flood, "_apply", do_nothing)
        with pytest.raises(InvalidFault, match="had no effect"):
            flood.inject()


def test_the_kinds_are_all_there() -> None:
    assert {FAULTS[name].target for name in OF_EACH_KIND} == {fault.target for fault in FAULTS.values()}
    assert all(fault_named(name) for name in OF_EACH_KIND)
