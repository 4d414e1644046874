"""Renders what the Lua side is told."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .settings import Settings

#: Name and size of Kong 3.9.1's shared dictionaries.
SHARED_DICTS = {
    "kong": "5m",
    "kong_locks": "8m",
    "kong_healthchecks": "5m",
    "kong_cluster_events": "5m",
    "kong_rate_limiting_counters": "12m",
    "kong_core_db_cache": "128m",
    "kong_core_db_cache_miss": "12m",
    "kong_db_cache": "128m",
    "kong_db_cache_miss": "12m",
    "kong_secrets": "5m",
    "prometheus_metrics": "5m",
}


def render_lua_settings(settings: Settings, node_id: str) -> str:
    """What the Lua side needs to know, as JSON."""
    dns = settings.dns
    return json.dumps(
        {
            "node_id": node_id,
            "prefix": str(settings.prefix),
            "database": settings.database,
            "postgres": dataclasses.asdict(settings.postgres),
            "worker_state_update_frequency_s": settings.worker_state_update_frequency_s,
            "declarative_config": settings.declarative_config and str(settings.declarative_config),
            "plugins": settings.plugins,
            "log_level": settings.log_level,
            "proxy_listen": [listener.directive for listener in settings.proxy_listeners],
            "admin_listen": [listener.directive for listener in settings.admin_listeners],
            "shared_dicts": list(SHARED_DICTS),
            "dns": {
                "nameservers": dns.nameservers,
                "hosts_file": dns.hosts_file,
                "valid_ttl_s": dns.valid_ttl_s,
                "not_found_ttl_s": dns.not_found_ttl_s,
                "error_ttl_s": dns.error_ttl_s,
            },
        },
        indent=2,
    )
