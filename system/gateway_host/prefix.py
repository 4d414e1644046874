"""The host's directory: rendered files, logs, pid, temporary bodies, the node's id."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from .errors import SettingError
from .lua_settings import render_lua_settings
from .nginx_config import render_nginx, render_task

if TYPE_CHECKING:
    from pathlib import Path

    from .packages import Packages
    from .settings import Settings

TASKS = ("preflight", "bootstrap")
"""What nginx is started for without becoming the gateway: functions of `gateway_host.tasks`."""


def _node_id(prefix: Path) -> str:
    """The node's id, kept over restarts in the same prefix as Kong keeps its own."""
    file = prefix / "kong.id"
    if file.is_file():
        return file.read_text(encoding="utf-8").strip()
    node_id = str(uuid.uuid4())
    file.write_text(node_id, encoding="utf-8")
    return node_id


def prepare_prefix(settings: Settings, packages: Packages) -> None:
    """Write everything that nginx reads at start.

    Raises:
        SettingError: the prefix cannot be written.
    """
    prefix = settings.prefix
    try:
        for folder in ("logs", "pids"):
            (prefix / folder).mkdir(parents=True, exist_ok=True)
        # It holds the database's password.
        settings_file = prefix / "gateway_host.json"
        settings_file.touch(mode=0o600)
        settings_file.write_text(render_lua_settings(settings, _node_id(prefix)), encoding="utf-8")
        for task in TASKS:
            (prefix / f"{task}.conf").write_text(render_task(settings, packages, task), encoding="utf-8")
        (prefix / "nginx.conf").write_text(render_nginx(settings, packages), encoding="utf-8")
    except OSError as error:
        raise SettingError(f"KONG_PREFIX={str(prefix)!r} cannot be written: {error.strerror}") from error
