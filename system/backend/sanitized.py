"""What of an event may be shown: numbers, closed vocabularies, and the gateway's own request id.

Free text (node, service, route, boot, unknown keys and kinds) is left out: a host name on AWS is an address,
and whoever can publish on the channel could put an identifier there.
"""

from collections.abc import Mapping
from typing import Any

from system.backend.kinds import KINDS
from system.backend.models import Event


def sanitized_patterns(patterns: Mapping[str, int]) -> dict[str, int]:
    """Counts by kind, with unknown kinds summed up as `other`."""
    shown: dict[str, int] = {}
    for kind, count in patterns.items():
        name = kind if kind in KINDS else "other"
        shown[name] = shown.get(name, 0) + count
    return shown


def sanitized(event: Event) -> dict[str, Any]:
    """The fields of an event that may be shown, flat."""
    details = event.details
    shown: dict[str, Any] = {
        "timestamp": event.timestamp,
        "event_type": event.event_type,
        "request_id": event.request_id,
        "worker": event.source.worker,
        "seq": event.source.seq,
        "action": details.action,
        "processing_time_ms": details.processing_time_ms,
        "pattern_count": details.pattern_count,
        "patterns": sanitized_patterns(details.patterns),
        "bytes": details.bytes,
    }
    for name in ("residual", "truncated", "skipped", "status"):
        value = getattr(details, name)
        if value is not None:
            shown[name] = value
    return shown
