"""Every fault shows, says so in the history, and is gone within a second of its end."""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING

import pytest

from fixtures.errors import FaultError
from fixtures.history import History
from fixtures.nemesis import FAULTS, documentation_of, make_fault, offered
from fixtures.nemesis.gateway_timers import PLUGIN, SOURCE
from fixtures.nemesis.wire_fault import CommandFault
from fixtures.stack.base import Component, ComponentState, StackOptions

if TYPE_CHECKING:
    from fixtures.pytest_plugin.stack import MakeStack
    from fixtures.stack.base import Stack

# How soon after its end a fault has to be undone. What comes after it is the component's own start.
UNDO_BOUND_S = 1.0
DRAWS = 20


@pytest.fixture(scope="module")
def stack(make_module_stack: MakeStack) -> Stack:
    """A whole system; each test leaves it healthy."""
    return make_module_stack(gateway_plugins={PLUGIN: SOURCE}, movable_redis=True)


@pytest.mark.measures
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_shows_and_is_gone_soon_after_its_end(stack: Stack, name: str) -> None:
    reason = offered(stack).withheld.get(name)
    if reason:
        pytest.skip(reason)
    history = History()
    before = set(stack.undo.outstanding)
    fault = FAULTS[name](stack, recorder=history.info)
    fault.inject()
    assert name in stack.undo.outstanding
    started_s = time.monotonic()
    fault.heal()
    healed_s = time.monotonic() - started_s
    assert set(stack.undo.outstanding) - before <= {"wire_proxy"}
    assert [op.value["phase"] for op in history] == ["inject", "effective", "heal", "gone"]
    assert all(stack.state(component) is ComponentState.RUNNING for component in stack.options.components)
    stack.require_running()
    assert healed_s <= UNDO_BOUND_S + FAULTS[name].restart_s


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if issubclass(fault, CommandFault)])
def test_a_fault_of_every_command_shows_and_goes(stack: Stack, name: str) -> None:
    # As random runs draw it now and then; the default befalls PUBLISH only.
    with make_fault(name, stack, parameters={"commands": []}):
        pass


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_drawn_for_a_fault_can_be_written_down_and_made(stack: Stack, name: str) -> None:
    rng = random.Random(7)
    for _ in range(DRAWS):
        parameters = FAULTS[name].draw(rng)
        assert json.loads(json.dumps(parameters)) == parameters
        if name in offered(stack).faults:
            made = make_fault(name, stack, parameters=parameters)
            assert {**made.parameters, **parameters} == made.parameters
    assert FAULTS[name].draw(random.Random(3)) == FAULTS[name].draw(random.Random(3))


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_a_line_of_documentation(name: str) -> None:
    line = documentation_of(FAULTS[name])
    assert line.endswith(".")
    assert not line.startswith(" ")
    assert FAULTS[name].name == name
    assert Component(FAULTS[name].target) if FAULTS[name].target != "wire" else True


def test_a_parameter_that_a_fault_does_not_have_is_told_with_those_it_has(stack: Stack) -> None:
    with pytest.raises(FaultError, match="redis_slow has no parameter 'delay'; its parameters: delay_s"):
        make_fault("redis_slow", stack, parameters={"delay": 1})
    with pytest.raises(FaultError, match="redis_stop has no parameter 'delay'; it has none"):
        make_fault("redis_stop", stack, parameters={"delay": 1})


def test_what_a_stack_cannot_do_is_withheld_with_the_reason() -> None:
    class Immobile:
        kind = "immobile"
        options = StackOptions(components=frozenset({Component.REDIS}))
        faultable = frozenset(Component)

    offer = offered(Immobile())  # type: ignore[arg-type]
    assert offer.withheld["redis_freeze"] == "the 'immobile' stack lacks the ability Pausable"
    assert set(offer.faults) | set(offer.withheld) == set(FAULTS)
    assert "redis_client_pause" in offer.faults
