"""What the messages of a route held and how long their events waited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.checkers import batches
from fixtures.report.evidence import BatchPlot

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab, LabRoute


def sizes(lab: Lab, *routes: LabRoute) -> list[int]:
    """Events in each message of the routes' channels, in order of arrival."""
    channels = {route.channel for route in routes}
    messages = lab.history.ops(f="message", where=lambda op: op.value["channel"] in channels)
    return [message.value["events"] for message in messages]


def batch_plot(lab: Lab, route: LabRoute, title: str) -> BatchPlot:
    """Size of each message and how long its oldest event waited."""
    events = lab.history.ops(f="event", where=lambda op: op.value["channel"] == route.channel)
    waits = batches.served_waits_s(lab.history, channel=route.channel)
    oldest: dict[int, float] = {}
    for event, wait_s in zip(events, waits, strict=True):
        number = event.value["message"]
        oldest[number] = max(wait_s, oldest.get(number, wait_s))
    return BatchPlot(
        title=title,
        sizes=tuple(sizes(lab, route)),
        waits_s=tuple(oldest.values()),
        size_limit=route.masker.event_batch_size,
        wait_limit_s=route.masker.event_flush_interval + batches.PROCESSING_S,
    )
