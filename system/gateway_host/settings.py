"""Reads the `KONG_*` environment into typed settings, with Kong 3.9.1's defaults.

Unknown settings are ignored silently, as Kong does.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .database import PostgresSettings, database_of, postgres_of
from .directives import Directives, injected_directives
from .errors import SettingError
from .listen import Listener, parse_listeners
from .name_servers import hosts_file_of, name_servers_of
from .numbers import number, whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

LOG_LEVELS = ("debug", "info", "notice", "warn", "error", "crit", "alert", "emerg")


@dataclass(frozen=True)
class LogTargets:
    """Where each log goes: a path (relative ones are below the prefix), `off`, or `path format`."""

    proxy_access: str
    proxy_error: str
    admin_access: str
    admin_error: str


@dataclass(frozen=True)
class DnsSettings:
    """How host names are resolved and for how long (seconds) answers are kept."""

    nameservers: tuple[str, ...]
    hosts_file: str
    valid_ttl_s: float | None
    not_found_ttl_s: float
    error_ttl_s: float


@dataclass(frozen=True)
class Settings:
    """Everything the host was told by its environment."""

    prefix: Path
    database: str
    postgres: PostgresSettings
    worker_state_update_frequency_s: float
    declarative_config: Path | None
    plugins: tuple[str, ...]
    proxy_listeners: tuple[Listener, ...]
    admin_listeners: tuple[Listener, ...]
    worker_processes: str
    lua_package_path: str
    lua_package_cpath: str
    lua_socket_pool_size: int
    log_level: str
    logs: LogTargets
    dns: DnsSettings
    directives: Directives
    upstream_keepalive_pool_size: int
    upstream_keepalive_max_requests: int
    upstream_keepalive_idle_timeout_s: int


def _worker_processes(environment: Mapping[str, str]) -> str:
    text = environment.get("KONG_NGINX_WORKER_PROCESSES", "auto")
    if text != "auto" and (not text.isdecimal() or int(text) < 1):
        raise SettingError(f"KONG_NGINX_WORKER_PROCESSES={text!r} is neither 'auto' nor a positive number")
    return text


def _plugins(environment: Mapping[str, str]) -> tuple[str, ...]:
    names = [name.strip() for name in environment.get("KONG_PLUGINS", "bundled").split(",")]
    if names == ["off"]:
        return ()
    return tuple(name for name in names if name)


def _log_level(environment: Mapping[str, str]) -> str:
    level = environment.get("KONG_LOG_LEVEL", "notice")
    if level not in LOG_LEVELS:
        raise SettingError(f"KONG_LOG_LEVEL={level!r} is unknown; one of: {', '.join(LOG_LEVELS)}")
    return level


def _declarative_config(environment: Mapping[str, str]) -> Path | None:
    text = environment.get("KONG_DECLARATIVE_CONFIG")
    if not text:
        return None
    path = Path(text).absolute()
    if not path.is_file():
        raise SettingError(f"KONG_DECLARATIVE_CONFIG={text!r} is not a file")
    return path


def _dns(environment: Mapping[str, str]) -> DnsSettings:
    valid_ttl = None
    if "KONG_DNS_VALID_TTL" in environment:
        valid_ttl = number(environment, "KONG_DNS_VALID_TTL", "", minimum=0)
    return DnsSettings(
        nameservers=name_servers_of(environment),
        hosts_file=hosts_file_of(environment),
        valid_ttl_s=valid_ttl,
        not_found_ttl_s=number(environment, "KONG_DNS_NOT_FOUND_TTL", "30", minimum=0),
        error_ttl_s=number(environment, "KONG_DNS_ERROR_TTL", "1", minimum=0),
    )


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    Args:
        environment: the variables to read; others than `KONG_*` do not matter.

    Raises:
        SettingError: a value cannot be used.
    """
    return Settings(
        prefix=Path(environment.get("KONG_PREFIX", "/usr/local/kong")).absolute(),
        database=database_of(environment),
        postgres=postgres_of(environment),
        worker_state_update_frequency_s=number(
            environment, "KONG_WORKER_STATE_UPDATE_FREQUENCY", "5", minimum=0.001
        ),
        declarative_config=_declarative_config(environment),
        plugins=_plugins(environment),
        proxy_listeners=parse_listeners(
            "KONG_PROXY_LISTEN", environment.get("KONG_PROXY_LISTEN", "0.0.0.0:8000 reuseport backlog=16384")
        ),
        admin_listeners=parse_listeners(
            "KONG_ADMIN_LISTEN",
            environment.get("KONG_ADMIN_LISTEN", "127.0.0.1:8001 reuseport backlog=16384"),
        ),
        worker_processes=_worker_processes(environment),
        lua_package_path=environment.get("KONG_LUA_PACKAGE_PATH", "./?.lua;./?/init.lua;"),
        lua_package_cpath=environment.get("KONG_LUA_PACKAGE_CPATH", ""),
        lua_socket_pool_size=whole_number(environment, "KONG_LUA_SOCKET_POOL_SIZE", "256"),
        log_level=_log_level(environment),
        logs=LogTargets(
            proxy_access=environment.get("KONG_PROXY_ACCESS_LOG", "logs/access.log"),
            proxy_error=environment.get("KONG_PROXY_ERROR_LOG", "logs/error.log"),
            admin_access=environment.get("KONG_ADMIN_ACCESS_LOG", "logs/admin_access.log"),
            admin_error=environment.get("KONG_ADMIN_ERROR_LOG", "logs/error.log"),
        ),
        dns=_dns(environment),
        directives=injected_directives(environment),
        upstream_keepalive_pool_size=whole_number(environment, "KONG_UPSTREAM_KEEPALIVE_POOL_SIZE", "512"),
        upstream_keepalive_max_requests=whole_number(
            environment, "KONG_UPSTREAM_KEEPALIVE_MAX_REQUESTS", "10000"
        ),
        upstream_keepalive_idle_timeout_s=whole_number(
            environment, "KONG_UPSTREAM_KEEPALIVE_IDLE_TIMEOUT", "60"
        ),
    )
