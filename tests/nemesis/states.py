"""What of a stack's state a fault may change for good, read from outside of whoever made the fault."""

from __future__ import annotations

import os
import stat
import subprocess
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import redis
import yaml

from fixtures.clients.admin import AdminClient
from fixtures.errors import SuiteError
from fixtures.stack.reaper import group_members

if TYPE_CHECKING:
    from fixtures.stack.state_file import StackRecord

_TIMEOUT_S = 2.0


def of_redis(record: StackRecord) -> Any:
    """All settings, what it replicates, and who may do what; or why it does not tell."""
    addresses = record.addresses
    try:
        with redis.Redis(
            host=addresses.redis_host, port=addresses.redis_port, socket_timeout=_TIMEOUT_S
        ) as client:
            return client.config_get("*"), client.role()[0], client.acl_list()
    except redis.RedisError as error:
        return type(error).__name__


def of_configuration(record: StackRecord) -> Any:
    """The gateway's configuration; or why it does not tell."""
    try:
        with AdminClient(record.addresses.admin_url) as admin:
            return yaml.safe_load(admin.loaded_config())
    except (SuiteError, httpx.HTTPError) as error:
        return type(error).__name__


def of_workers_memory(record: StackRecord) -> dict[int, tuple[int, int]]:
    """The limit of each worker's address space."""
    return {worker.pid: worker.rlimit(psutil.RLIMIT_AS) for worker in _workers(record)}


def of_logs(record: StackRecord) -> dict[str, bool]:
    """Whether what lies in the place of each of the gateway's logs, and what workers have open, is a device."""
    logs = [path for name, path in record.logs.items() if name in {"gateway.error", "gateway.access"}]
    found = {str(path): stat.S_ISCHR(path.stat().st_mode) for path in logs}
    found |= {str(path): True for log in logs for path in log.parent.iterdir() if path.suffix == ".kept"}
    for worker in _workers(record):
        for handle in os.scandir(f"/proc/{worker.pid}/fd"):
            name = os.path.basename(os.readlink(handle.path))  # noqa: PTH115, PTH119
            if name in {path.name for path in logs}:
                is_device = stat.S_ISCHR(os.stat(handle.path).st_mode)  # noqa: PTH116
                found[f"{name} of {worker.pid}"] = is_device
    return found


def of_standstill(record: StackRecord) -> list[int]:
    """The processes that stand still."""
    return [
        member.pid
        for process in record.processes.values()
        for member in group_members(process.pid, process.started)
        if member.state == "T"
    ]


def of_packets(record: StackRecord) -> list[str]:
    """The rules that drop packets from or to Redis."""
    rules = subprocess.run(["iptables", "-S"], capture_output=True, text=True, check=True, timeout=30).stdout
    return [rule for rule in rules.splitlines() if f"port {record.addresses.redis_port} " in rule]


def _workers(record: StackRecord) -> list[psutil.Process]:
    return psutil.Process(record.processes["gateway"].pid).children()
