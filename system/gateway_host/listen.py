"""Listeners: what `KONG_PROXY_LISTEN` and `KONG_ADMIN_LISTEN` may say, and whether a port is free."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass

from .errors import SettingError

_FLAGS = re.compile(r"reuseport|deferred|bind|backlog=\d+|so_keepalive=(?:on|off|[\w:]+)|ipv6only=(?:on|off)")
_ADDRESS = re.compile(r"(?P<ip>\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
_EXAMPLE = "expected 'IP:PORT [reuseport] [backlog=N] [deferred] [bind] [so_keepalive=...], ...' or 'off'"
_PORT_MAX = 65535


@dataclass(frozen=True)
class Listener:
    """One address to listen on, with the flags of nginx's `listen` directive."""

    ip: str
    port: int
    flags: tuple[str, ...]

    @property
    def directive(self) -> str:
        """The value of nginx's `listen`."""
        return " ".join([f"{self.ip}:{self.port}", *self.flags])


def parse_listeners(name: str, text: str) -> tuple[Listener, ...]:
    """Parse a comma-separated list of listeners.

    Raises:
        SettingError: a part is malformed or asks for TLS or HTTP/2, which the host does not serve.
    """
    if text.strip() == "off":
        return ()
    return tuple(_parse_listener(name, part.strip()) for part in text.split(","))


def _parse_listener(name: str, text: str) -> Listener:
    address, *flags = text.split() or [""]
    match = _ADDRESS.fullmatch(address)
    if match is None or not 0 < int(match["port"]) <= _PORT_MAX or not _is_ip(match["ip"]):
        raise SettingError(f"{name}: {text!r} is malformed; {_EXAMPLE}")
    for flag in flags:
        if flag in {"ssl", "http2", "proxy_protocol"}:
            raise SettingError(f"{name}: {text!r}: the embedded gateway host does not serve {flag!r}")
        if not _FLAGS.fullmatch(flag):
            raise SettingError(f"{name}: {text!r}: unknown flag {flag!r}; {_EXAMPLE}")
    return Listener(ip=match["ip"], port=int(match["port"]), flags=tuple(flags))


def _is_ip(text: str) -> bool:
    family = socket.AF_INET6 if text.startswith("[") else socket.AF_INET
    try:
        socket.inet_pton(family, text.strip("[]"))
    except OSError:
        return False
    return True


def require_free(name: str, listener: Listener) -> None:
    """Bind the address once.

    Raises:
        SettingError: the address is taken or is not this machine's.
    """
    family = socket.AF_INET6 if listener.ip.startswith("[") else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listener.ip.strip("[]"), listener.port))
        except OSError as error:
            raise SettingError(
                f"{name}: cannot listen on {listener.ip}:{listener.port} ({error.strerror}); choose a free address"
            ) from error
