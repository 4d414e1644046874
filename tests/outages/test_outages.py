"""Whatever happens to Redis, clients do not feel it, and events come back by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.gateway_config import redis_of
from fixtures.nemesis import fault_named
from fixtures.nemesis.redis_slow import RedisSlow
from tests.outages.judging import Allowed, judge_outage

if TYPE_CHECKING:
    from fixtures.pytest_plugin.lab import MakeLab
    from tests.outages.outage import Calm

# Shorter than the outage, so that a silent Redis is also given up and connected to anew while it lasts.
REDIS_TIMEOUT_MS = 600
# A worker has one slice of that many events under way (SLICE_EVENTS in publisher.lua).
SLICE_EVENTS = 128


@pytest.mark.measures
@pytest.mark.xdist_group("outages")  # in one process, which measures the healthy gateway once for all of them
@pytest.mark.clause("F1", "F3", "F4", "F5")
@pytest.mark.parametrize(
    "name", ["redis_stop", "redis_refuse", "redis_freeze", "redis_slow", "redis_out_of_clients"]
)
def test_an_outage_of_redis_reaches_no_client_and_ends_by_itself(
    calm: Calm, make_lab: MakeLab, name: str
) -> None:
    lab = make_lab(calm.stack)
    route = lab.monitored_route(redis=redis_of(lab.stack.addresses, timeout=REDIS_TIMEOUT_MS))
    fault = fault_named(name)(lab.stack, recorder=lab.history.info)
    # The relay ends with what it holds: a reply to the gateway may have left it when its twin to the tap had not.
    on_the_way = lab.stack.options.workers * SLICE_EVENTS if name == RedisSlow.name else 0
    judge_outage(lab, route, fault, calm, Allowed(cut_on_the_way=on_the_way))
