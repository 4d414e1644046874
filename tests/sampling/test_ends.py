"""Rate 0 emits nothing, rate 1 everything: exactly, not nearly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import delivery, sampling
from fixtures.report.evidence import SamplingPlot
from fixtures.sampling import is_sampled
from tests.events.traffic import arrived, send_many
from tests.sampling.connections import request_ids

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab, LabRoute


@pytest.mark.clause("S1")
def test_rate_0_emits_nothing(lab: Lab) -> None:
    silent = lab.monitored_route(event_sampling_rate=0.0, event_flush_interval=0.1)
    before = lab.ledger()
    ids = send_many(lab, silent) + _many(lab, silent)
    # A route that does speak, in the same workers, shows that everything of the silent one would be there by now.
    speaking = lab.monitored_route(event_flush_interval=0.1)
    spoken = send_many(lab, speaking)
    arrived(lab, speaking, 2 * len(spoken))
    lab.require(delivery.check(lab.history, expected=delivery.expected_of(spoken), channel=speaking.channel))
    lab.require(delivery.check_silence(lab.history, channel=silent.channel, fences=lab.tap.fences))
    sampled = lab.ledger().change_since(before)["events.sampled"]
    assert lab.evidence.figure("events sampled in the ledger", sampled, equals=2 * len(spoken)).holds
    lab.evidence.figure("requests at rate 0", len(ids))


@pytest.mark.clause("S1")
def test_rate_1_emits_everything(lab: Lab) -> None:
    route = lab.monitored_route(event_sampling_rate=1.0, event_batch_size=50, event_flush_interval=0.2)
    before = lab.ledger()
    ids = send_many(lab, route) + _many(lab, route)
    arrived(lab, route, 2 * len(ids))
    lab.require(delivery.check(lab.history, expected=delivery.expected_of(ids), channel=route.channel))
    verdict = sampling.check(
        lab.history,
        request_ids=ids,
        rate=1.0,
        chosen=lambda each: is_sampled(each, 1.0),
        channel=route.channel,
    )
    lab.require(verdict)
    sampled = lab.ledger().change_since(before)["events.sampled"]
    assert lab.evidence.figure("events sampled in the ledger", sampled, equals=2 * len(ids)).holds
    lab.evidence.plot(
        SamplingPlot(
            title="rate 1",
            rates=(1.0,),
            observed=(float(verdict.value("share")),),
            lower=(1.0,),
            upper=(1.0,),
            requests=(len(ids),),
        )
    )


def _many(lab: Lab, route: LabRoute) -> list[str]:
    return [each for ids in request_ids(lab, route, connections=8, each=100) for each in ids]
