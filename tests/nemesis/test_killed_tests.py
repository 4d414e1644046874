"""A stack that outlives the tests is healed when they are killed in mid-fault."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.nemesis import FAULTS
from fixtures.nemesis.http_look import look_at_http
from fixtures.nemesis.sighting import Outcome, Sighting, look_at_redis
from fixtures.wait import eventually
from system.upstream.protocol import CONTROL_PREFIX, DEFAULT_SCRIPT_ID
from tests.nemesis import states
from tests.nemesis.killed import killed_in_mid_fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.stack.state_file import StackRecord

HEALED_TIMEOUT_S = 10.0

# What only an order to somebody who goes on undoes: setting, the probe's command, what it is told when all is well.
IN_REDIS = {
    "redis_refuse": ("PING",),
    "redis_out_of_clients": ("PING",),
    "redis_password": ("PING",),
    "redis_client_pause": ("DEL", "suite:probe"),
    "redis_acl": ("PUBLISH", "suite:probe", "x"),
    "redis_readonly": ("DEL", "suite:probe"),
    "redis_oom": ("SETRANGE", "suite:probe", "0", ""),
    "redis_freeze": ("PING",),
}
# What else changes something that outlives the tests: the components that it takes, and how that is seen.
ELSEWHERE: dict[str, tuple[str, Callable[[StackRecord], Any]]] = {
    "redis_flapping": ("redis", states.of_redis),
    "redis_loading": ("redis", states.of_redis),
    "redis_stalled_subscriber": ("redis", states.of_redis),
    "redis_slow": ("redis", states.of_redis),
    "gateway_config_storm": ("gateway,upstream", states.of_configuration),
    "gateway_timers": ("gateway,upstream", states.of_configuration),
    "gateway_memory_limit": ("gateway,upstream", states.of_workers_memory),
    "gateway_log_disk_full": ("gateway,upstream", states.of_logs),
    "gateway_worker_freeze": ("gateway,upstream", states.of_standstill),
    "gateway_cpu_pressure": ("gateway,upstream", states.of_standstill),
    "backend_pause": ("redis,backend", states.of_standstill),
    "backend_half_open": ("redis,backend", states.of_packets),
}
# The others leave nothing in a stack that lives on.
NOTHING_STAYS = {
    "noop",
    # What was ended stays ended, which whoever uses the stack sees at once.
    *("redis_kill", "redis_restart", "redis_stop", "backend_kill", "backend_restart", "backend_stop"),
    # Connections and workers are made anew.
    *("redis_kill_clients", "redis_kill_subscribers", "gateway_reload", "gateway_worker_kill"),
    "gateway_connection_flood",  # whose connections end with the tests
    "redis_move",  # there is no way back, nor need of one
    # In containers only: docs/chaos.md says what those would need.
    *("network_latency", "network_loss"),
}


def await_health(look: Any, *, what: str) -> Sighting:
    """Waits until a look finds what it should, and tells how long that took in the failure otherwise."""

    def healthy() -> Sighting | None:
        sighting: Sighting = look()
        return sighting if sighting.outcome is Outcome.ANSWERED else None

    return eventually(healthy, timeout_s=HEALED_TIMEOUT_S, what=what)


@pytest.mark.parametrize("name", IN_REDIS)
def test_a_kept_redis_is_healed_when_the_tests_are_killed(name: str) -> None:
    with killed_in_mid_fault(name, "redis") as kept:
        killed_s = time.monotonic()
        addresses = kept.record.addresses
        await_health(
            lambda: look_at_redis(addresses.redis_host, addresses.redis_port, words=IN_REDIS[name]),
            what=f"{name} to be undone",
        )
        assert time.monotonic() - killed_s < HEALED_TIMEOUT_S


def test_a_kept_upstream_is_healed_when_the_tests_are_killed() -> None:
    with killed_in_mid_fault("upstream_error", "upstream") as kept:
        url = kept.record.addresses.upstream_url
        await_health(lambda: look_at_http(url, body=b"{}"), what="the default script to be gone")
        script = look_at_http(f"{url}{CONTROL_PREFIX}scripts/{DEFAULT_SCRIPT_ID}")
        assert script.text == "status 404"


def test_of_every_fault_it_is_known_whether_it_may_stay_behind() -> None:
    # The link is a process of the tests' own, and ends with them.
    on_the_wire = {name for name in FAULTS if name.startswith("wire_")}
    in_upstream = {name for name in FAULTS if name.startswith("upstream_")}
    known = [set(IN_REDIS), set(ELSEWHERE), NOTHING_STAYS, on_the_wire, in_upstream]
    assert set().union(*known) == set(FAULTS)
    assert sum(map(len, known)) == len(FAULTS)
    for name in in_upstream | set(IN_REDIS) - {"redis_freeze"}:
        assert FAULTS[name]._orders is not FAULTS["noop"]._orders, name


@pytest.mark.thorough
@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_a_fault_changed_in_a_kept_stack_is_put_back_when_the_tests_are_killed(name: str) -> None:
    components, state = ELSEWHERE[name]
    with killed_in_mid_fault(name, components, state=state) as kept:
        eventually(
            lambda: state(kept.record) == kept.before, timeout_s=HEALED_TIMEOUT_S, what=f"{name} to be undone"
        )
