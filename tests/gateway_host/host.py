"""Starts the embedded gateway host for one test, with a plugin folder of the test's own."""

from __future__ import annotations

import http.client
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals
from typing import TYPE_CHECKING, Self

from fixtures.stack.ports import HOST, PortBlock
from fixtures.stack.process import ManagedProcess
from fixtures.wait import eventually

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
RECORDED = Path(__file__).resolve().parent / "recorded" / "kong-3.9.1"
#: A start takes about 0.2 s; a loaded machine may need more, a host that hangs is found out.
_START_TIMEOUT_S = 10.0
_STOP_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Answer:
    """An HTTP response, read to its end."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass
class GatewayHost:
    """One gateway host below `directory`.

    Args:
        directory: where the prefix, the configuration and the output go.
        configuration: text of the declarative configuration.
        plugin_root: folder in which `kong/plugins/<name>` lie.
        plugins: value of `KONG_PLUGINS`.
        environment: more `KONG_*` settings.
    """

    directory: Path
    configuration: str
    plugin_root: Path
    plugins: str = "bundled,aws-masker"
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ports = PortBlock()
        self.proxy_port = self.ports.take()
        self.admin_port = self.ports.take()
        self.prefix = self.directory / "prefix"
        self.error_log = self.prefix / "logs" / "error.log"
        self.output = self.directory / "output.log"
        self.configuration_file = self.directory / "kong.yml"
        self.configuration_file.write_text(self.configuration, encoding="utf-8")
        self.process: ManagedProcess | None = None

    def launch(self, command: str = "start") -> ManagedProcess:
        """Start the process without waiting for it."""
        environment = {
            "PATH": os.environ["PATH"],
            "KONG_PREFIX": str(self.prefix),
            "KONG_DECLARATIVE_CONFIG": str(self.configuration_file),
            "KONG_PROXY_LISTEN": f"{HOST}:{self.proxy_port} reuseport backlog=16384",
            "KONG_ADMIN_LISTEN": f"{HOST}:{self.admin_port}",
            "KONG_NGINX_WORKER_PROCESSES": "2",
            "KONG_PLUGINS": self.plugins,
            "KONG_LUA_PACKAGE_PATH": f"{self.plugin_root}/?.lua;;",
            "KONG_NGINX_HTTP_LUA_SHARED_DICT": "aws_masker 1m",
            **self.environment,
        }
        self.process = ManagedProcess(
            [sys.executable, "-m", "system.gateway_host", command],
            environment=environment,
            cwd=ROOT,
            output=self.output,
        )
        return self.process

    def __enter__(self) -> Self:
        process = self.launch()
        try:
            eventually(
                lambda: self.admin("GET", "/status").status == http.client.OK,
                timeout_s=_START_TIMEOUT_S,
                what="the gateway host to answer",
                transient=(OSError,),
                still_alive=lambda: self._require(process),
            )
        except BaseException:
            self.close()
            raise
        return self

    def _require(self, process: ManagedProcess) -> None:
        if process.exit_status is not None:
            raise ChildProcessError(self.output.read_text(encoding="utf-8"))

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop what runs; harmless when repeated."""
        if self.process is not None:
            self.process.end(Signals.SIGTERM, timeout_s=_STOP_TIMEOUT_S)
            self.process = None
        self.ports.release()

    def signal(self, number: Signals) -> None:
        """Signal the nginx master."""
        assert self.process is not None
        self.process.signal(number)

    def proxy(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        chunk_bytes: int = 0,
    ) -> Answer:
        """One request to the proxy; with `chunk_bytes` the body goes in chunks of that size."""
        return exchange(self.proxy_port, method, path, body=body, headers=headers, chunk_bytes=chunk_bytes)

    def admin(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request to the Admin API."""
        return exchange(self.admin_port, method, path, body=body, headers=headers)

    def log_text(self) -> str:
        """The error log so far."""
        return self.error_log.read_text(encoding="utf-8", errors="replace")


def exchange(
    port: int,
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    chunk_bytes: int = 0,
) -> Answer:
    """One request over a connection of its own.

    Raises:
        OSError: nothing listens there, or the connection was closed without a response.
    """
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        if chunk_bytes and body is not None:
            pieces = (body[i : i + chunk_bytes] for i in range(0, len(body), chunk_bytes))
            connection.request(method, path, body=pieces, headers=dict(headers or {}), encode_chunked=True)
        else:
            connection.request(method, path, body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        return Answer(response.status, response.reason, response.getheaders(), response.read())
    finally:
        connection.close()


def plugin_root(directory: Path, plugins: Mapping[str, Path]) -> Path:
    """Make the folder layout in which Kong looks for plugins, around their sources."""
    folder = directory / "lua" / "kong" / "plugins"
    folder.mkdir(parents=True)
    for name, source in plugins.items():
        (folder / name).symlink_to(source)
    return directory / "lua"
