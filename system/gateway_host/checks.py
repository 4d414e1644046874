"""Checks everything before nginx takes over the process, so that what is wrong is said plainly."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from .errors import ConfigurationRefusedError, PackageError
from .listen import require_free

if TYPE_CHECKING:
    from .packages import Packages
    from .settings import Settings

#: Loading plugins and a declarative file takes milliseconds; a plugin that hangs at load must not hang the host.
_CHECK_TIMEOUT_S = 30.0
_MISSING_MODULE = re.compile(
    r"module '(?P<name>resty\.core|cjson|cjson\.safe|lyaml|nginx\.redis|luasql\.postgres)' not found"
)
_PACKAGE_OF_MODULE = {
    "resty.core": "lua-resty-core",
    "cjson": "lua-cjson",
    "cjson.safe": "lua-cjson",
    "lyaml": "lua-yaml",
    "nginx.redis": "lua-nginx-redis",
    "luasql.postgres": "lua-sql-postgres",
}
_NGINX_MESSAGE = re.compile(r"\[(?:emerg|error|alert)\] (?:\d+#\d+: )?(?P<message>.*)", re.DOTALL)


def nginx_command(packages: Packages, settings: Settings, file: str) -> list[str]:
    """The command line that runs nginx on a file of the prefix."""
    return [
        str(packages.nginx),
        "-e",
        "stderr",
        "-p",
        str(settings.prefix),
        "-c",
        str(settings.prefix / file),
    ]


def _run(command: list[str]) -> tuple[int, str, str]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_CHECK_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise ConfigurationRefusedError(
            f"the check did not end within {_CHECK_TIMEOUT_S:g} s; does a plugin block while it is loaded?"
        ) from error
    return done.returncode, done.stdout, done.stderr


def _refusal(stderr: str) -> str:
    """What nginx itself says, without time stamps and stack trace."""
    match = _NGINX_MESSAGE.search(stderr)
    text = match["message"] if match else stderr
    return re.split(r"\nstack traceback:|\nnginx: ", text)[0].strip()


def run_task(settings: Settings, packages: Packages, task: str) -> str:
    """Run one of `prefix.TASKS`.

    Returns:
        What it printed.

    Raises:
        ConfigurationRefusedError: what it found wrong.
        PackageError: a Lua library is not installed.
    """
    code, stdout, stderr = _run(nginx_command(packages, settings, f"{task}.conf"))
    if code == 0:
        return stdout.strip()
    missing = _MISSING_MODULE.search(stderr)
    if missing:
        package = _PACKAGE_OF_MODULE[missing["name"]]
        raise PackageError(
            f"the Lua module {missing['name']!r} was not found; install it: apt-get install {package}"
        )
    raise ConfigurationRefusedError(_refusal(stderr))


def check_configuration(settings: Settings, packages: Packages) -> None:
    """Check nginx's directives, the Lua libraries, the plugins and the declarative configuration.

    Raises:
        ConfigurationRefusedError: one of them was refused.
        PackageError: a Lua library is not installed.
    """
    run_task(settings, packages, "preflight")
    code, _, stderr = _run([*nginx_command(packages, settings, "nginx.conf"), "-t", "-q"])
    if code != 0:
        raise ConfigurationRefusedError(f"nginx refused its configuration: {_refusal(stderr)}")


def check_listeners(settings: Settings) -> None:
    """Check that every address is free.

    Raises:
        SettingError: one is taken.
    """
    for listener in settings.proxy_listeners:
        require_free("KONG_PROXY_LISTEN", listener)
    for listener in settings.admin_listeners:
        require_free("KONG_ADMIN_LISTEN", listener)


def become_nginx(settings: Settings, packages: Packages) -> None:
    """Replace this process by the nginx master, in the foreground."""
    command = nginx_command(packages, settings, "nginx.conf")
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted: the pid must be nginx's
