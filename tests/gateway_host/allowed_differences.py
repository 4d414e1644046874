"""Every difference between the host's answers and Kong's that is allowed, with its reason.

`docs/kong.md` explains each under its title; a test keeps the two together, and finds entries that no longer
occur.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AllowedDifference:
    """One allowed difference.

    Args:
        title: its heading in `docs/kong.md`.
        exchange: names of the exchanges, `*` as in file names.
        place: where in the response, `*` as in file names.
    """

    title: str
    exchange: str
    place: str


ALLOWED_DIFFERENCES: tuple[AllowedDifference, ...] = (
    AllowedDifference("What `GET /` tells", "admin root", "body"),
    AllowedDifference("Versions of nginx, ngx_lua and LuaJIT", "PDK raw body at *", "body.nginx"),
    AllowedDifference("Versions of nginx, ngx_lua and LuaJIT", "PDK raw body at *", "body.ngx_lua"),
    AllowedDifference("Versions of nginx, ngx_lua and LuaJIT", "PDK raw body at *", "body.jit"),
    AllowedDifference("Libraries that only Kong ships", "PDK raw body at *", "body.has_ffi_zlib"),
    AllowedDifference("Libraries that only Kong ships", "PDK raw body at *", "body.has_kong_queue"),
    AllowedDifference("Libraries that only Kong ships", "PDK raw body at *", "body.inflate_gzip"),
    AllowedDifference("Libraries that only Kong ships", "PDK raw body at *", "body.simdjson"),
    AllowedDifference(
        "What `ngx.timer.at` returns", "what body_filter may not do", "body[[]1].timer.ret[[]0]"
    ),
)
