"""Which requests emit is a documented function of their ids: computed here, and compared one by one."""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.checkers import sampling
from fixtures.sampling import is_sampled
from tests.events.traffic import arrived
from tests.sampling.connections import request_ids

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab, LabRoute

# A sampler off by a tenth of its rate decides wrongly over a share of 0.05 of the requests at 0.5, and of 0.02 at 0.2:
# 400 requests at both miss that with a chance of 0.95^400 x 0.98^400 = 4e-13.
CONNECTIONS, EACH = 8, 50


@pytest.mark.clause("S2")
@pytest.mark.parametrize(
    "rate",
    [0.001, 0.1, 0.5, *(pytest.param(rate, marks=pytest.mark.thorough) for rate in (0.01, 0.25, 0.999))],
)
def test_exactly_the_computed_requests_emit_both_of_their_events(lab: Lab, rate: float) -> None:
    route = _route(lab, rate)
    _require_chosen(lab, route, rate)


@pytest.mark.clause("S2")
def test_a_higher_rate_keeps_every_request_that_a_lower_one_chose(lab: Lab) -> None:
    """Ids cannot be sent twice, so each rate is shown to draw a line at its own place through one order of all ids."""
    rows = []
    route = _route(lab, 0.1)
    for rate in (0.1, 0.2, 0.5):
        route = lab.reconfigure(route, event_sampling_rate=rate)
        ids = _require_chosen(lab, route, rate)
        emitted = {event["request_id"] for event in lab.events(route)}
        chosen = max((_place(each) for each in ids if each in emitted), default=0.0)
        silent = min((_place(each) for each in ids if each not in emitted), default=1.0)
        assert chosen < rate <= silent
        rows.append((rate, len(ids), sum(each in emitted for each in ids), chosen, silent))
    # Whatever lies left of the line of a low rate lies left of that of a higher one: it stays chosen.
    lab.evidence.table(
        "where the line runs", ("rate", "requests", "chosen", "rightmost chosen", "leftmost silent"), rows
    )


@pytest.mark.clause("S2")
def test_routes_decide_alike_however_they_pack_their_events(lab: Lab) -> None:
    rate = 0.5
    for fields in ({}, {"event_batch_size": 7}, {"event_queue_size": 1000}):
        _require_chosen(lab, _route(lab, rate, **fields), rate)


def _route(lab: Lab, rate: float, **fields: int) -> LabRoute:
    packed: dict[str, Any] = {"event_batch_size": 50, "event_flush_interval": 0.1, **fields}
    return lab.monitored_route(event_sampling_rate=rate, **packed)


def _require_chosen(lab: Lab, route: LabRoute, rate: float) -> list[str]:
    """Sends requests, judges which of them emitted, and returns their ids."""
    before, mark = len(lab.events(route)), len(lab.history)
    ids = [each for ids in request_ids(lab, route, connections=CONNECTIONS, each=EACH) for each in ids]
    chosen = functools.partial(is_sampled, rate=rate)
    arrived(lab, route, before + 2 * sum(chosen(each) for each in ids))
    lab.require(
        sampling.check(
            lab.history.after(mark - 1), request_ids=ids, rate=rate, chosen=chosen, channel=route.channel
        )
    )
    return ids


def _place(request_id: str) -> float:
    """Where an id stands between 0 and 1, by the documented function."""
    return int(hashlib.md5(request_id.encode(), usedforsecurity=False).hexdigest()[:8], 16) / 2**32
