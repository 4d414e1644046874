"""A stack that outlives the tests is healed when they are killed in mid-fault."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.nemesis import FAULTS
from fixtures.nemesis.http_look import look_at_http
from fixtures.nemesis.sighting import Outcome, Sighting, look_at_redis
from fixtures.stack.component import ROOT
from fixtures.stack.state_file import StackRecord, read_record
from fixtures.wait import eventually
from system.upstream.protocol import CONTROL_PREFIX, DEFAULT_SCRIPT_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

HEALED_TIMEOUT_S = 10.0

# Starts a stack that is to be kept, injects a fault, tells, and lives until it is killed.
CHILD = """
import json, sys, time
from fixtures.nemesis import make_fault
from fixtures.stack.base import Component, StackOptions
from fixtures.stack.local import LocalStack
components = frozenset(Component(name) for name in sys.argv[2].split(","))
stack = LocalStack(StackOptions(components=components), keep=True)
stack.start()
print(json.dumps({"directory": str(stack.directory)}), flush=True)
seen = make_fault(sys.argv[1], stack).inject()
print(json.dumps({"seen": str(seen)}), flush=True)
time.sleep(600)
"""
# What only an order to somebody who goes on undoes: setting, the probe's command, what it is told when all is well.
IN_REDIS = {
    "redis_refuse": ("PING",),
    "redis_out_of_clients": ("PING",),
    "redis_password": ("PING",),
    "redis_client_pause": ("DEL", "suite:probe"),
    "redis_acl": ("ACL", "DRYRUN", "default", "PUBLISH", "suite:probe", "x"),
    "redis_readonly": ("DEL", "suite:probe"),
    "redis_oom": ("SETRANGE", "suite:probe", "0", ""),
    "redis_freeze": ("PING",),
}


@contextmanager
def killed_in_mid_fault(name: str, components: str) -> Iterator[StackRecord]:
    """A stack whose owner injected a fault and was then killed; ended afterwards."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, name, components],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    record: StackRecord | None = None
    try:
        assert child.stdout is not None
        directory = Path(json.loads(child.stdout.readline())["directory"])
        record = read_record(directory)
        assert json.loads(child.stdout.readline())["seen"]
        child.send_signal(signal.SIGKILL)
        child.wait()
        yield record
    finally:
        child.kill()
        child.communicate()
        if record is not None:
            read_record(record.directory).end()


def await_health(look: Any, *, what: str) -> Sighting:
    """Waits until a look finds what it should, and tells how long that took in the failure otherwise."""

    def healthy() -> Sighting | None:
        sighting: Sighting = look()
        return (
            sighting if sighting.outcome is Outcome.ANSWERED and not sighting.text.startswith("$") else None
        )

    return eventually(healthy, timeout_s=HEALED_TIMEOUT_S, what=what)


@pytest.mark.parametrize("name", IN_REDIS)
def test_a_kept_redis_is_healed_when_the_tests_are_killed(name: str) -> None:
    with killed_in_mid_fault(name, "redis") as record:
        killed_s = time.monotonic()
        addresses = record.addresses
        await_health(
            lambda: look_at_redis(addresses.redis_host, addresses.redis_port, words=IN_REDIS[name]),
            what=f"{name} to be undone",
        )
        assert time.monotonic() - killed_s < HEALED_TIMEOUT_S


def test_a_kept_upstream_is_healed_when_the_tests_are_killed() -> None:
    with killed_in_mid_fault("upstream_error", "upstream") as record:
        url = record.addresses.upstream_url
        await_health(lambda: look_at_http(url, body=b"{}"), what="the default script to be gone")
        script = look_at_http(f"{url}{CONTROL_PREFIX}scripts/{DEFAULT_SCRIPT_ID}")
        assert script.text == "status 404"


def test_every_fault_that_changes_a_server_leaves_orders_for_its_undoing() -> None:
    changing = [name for name in FAULTS if name in IN_REDIS or name.startswith("upstream_")]
    assert set(IN_REDIS) <= set(changing)
    for name in changing:
        if name != "redis_freeze":
            assert FAULTS[name]._orders is not FAULTS["noop"]._orders, name
