"""What the emulator keeps of every request it got, for the oracles."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from system.upstream.protocol import EXPORT_BYTES_MAX, SCRIPT_HEADER, CaptureMeta, CapturePage

if TYPE_CHECKING:
    from system.upstream.http1 import Request

CAPTURE_BYTES_DEFAULT = 1024**3

# Rough size of the objects that hold one request, so that many small ones are bounded, too.
_OVERHEAD_BYTES = 1024

_SCRIPT_HEADER = SCRIPT_HEADER.lower().encode()


@dataclass(frozen=True, slots=True)
class Capture:
    """One kept request."""

    index: int
    monotonic_ns: int
    wall_s: float
    request: Request

    @property
    def kept_bytes(self) -> int:
        """Memory that it counts for."""
        headers = sum(len(name) + len(value) for name, value in self.request.headers)
        return _OVERHEAD_BYTES + len(self.request.target) + headers + len(self.request.body)

    def meta(self) -> CaptureMeta:
        """Return it as the control side tells it."""
        request = self.request
        return CaptureMeta(
            index=self.index,
            monotonic_ns=self.monotonic_ns,
            wall_s=self.wall_s,
            method=request.method,
            target=request.target.decode("latin-1"),
            http_version=request.http_version,
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers],
            body_bytes=len(request.body),
            script=script_of(request),
            connection=request.connection,
            complete=request.complete,
        )

    def exported(self) -> tuple[bytes, bytes]:
        """Return its line and its body, as the export has them."""
        return self.meta().model_dump_json().encode() + b"\n", self.request.body


class CaptureLog:
    """Captures in order of arrival, bounded by their size.

    When the bound is exceeded, the oldest go; the newest always stays. What went is counted.

    Args:
        limit_bytes: Memory for all that is kept, by `Capture.kept_bytes`.
    """

    def __init__(self, limit_bytes: int = CAPTURE_BYTES_DEFAULT) -> None:
        self._limit_bytes = limit_bytes
        self._kept: deque[Capture] = deque()
        self.kept_bytes = 0
        self.last = 0
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, request: Request) -> None:
        """Keep a request."""
        self.last += 1
        capture = Capture(self.last, time.monotonic_ns(), time.time(), request)
        self._kept.append(capture)
        self.kept_bytes += capture.kept_bytes
        while self.kept_bytes > self._limit_bytes and len(self._kept) > 1:
            self._drop_oldest()
            self.evicted += 1

    def after(self, index: int, limit: int | None = None) -> list[Capture]:
        """Return the kept captures with a larger index, oldest first, at most ``limit``."""
        start = max(0, index - self._first + 1)
        stop = None if limit is None else start + limit
        return list(islice(self._kept, start, stop))

    def page(self, index: int, limit: int | None) -> CapturePage:
        """Return `after` as the control side tells it."""
        metas = [capture.meta() for capture in self.after(index, limit)]
        return CapturePage(captures=metas, last=self.last, evicted=self.evicted)

    def export(self, index: int) -> bytes:
        """Return captures with a larger index and their bodies; ends once it has `EXPORT_BYTES_MAX` bytes."""
        parts: list[bytes] = []
        size = 0
        for capture in islice(self._kept, max(0, index - self._first + 1), None):
            exported = capture.exported()
            parts += exported
            size += sum(map(len, exported))
            if size >= EXPORT_BYTES_MAX:
                break
        return b"".join(parts)

    def find(self, index: int) -> Capture | None:
        """Return one capture, or None if it is not kept."""
        found = self.after(index - 1, 1)
        return found[0] if found and found[0].index == index else None

    def discard(self, up_to: int) -> None:
        """Forget captures up to an index; they do not count as evicted."""
        while self._kept and self._first <= up_to:
            self._drop_oldest()

    @property
    def _first(self) -> int:
        return self.last + 1 - len(self._kept)

    def _drop_oldest(self) -> None:
        self.kept_bytes -= self._kept.popleft().kept_bytes


def script_of(request: Request) -> str | None:
    """Return the id of the script that a request names."""
    return request.header(_SCRIPT_HEADER)
