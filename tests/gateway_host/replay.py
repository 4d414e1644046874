"""Makes the recorded requests again, in their order, against a running host."""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.gateway_host.host import RECORDED, exchange

if TYPE_CHECKING:
    from tests.gateway_host.host import GatewayHost

_RECORDED_PLUGIN_ID = "e42b6398-cb29-545d-968d-64ca70cc2add"
_CHUNK_BYTES = 4096
_BODY_SIZE = re.compile(r"at (\d+) bytes")
#: The recorder kept no body where the connection was closed; it was this one.
_DEFAULT_BODY = json.dumps(
    {"model": "m", "messages": [{"role": "user", "content": "see i-0123456789abcdef0 please"}]}
)


@dataclass(frozen=True)
class Replay:
    """How the recorded names are called here."""

    host: GatewayHost
    upstream_port: int
    dead_port: int
    plugin_id: str

    def responses(self) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
        """Recorded and actual response of every exchange, by its name."""
        lines = (RECORDED / "transcripts.jsonl").read_text(encoding="utf-8").splitlines()
        return {
            record["name"]: (record["response"], self._response(record)) for record in map(json.loads, lines)
        }

    def _here(self, text: str) -> str:
        return (
            text.replace(_RECORDED_PLUGIN_ID, self.plugin_id)
            .replace("http://upstream:8080", f"http://upstream:{self.upstream_port}")
            .replace("http://upstream:1\\n", f"http://upstream:{self.dead_port}\\n")
        )

    def _recorded(self, text: str) -> str:
        return (
            text.replace(self.plugin_id, _RECORDED_PLUGIN_ID)
            .replace(f"upstream:{self.upstream_port}", "upstream:8080")
            .replace(f'"port":{self.upstream_port}', '"port":8080')
            .replace(f"port: {self.upstream_port}", "port: 8080")
            .replace(f'"port":{self.dead_port}', '"port":1')
            .replace(f'"X-Forwarded-Port": "{self.host.proxy_port}"', '"X-Forwarded-Port": "8000"')
        )

    def _body(self, record: dict[str, Any]) -> bytes | None:
        size = _BODY_SIZE.search(record["name"])
        if size:
            return b'{"m":"' + b"x" * (int(size[1]) - 8) + b'"}'
        body: str | None = record["request"].get("body", _DEFAULT_BODY)
        return None if body is None else self._here(body).encode()

    def _response(self, record: dict[str, Any]) -> dict[str, Any]:
        request = record["request"]
        try:
            answer = exchange(
                self.host.admin_port if record["listener"] == "admin" else self.host.proxy_port,
                request["method"],
                self._here(request["path"]),
                body=self._body(record),
                headers=request["headers"],
                chunk_bytes=_CHUNK_BYTES if request["chunked"] else 0,
            )
        except http.client.RemoteDisconnected as error:
            return {"error": repr(error)}
        return {
            "status": answer.status,
            "reason": answer.reason,
            "headers": answer.headers,
            "body": self._recorded(answer.body.decode("utf-8", "replace")),
        }
