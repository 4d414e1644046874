"""Finds nginx, its Lua module and the Lua libraries, and says what to install when one is missing."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from .errors import PackageError

_MODULE_FOLDERS = (Path("/usr/lib/nginx/modules"), Path("/usr/lib64/nginx/modules"))
_LUA_MODULE = "ngx_http_lua_module.so"
_KIT_MODULE = "ndk_http_module.so"


@dataclass(frozen=True)
class Packages:
    """Absolute paths of what the host runs."""

    nginx: Path
    modules: tuple[Path, ...]


def find_packages() -> Packages:
    """Find nginx and its modules.

    Raises:
        PackageError: something is missing; the message names the packages to install.
    """
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if nginx is None:
        raise PackageError("nginx was not found; install it: apt-get install nginx libnginx-mod-http-lua")
    for folder in _MODULE_FOLDERS:
        if (folder / _LUA_MODULE).is_file():
            found = (folder / _KIT_MODULE, folder / _LUA_MODULE)
            return Packages(Path(nginx), tuple(module for module in found if module.is_file()))
    raise PackageError(
        f"nginx's Lua module ({_LUA_MODULE}) was not found; install it: apt-get install libnginx-mod-http-lua"
    )
