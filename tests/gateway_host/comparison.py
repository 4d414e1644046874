"""Compares two answers after taking out what is volatile; differences are named by where they are."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Values under these keys change from run to run, on Kong as here.
_VOLATILE_KEYS = frozenset(
    {
        "allocated_slabs",
        "connections_accepted",
        "connections_active",
        "connections_handled",
        "connections_reading",
        "connections_waiting",
        "connections_writing",
        "created_at",
        "hostname",
        "http_allocated_gc",
        "ngx_request_id",
        "node_id",
        "pending_timers",
        "pid",
        "running_timers",
        "timers",
        "total_requests",
        "updated_at",
        "worker_id",
    }
)
#: Headers whose value changes, and what it looks like.
_VOLATILE_HEADERS = {
    "date": r".+ GMT",
    "content-length": r"\d+",
    "x-kong-upstream-latency": r"\d+",
    "x-kong-proxy-latency": r"\d+",
    "x-kong-response-latency": r"\d+",
    "x-kong-admin-latency": r"\d+",
    "x-kong-request-id": r"[0-9a-f]{32}",
}
_TEXT_RULES = (
    (re.compile(r"BaseHTTP/[\d.]+ Python/[\d.]+"), "<upstream>"),
    (re.compile(r"[\w./-]*\.lua:\d+: (?=API disabled)"), ""),
    (re.compile(r"[\w./-]*aws-masker/handler\.lua"), "handler.lua"),
    (re.compile(r"\b172\.\d+\.\d+\.\d+\b"), "127.0.0.1"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<hex32>"),
)
#: Where nginx starts to spool a chunked body moves with how the bytes arrive, on Kong as here.
_SPOOL_BOUNDARY = re.compile(r"PDK raw body at 819\d bytes, chunked body\.(?:body_file|raw_body\..+)")
_TWO_DOCUMENTS = re.compile(r"(\{.*\})(\{.*\})", re.DOTALL)


@dataclass(frozen=True)
class Difference:
    """One place where the host's answer is not Kong's."""

    exchange: str
    place: str
    kong: object
    host: object


def _plain(value: Any) -> Any:
    """A value without what is volatile in it."""
    if isinstance(value, dict):
        return {key: "<volatile>" if key in _VOLATILE_KEYS else _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, str):
        return value
    for pattern, replacement in _TEXT_RULES:
        value = pattern.sub(replacement, value)
    return value


def _document(text: str) -> Any:
    """A body as data: one JSON document, two in a row (the probe appends one), or the text itself."""
    pair = _TWO_DOCUMENTS.fullmatch(text)
    for parts in ([text], list(pair.groups()) if pair else []):
        try:
            documents = [json.loads(part) for part in parts]
        except json.JSONDecodeError:
            continue
        if documents:
            return documents[0] if len(documents) == 1 else documents
    return text


def normalized(response: Mapping[str, Any]) -> dict[str, Any]:
    """A response in the form of the recordings, without what is volatile and without the order of lists of entities."""
    if "error" in response:
        return {"error": response["error"]}
    headers = {
        name.lower(): "<volatile>"
        if re.fullmatch(_VOLATILE_HEADERS.get(name.lower(), "(?!)"), value)
        else _plain(_document(value) if value.startswith("{") else value)
        for name, value in response["headers"]
    }
    body = _document(response["body"])
    if isinstance(body, dict) and isinstance(body.get("config"), str):
        body["config"] = yaml.safe_load(body["config"])
    return {
        "status": response["status"],
        "reason": response["reason"],
        "headers": headers,
        "body": _plain(_in_order(body)),
    }


def _in_order(value: Any) -> Any:
    """Entities by id: Kong lists them in the order of its store."""
    if isinstance(value, dict):
        return {key: _in_order(item) for key, item in value.items()}
    if isinstance(value, list) and all(isinstance(item, dict) and "id" in item for item in value):
        return sorted((_in_order(item) for item in value), key=lambda item: str(item["id"]))
    return value


def _walk(place: str, kong: Any, host: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(kong, dict) and isinstance(host, dict):
        for key in sorted(kong.keys() | host.keys()):
            yield from _walk(
                f"{place}.{key}" if place else key, kong.get(key, "<absent>"), host.get(key, "<absent>")
            )
    elif isinstance(kong, list) and isinstance(host, list) and len(kong) == len(host):
        for index, (one, other) in enumerate(zip(kong, host, strict=True)):
            yield from _walk(f"{place}[{index}]", one, other)
    elif kong != host:
        yield place, kong, host


def differences(exchange: str, kong: Mapping[str, Any], host: Mapping[str, Any]) -> list[Difference]:
    """Where two responses differ after normalization."""
    pairs = _walk("", normalized(kong), normalized(host))
    return [
        Difference(exchange, place, one, other)
        for place, one, other in pairs
        if not _SPOOL_BOUNDARY.fullmatch(f"{exchange} {place}")
    ]
