"""nginx directives injected by `KONG_NGINX_<BLOCK>_<DIRECTIVE>`, on top of the ones Kong sets itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What Kong 3.9.1 has in force without any setting, per block.
_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "main": {},
    "events": {"multi_accept": "on"},
    "http": {
        "charset": "UTF-8",
        "server_tokens": "off",
        "client_max_body_size": "0",
        "client_body_buffer_size": "8k",
        "keepalive_requests": "10000",
        "lua_regex_match_limit": "100000",
        "lua_regex_cache_max_entries": "8192",
        "lua_max_running_timers": "4096",
        "lua_max_pending_timers": "16384",
        "lua_socket_log_errors": "off",
        "uninitialized_variable_warn": "off",
        "underscores_in_headers": "on",
    },
    "upstream": {},
    "proxy": {},
    "admin": {"client_max_body_size": "10m", "client_body_buffer_size": "10m"},
}
_PREFIX = "KONG_NGINX_"
#: Settings of Kong that begin like an injected directive and are none.
_NOT_DIRECTIVES = {"KONG_NGINX_WORKER_PROCESSES"}


@dataclass(frozen=True)
class Directives:
    """The directives of each block, by name; a value is what stands before the semicolon."""

    blocks: Mapping[str, Mapping[str, str]]

    def lines(self, block: str, *, indent: int, without: frozenset[str] = frozenset()) -> str:
        """The block's directives as text, one a line."""
        return "\n".join(
            f"{' ' * indent}{name} {value};"
            for name, value in self.blocks[block].items()
            if name not in without
        )


def _stays_inside(value: str) -> bool:
    """Whether a value closes only the braces that it opens."""
    depth = 0
    for character in value:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0 and "\n" not in value


def injected_directives(environment: Mapping[str, str]) -> Directives:
    """Merge the defaults with what the environment injects; the value `NONE` takes a directive away.

    Raises:
        SettingError: a value would end the block it is put into.
    """
    blocks = {block: dict(defaults) for block, defaults in _DEFAULTS.items()}
    for key, value in sorted(environment.items()):
        if not key.startswith(_PREFIX) or key in _NOT_DIRECTIVES:
            continue
        block, _, name = key.removeprefix(_PREFIX).lower().partition("_")
        if block not in blocks or not name:
            continue
        if not _stays_inside(value):
            raise SettingError(f"{key}={value!r} is not the value of one nginx directive")
        if value == "NONE":
            blocks[block].pop(name, None)
        else:
            blocks[block][name] = value.rstrip().rstrip(";")
    return Directives(blocks)
