"""The errors that the Messages API documents: type, status, message and headers."""

from __future__ import annotations

import json
import secrets
import time
from functools import lru_cache

from system.upstream.response import Response

STATUS_OF_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
TYPE_OF_STATUS = {status: error_type for error_type, status in STATUS_OF_TYPE.items()}

_MESSAGES = {
    "invalid_request_error": "Invalid request",
    "authentication_error": "x-api-key header is required",
    "billing_error": "Your credit balance is too low to access the API.",
    "permission_error": "Your API key does not have permission to use the specified resource.",
    "not_found_error": "Not found",
    "request_too_large": "Request exceeds the maximum size",
    "rate_limit_error": "This request would exceed your account's rate limit. Please try again later.",
    "api_error": "Internal server error",
    "timeout_error": "The request timed out while processing.",
    "overloaded_error": "Overloaded",
}

RETRY_AFTER_S = 1
# Figures of a small account; only their presence and form matter.
_RATE_LIMITS = {"requests": 4000, "tokens": 480000, "input-tokens": 400000, "output-tokens": 80000}
_INTERNAL_ERROR = 500


class ApiError(Exception):
    """A request breaks a rule of the API.

    Args:
        error_type: One of `STATUS_OF_TYPE`.
        message: What is wrong, None for the type's usual message.
        status: Another status than the type's own.
    """

    def __init__(self, error_type: str, message: str | None = None, *, status: int | None = None) -> None:
        self.error_type = error_type
        self.status = status or STATUS_OF_TYPE.get(error_type, _INTERNAL_ERROR)
        self.message = message or _MESSAGES.get(error_type, error_type)
        super().__init__(self.message)

    def response(self) -> Response:
        """Return the error as the API sends it."""
        request_id = new_id("req")
        body = {
            "type": "error",
            "error": {"type": self.error_type, "message": self.message},
            "request_id": request_id,
        }
        exhausted = self.error_type == "rate_limit_error"
        headers = api_headers(request_id, exhausted=exhausted)
        if exhausted:
            headers["retry-after"] = str(RETRY_AFTER_S)
        return Response(self.status, headers, json.dumps(body).encode())


def new_id(prefix: str) -> str:
    """Return a fresh id such as ``req_4f…``: 24 hexadecimal digits after the prefix."""
    return f"{prefix}_{secrets.token_hex(12)}"


def api_headers(request_id: str, *, exhausted: bool = False) -> dict[str, str]:
    """Return the headers that every answer of the API has.

    Args:
        request_id: For ``request-id``.
        exhausted: Whether the rate limits have nothing left.
    """
    return {
        "content-type": "application/json",
        "request-id": request_id,
        **_rate_limit_headers(int(time.time()), exhausted),
    }


@lru_cache(maxsize=2)
def _rate_limit_headers(epoch_s: int, exhausted: bool) -> dict[str, str]:
    reset = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch_s + RETRY_AFTER_S))
    headers = {}
    for name, limit in _RATE_LIMITS.items():
        headers[f"anthropic-ratelimit-{name}-limit"] = str(limit)
        headers[f"anthropic-ratelimit-{name}-remaining"] = "0" if exhausted else str(limit - 1)
        headers[f"anthropic-ratelimit-{name}-reset"] = reset
    return headers
