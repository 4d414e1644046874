"""With a database, `PATCH /plugins/{id}` changes the plugin at run time, in every worker."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.checkers import availability
from fixtures.clients.entities import Entities, plugin_id
from fixtures.errors import ConfigRefused
from fixtures.stack.abilities import able
from fixtures.stack.base import Component, Database, Killable, Stoppable
from fixtures.wait import eventually
from tests.administration import reigns
from tests.administration.quiet import settled
from tests.administration.reigns import Reign
from tests.administration.test_runtime_changes import ALONE_MIN, enough_answered, prompts, restored
from tests.administration.traffic import traffic

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack
    from fixtures.stack.base import Stack

# Each changes what the messages show; only these fields are sent.
STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("in batches of 5", {"event_batch_size": 5}),
    ("off", {"enable_event_monitoring": False}),
    ("one by one again", {"enable_event_monitoring": True, "event_batch_size": 1}),
)


@pytest.fixture(scope="module")
def traditional(make_module_stack: MakeStack) -> Stack:
    """A stack whose gateway keeps its configuration in a database."""
    return make_module_stack(
        database=Database.POSTGRES, components=frozenset(Component) - {Component.BACKEND}
    )


@pytest.fixture
def lab(traditional: Stack, make_lab: MakeLab) -> Lab:
    """A lab on that stack."""
    return make_lab(traditional)


@pytest.mark.thorough  # in DB-less mode the gate proves it
@pytest.mark.xdist_group("database")
@pytest.mark.clause("A1")
def test_a_patch_changes_the_plugin_under_traffic_in_every_worker(lab: Lab) -> None:
    route = lab.monitored_route(event_flush_interval=0.1)
    entities, key = Entities(lab.admin), plugin_id(route.route.name)
    ruled = [Reign(name="one by one", masker=route.masker, posted_ns=0, alone_ns=time.monotonic_ns())]
    with traffic(lab, prompts(lab, route), check=restored):
        for name, changes in (("", {}), *STEPS):
            if changes:
                posted_ns = time.monotonic_ns()
                entities.patch("plugins", key, {"config": changes})
                entities.fence(lab.config(), lab.stack.addresses.gateway_url)
                alone_ns = time.monotonic_ns()
                ruled[-1] = dataclasses.replace(ruled[-1], gone_ns=alone_ns)
                masker = dataclasses.replace(ruled[-1].masker, **changes)
                ruled.append(Reign(name=name, masker=masker, posted_ns=posted_ns, alone_ns=alone_ns))
            since_ns = ruled[-1].alone_ns
            eventually(
                lambda since=since_ns: enough_answered(lab.history, int(since)),  # type: ignore[misc]
                timeout_s=10,
                what=f"{ALONE_MIN} answers under '{ruled[-1].name}'",
            )
    settled(lab)
    lab.require(availability.check(lab.history, at_least=ALONE_MIN * len(ruled)))
    lab.require(reigns.check(lab.history, ruled, alone_min=ALONE_MIN))


@pytest.mark.thorough  # in DB-less mode the gate proves it
@pytest.mark.xdist_group("database")
@pytest.mark.clause("A1")
def test_a_patch_leaves_what_it_does_not_name_and_refuses_what_the_schema_does_not_know(lab: Lab) -> None:
    route = lab.monitored_route(event_flush_interval=0.1, event_batch_size=7)
    entities, key = Entities(lab.admin), plugin_id(route.route.name)
    [before] = [plugin for plugin in lab.admin.plugins() if plugin["id"] == key]
    changed = entities.patch(
        "plugins", key, {"config": {"event_sampling_rate": 0.5, "redis": {"database": 3}}}
    )
    wanted = {**before["config"], "event_sampling_rate": 0.5}
    wanted["redis"] = {**wanted["redis"], "database": 3}
    assert changed["config"] == wanted
    assert {name: changed[name] for name in ("id", "name", "route", "created_at", "enabled")} == {
        name: before[name] for name in ("id", "name", "route", "created_at", "enabled")
    }
    with pytest.raises(ConfigRefused, match=r"config\.event_batch_sise: unknown field"):
        entities.patch("plugins", key, {"config": {"event_batch_sise": 1}})
    with pytest.raises(ConfigRefused, match=r"config\.event_batch_size: value should be between 1 and 100"):
        entities.patch("plugins", key, {"config": {"event_batch_size": 101}})
    assert [plugin for plugin in lab.admin.plugins() if plugin["id"] == key] == [changed]
    assert lab.admin.request("PATCH", f"/plugins/{plugin_id('no such route')}", json={}).status_code == 404
    posted = lab.admin.request("POST", "/config", json={"config": lab.config().to_yaml()})
    assert posted.status_code == 400
    assert "only available when Kong is configured to not use a database" in posted.json()["message"]


@pytest.mark.thorough  # in DB-less mode the gate proves it
@pytest.mark.xdist_group("database")
@pytest.mark.clause("A1")
def test_what_was_patched_outlives_the_gateway(lab: Lab) -> None:
    route = lab.route(event_flush_interval=0.1)
    Entities(lab.admin).patch(
        "plugins", plugin_id(route.route.name), {"config": {"mask_ec2_instances": False}}
    )
    able(lab.stack, Killable).kill(Component.GATEWAY)
    able(lab.stack, Stoppable).start_component(Component.GATEWAY)
    canary = lab.canary("s3")
    exchange = lab.post(route, {"text": f"i-0123456789abcdef0 {canary.text}"})
    assert b"i-0123456789abcdef0" in exchange.upstream.body
