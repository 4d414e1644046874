"""Renders nginx.conf and the settings file that the Lua side reads."""

from __future__ import annotations

import grp
import os
import pwd
import resource
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from .lua_settings import SHARED_DICTS

if TYPE_CHECKING:
    from .listen import Listener
    from .packages import Packages
    from .settings import Settings

_HERE = Path(__file__).resolve().parent
#: The most connections a worker of Kong 3.9.1 takes; fewer when the process may not open as many files.
_WORKER_CONNECTIONS_MAX = 16384
#: Where a request goes by (request_buffering, response_buffering) of its route.
_LOCATIONS = {
    "/": (True, True),
    "@unbuffered": (False, False),
    "@unbuffered_request": (False, True),
    "@unbuffered_response": (True, False),
}


def _template(name: str) -> Template:
    return Template((_HERE / name).read_text(encoding="utf-8"))


def _on_off(value: bool) -> str:
    return "on" if value else "off"


def _listen(listeners: tuple[Listener, ...]) -> str:
    return "\n".join(f"        listen {listener.directive};" for listener in listeners)


def _access_log(target: str) -> str:
    """Value of `access_log`; without a format of its own it is Kong's."""
    return target if target == "off" or " " in target else f"{target} kong_log_format"


def _locations() -> str:
    template = _template("location.template")
    return "\n".join(
        template.substitute(
            name=name,
            internal="internal;" if name.startswith("@") else "",
            mode="unbuffered" if name.startswith("@") else "http",
            request_buffering=_on_off(buffering[0]),
            response_buffering=_on_off(buffering[1]),
        )
        for name, buffering in _LOCATIONS.items()
    )


def _main(settings: Settings) -> str:
    directives = dict(settings.directives.blocks["main"])
    if os.geteuid() == 0:
        user = pwd.getpwuid(os.geteuid()).pw_name
        directives.setdefault("user", f"{user} {grp.getgrgid(os.getegid()).gr_name}")
    return "\n".join(f"{name} {value};" for name, value in directives.items())


def _events(settings: Settings) -> str:
    files_max, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    directives = {"worker_connections": str(min(_WORKER_CONNECTIONS_MAX, files_max))}
    directives.update(settings.directives.blocks["events"])
    return "\n".join(f"    {name} {value};" for name, value in directives.items())


def _keepalive(settings: Settings) -> str:
    if settings.upstream_keepalive_pool_size == 0:
        return ""
    return (
        f"        keepalive {settings.upstream_keepalive_pool_size};\n"
        f"        keepalive_requests {settings.upstream_keepalive_max_requests};\n"
        f"        keepalive_timeout {settings.upstream_keepalive_idle_timeout_s}s;"
    )


def lua_path(settings: Settings) -> str:
    """Where Lua modules are looked for: the operator's path, the host's own modules, the system's."""
    own = settings.lua_package_path.strip(";")
    return ";".join([*([own] if own else []), f"{_HERE}/lua/?.lua", f"{_HERE}/lua/?/init.lua", ";"])


def render_nginx(settings: Settings, packages: Packages) -> str:
    """The whole nginx.conf."""
    level = settings.log_level
    servers = {"proxy_server": "", "admin_server": ""}
    if settings.proxy_listeners:
        servers["proxy_server"] = _template("proxy_server.template").substitute(
            listen=_listen(settings.proxy_listeners),
            access_log=_access_log(settings.logs.proxy_access),
            error_log=settings.logs.proxy_error,
            log_level=level,
            proxy=settings.directives.lines("proxy", indent=8),
            locations=_locations(),
        )
    if settings.admin_listeners:
        servers["admin_server"] = _template("admin_server.template").substitute(
            listen=_listen(settings.admin_listeners),
            access_log=_access_log(settings.logs.admin_access),
            error_log=settings.logs.admin_error,
            log_level=level,
            admin=settings.directives.lines("admin", indent=8),
        )
    return _template("nginx.conf.template").substitute(
        main=_main(settings),
        worker_processes=settings.worker_processes,
        proxy_error_log=settings.logs.proxy_error,
        log_level=level,
        load_modules="\n".join(f"load_module {module};" for module in packages.modules),
        events=_events(settings),
        lua_package_path=lua_path(settings),
        lua_package_cpath=f"{settings.lua_package_cpath.strip(';')};;".lstrip(";") or ";;",
        lua_socket_pool_size=settings.lua_socket_pool_size,
        shared_dicts="\n".join(f"    lua_shared_dict {name} {size};" for name, size in SHARED_DICTS.items()),
        http=settings.directives.lines("http", indent=4),
        settings_file=settings.prefix / "gateway_host.json",
        keepalive=_keepalive(settings),
        upstream=settings.directives.lines("upstream", indent=8),
        **servers,
    )


def render_task(settings: Settings, packages: Packages, task: str) -> str:
    """A configuration without listeners whose only act is to run one task of `gateway_host.tasks`.

    Args:
        settings: Of the host.
        packages: What it runs.
        task: Name of the task's function.
    """
    return "\n".join(
        [
            "daemon off;",
            "pid pids/preflight.pid;",
            "error_log stderr error;",
            *(f"load_module {module};" for module in packages.modules),
            "events {}",
            "http {",
            f"  lua_package_path '{lua_path(settings)}';",
            *(f"  lua_shared_dict {name} 64k;" for name in SHARED_DICTS),
            *(
                f"  {line}"
                for line in settings.directives.lines("http", indent=0).splitlines()
                if "lua_" in line
            ),
            f'  init_by_lua_block {{ require("gateway_host.tasks").{task}("{settings.prefix}/gateway_host.json") }}',
            "}",
            "",
        ]
    )
