"""The host's directory: rendered files, logs, pid, temporary bodies, the node's id."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from .errors import SettingError
from .nginx_config import render_lua_settings, render_nginx, render_preflight

if TYPE_CHECKING:
    from pathlib import Path

    from .packages import Packages
    from .settings import Settings


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
        (prefix / "gateway_host.json").write_text(
            render_lua_settings(settings, _node_id(prefix)), encoding="utf-8"
        )
        (prefix / "preflight.conf").write_text(render_preflight(settings, packages), encoding="utf-8")
        (prefix / "nginx.conf").write_text(render_nginx(settings, packages), encoding="utf-8")
    except OSError as error:
        raise SettingError(f"KONG_PREFIX={str(prefix)!r} cannot be written: {error.strerror}") from error
