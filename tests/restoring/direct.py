"""What the upstream says without a gateway in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from fixtures.lab.exchange import Exchange
    from fixtures.lab.lab import Lab
    from system.upstream.protocol import Script

# Of one connection only, or of one moment, or added by the gateway.
_OWN = {"connection", "date", "keep-alive", "transfer-encoding", "via"}
_FRAMING = "content-length"


@dataclass(frozen=True, slots=True)
class Direct:
    """An answer of the upstream.

    Attributes:
        status: Its status.
        headers: Its headers.
        body: Its body, without content decoding.
    """

    status: int
    headers: httpx.Headers
    body: bytes


def ask(lab: Lab, exchange: Exchange, script: Script) -> Direct:
    """Sends what the upstream got in an exchange to it once more, with the same script but without the gateway."""
    received = exchange.upstream
    with (
        lab.upstream.scripted(script) as handle,
        httpx.stream(
            received.meta.method,
            lab.stack.addresses.upstream_url + received.meta.target,
            content=received.body,
            headers={"Content-Type": "application/json", **handle.headers},
            trust_env=False,
        ) as response,
    ):
        return Direct(response.status_code, response.headers, b"".join(response.iter_raw()))


def end_to_end(headers: httpx.Headers, *, with_length: bool) -> list[tuple[str, str]]:
    """Headers that a gateway has to hand on, sorted; Content-Length among them or not."""
    return sorted(
        (name.lower(), value)
        for name, value in headers.multi_items()
        if name.lower() not in _OWN
        and not name.lower().startswith("x-kong-")
        and not name.lower().endswith("-reset")
        and (with_length or name.lower() != _FRAMING)
    )
