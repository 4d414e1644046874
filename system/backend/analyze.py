"""The call to the gateway behind `POST /analyze`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import httpx

PATH: Final = "/analyze-claude"

ANSWER_BYTES_MAX: Final = 67_108_864
"""A larger answer is not held in memory."""

_REQUEST_HEADERS: Final = frozenset(
    (
        "accept",
        "anthropic-beta",
        "anthropic-version",
        "authorization",
        "content-encoding",
        "content-type",
        "x-api-key",
    )
)
_ANSWER_HEADERS: Final = frozenset(("content-type", "retry-after", "request-id", "x-kong-request-id"))


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """What the gateway said, with its content coding undone."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class GatewayError(Exception):
    """The gateway gave no answer.

    Attributes:
        status: The status for our own client.
        kind: One word for programs.
    """

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind


class GatewayClient:
    """Forwards requests to the gateway over kept-alive connections.

    Args:
        base_url: Where the gateway listens.
        timeout_s: Longest wait for the connection, and for each piece of the answer.
    """

    def __init__(self, base_url: str, timeout_s: float) -> None:
        self._url = base_url.rstrip("/") + PATH
        self._timeout_s = timeout_s
        self._client: httpx.AsyncClient | None = None

    async def analyze(self, headers: Mapping[str, str], body: bytes) -> GatewayAnswer:
        """Post a body to the gateway.

        Raises:
            GatewayError: 502 unreachable, broken off or too large; 504 too slow.
        """
        import httpx  # noqa: PLC0415  # a tenth of a second that the start does not need

        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._timeout_s, trust_env=False)
        forwarded = {name: value for name, value in headers.items() if name.lower() in _REQUEST_HEADERS}
        try:
            async with self._client.stream("POST", self._url, headers=forwarded, content=body) as response:
                answer = bytearray()
                async for piece in response.aiter_bytes():
                    answer += piece
                    if len(answer) > ANSWER_BYTES_MAX:
                        raise GatewayError(
                            502,
                            "gateway_answer_too_large",
                            f"the gateway's answer exceeds {ANSWER_BYTES_MAX} bytes",
                        )
        except httpx.ConnectError:
            raise GatewayError(
                502, "gateway_unreachable", f"no connection to the gateway at {self._url}"
            ) from None
        except httpx.TimeoutException:
            raise GatewayError(
                504, "gateway_timeout", f"no answer from the gateway for {self._timeout_s} s"
            ) from None
        except httpx.HTTPError as error:
            raise GatewayError(
                502, "gateway_broke_off", f"the gateway broke off its answer ({type(error).__name__})"
            ) from None
        shown = {name: value for name, value in response.headers.items() if name in _ANSWER_HEADERS}
        return GatewayAnswer(response.status_code, shown, bytes(answer))

    async def close(self) -> None:
        """Close the kept connections."""
        if self._client is not None:
            await self._client.aclose()
