"""A chaos run against a system that runs already: only what was allowed is broken, and it is left as it was found."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from fixtures.chaos.engine import Engine, Told
from fixtures.chaos.header import read_recipe
from fixtures.chaos.recipes import draw_recipe
from fixtures.chaos.replay import replay_command
from fixtures.chaos.schedule import Shape
from fixtures.chaos.setting import Setting
from fixtures.chaos.stacks import StackChoice
from fixtures.clients.admin import AdminClient
from fixtures.errors import OptionError
from fixtures.history import History
from fixtures.stack.external_system import external_system
from fixtures.stack.local import LocalStack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RATE_PER_S = 60.0
BRIEF = Shape(at_once_max=1, calm_s=4.0, lasts_s=(1.0, 1.5))


@pytest.fixture(scope="module")
def theirs() -> Iterator[LocalStack]:
    """A system that runs."""
    with LocalStack() as stack:
        yield stack


def choice_of(theirs: LocalStack, allow_faults: str) -> StackChoice:
    addresses = theirs.addresses
    system = external_system(
        {
            "gateway_url": addresses.gateway_url,
            "admin_url": addresses.admin_url,
            "redis_url": f"redis://{addresses.redis_host}:{addresses.redis_port}",
            "backend_url": addresses.backend_url,
            "upstream_url": addresses.upstream_url,
        },
        allow_faults=allow_faults,
    )
    return StackChoice(kind="external", workers=1, external=system)


def config_of(stack: LocalStack) -> str:
    with AdminClient(stack.addresses.admin_url) as admin:
        return admin.loaded_config()


def test_what_was_not_allowed_is_not_broken(theirs: LocalStack) -> None:
    with choice_of(theirs, "upstream").make() as stack:
        plan = {"seed": 5, "chaos_s": 7.0, "rate_per_s": RATE_PER_S, "shape": BRIEF}
        recipe = draw_recipe(stack, **plan)  # type: ignore[arg-type]
        assert {fault.target for fault in recipe.schedule.faults} == {"upstream"}
        with pytest.raises(
            OptionError, match=r"--faults=redis_oom: cannot be had .* nobody allowed faults of redis"
        ):
            draw_recipe(stack, **plan, faults=["redis_oom"])  # type: ignore[arg-type]


def test_weights_say_how_often_a_fault_of_the_stack_is_drawn(theirs: LocalStack) -> None:
    with choice_of(theirs, "upstream").make() as stack:
        weights = {"upstream_slow": 8, "upstream_error": 0}
        recipe = draw_recipe(
            stack, seed=5, chaos_s=400.0, rate_per_s=RATE_PER_S, weights=weights, shape=BRIEF
        )
        drawn = Counter(fault.fault for fault in recipe.schedule.faults)
        assert drawn["upstream_error"] == 0
        assert drawn["upstream_slow"] > sum(drawn.values()) / 2
        with pytest.raises(
            OptionError, match=r"--weight=redis_oom: cannot be had .* nobody allowed faults of redis"
        ):
            draw_recipe(stack, seed=5, chaos_s=7.0, rate_per_s=RATE_PER_S, weights={"redis_oom": 2})


@pytest.mark.thorough
def test_a_run_on_an_external_system_proves_its_fault_and_leaves_nothing(
    theirs: LocalStack, tmp_path: Path
) -> None:
    before = config_of(theirs)
    path = tmp_path / "run.jsonl"
    with choice_of(theirs, "redis,upstream").make() as stack:
        drawn = draw_recipe(
            stack,
            seed=5,
            chaos_s=7.0,
            rate_per_s=RATE_PER_S,
            faults=["redis_oom"],
            shape=BRIEF,
            bounds={"steady_s": 4.0, "recovery_s": 1.0},
        )
        made_on = Setting(stack="local", workers=2)
        recipe = dataclasses.replace(drawn, source="local.jsonl", made_on=made_on)
        ran = Engine(stack, recipe, told=Told(minutes=0.1), path=path).run()
    assert ran.reason == "complete"
    history = History.read(path)
    phases = [op.value["phase"] for op in history.ops(f="redis_oom")]
    assert phases == ["inject", "effective", "heal", "gone"]
    assert "stack: local then, external now" in history.about["replay_differs"]
    assert "--stack external --stack-file SYSTEM.toml --allow-faults redis,upstream" in replay_command(path)
    assert read_recipe(path).schedule == drawn.schedule
    assert config_of(theirs) == before
    theirs.require_running()
