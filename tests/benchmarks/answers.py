"""What `byte_source.py` answers with, and the gateway's routes that lead to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fixtures.gateway_config import Route
from tests.benchmarks import documents

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fixtures.lab.lab import Lab

Parts = tuple[bytes, bytes, bytes]
"""Head, a middle that may be repeated, and tail."""
BLOCK_BYTES = 4_000_003
"""Of the middle of a large answer: no multiple of a page, so pieces of the same bytes are cut elsewhere each time."""


def write_parts(directory: Path, name: str, parts: Parts) -> None:
    """Writes an answer where `byte_source.py` looks for its parts."""
    for part, content in zip(("head", "body", "tail"), parts, strict=True):
        (directory / f"{name}.{part}").write_bytes(content)


def without_placeholders(parts: Parts) -> Parts:
    """The answer with a word in the place of each placeholder."""
    head, body, tail = parts
    return head, body.replace(documents.PLACEHOLDER, b" the "), tail


def add_routes(
    lab: Lab, url: str, variants: Mapping[str, Mapping[str, Any]], *, response_buffering: bool | None = None
) -> None:
    """Adds routes to the source, side by side.

    Args:
        lab: Whose gateway gets them.
        url: Of the source.
        variants: What sets each apart, as `Route` takes it; variant `key` answers below `/bench-key`.
        response_buffering: Of all of them.
    """
    routes = [
        Route(
            name=f"bench-{key}",
            path=f"/bench-{key}",
            upstream_url=url,
            response_buffering=response_buffering,
            **variant,
        )
        for key, variant in variants.items()
    ]
    lab.admin.apply(lab.config().with_routes(*routes), lab.stack.addresses.gateway_url)
