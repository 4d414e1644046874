"""Events and messages as the plugin publishes them."""

import itertools
import json
from collections.abc import Iterable
from typing import Any

CHANNEL = "kong:masking:events"

BOOT_A = "a" * 16
BOOT_B = "b" * 16

_ids = itertools.count(1)


def event(seq: int = 1, *, worker: int = 0, boot: str = BOOT_A, masked: bool = True) -> dict[str, Any]:
    """One valid event with a request id of its own."""
    number = next(_ids)
    details: dict[str, Any] = {
        "action": "mask" if masked else "unmask",
        "processing_time_ms": 1.25,
        "pattern_count": 3,
        "patterns": {"ec2": 2, "s3": 1},
        "bytes": 512,
    }
    if not masked:
        details |= {"residual": 0, "truncated": False, "status": 200}
    return {
        "event_id": f"{boot}-{seq}",
        "timestamp": 1_790_000_000.25,
        "event_type": "data_masked" if masked else "data_unmasked",
        "request_id": f"{number:032x}",
        "service": "llm",
        "route": "analyze-claude",
        "details": details,
        "source": {"node": "node-1", "worker": worker, "boot": boot, "seq": seq},
    }


def events(seqs: Iterable[int], *, worker: int = 0, boot: str = BOOT_A) -> list[dict[str, Any]]:
    """Valid events with the given numbers."""
    return [event(seq, worker=worker, boot=boot) for seq in seqs]


def encoded(document: object) -> bytes:
    """The JSON of a message."""
    return json.dumps(document).encode()


def batch(items: list[Any]) -> bytes:
    """A batch message."""
    return encoded({"timestamp": 1_790_000_000.5, "event_type": "batch", "events": items})
