"""Who is asked for addresses, and the file that goes before: `KONG_DNS_RESOLVER` and `KONG_DNS_HOSTSFILE`."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PORT_MAX = 65535
_DNS_PORT = 53
_IPV4 = re.compile(r"(?P<ip>[\d.]+)(?::(?P<port>\d+))?")
_IPV6 = re.compile(r"\[(?P<ip>[\da-fA-F:.]+)\](?::(?P<port>\d+))?")
_BARE_IPV6 = re.compile(r"(?P<ip>[\da-fA-F:.]*:[\da-fA-F:.]*:[\da-fA-F:.]*)(?P<port>)")


def name_servers_of(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Read the name servers, each as `IP:PORT`, an IPv6 address in brackets; none where the machine's are asked.

    Raises:
        SettingError: one is malformed, in Kong's words.
    """
    listed = environment.get("KONG_DNS_RESOLVER", "").split(",")
    return tuple(_name_server(server.strip()) for server in listed if server.strip())


def hosts_file_of(environment: Mapping[str, str]) -> str:
    """Read the path of the hosts file.

    Raises:
        SettingError: it is not a file, in Kong's words.
    """
    path = environment.get("KONG_DNS_HOSTSFILE", "/etc/hosts")
    if not Path(path).is_file():
        raise SettingError("dns_hostsfile: file does not exist")
    return path


def _name_server(text: str) -> str:
    for form in (_IPV4, _IPV6, _BARE_IPV6):
        match = form.fullmatch(text)
        if match and _is_ip(match["ip"]) and (port := int(match["port"] or _DNS_PORT)) <= _PORT_MAX:
            return f"{match['ip']}:{port}" if form is _IPV4 else f"[{match['ip']}]:{port}"
    raise SettingError(
        f"dns_resolver must be a comma separated list in the form of IPv4/6 or IPv4/6:port, got '{text}'"
    )


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
