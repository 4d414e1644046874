"""Whatever becomes of the wire to Redis and of Redis' answers, clients do not feel it, and events come back."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pytest

from fixtures.checkers import ledger_balance
from fixtures.gateway_config import MaskerConfig, RedisConfig
from fixtures.nemesis import make_fault
from fixtures.wire.of_stack import link_of
from tests.outages.judging import Allowed, judge_outage
from tests.outages.recovery import check_recovery

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fixtures.lab.lab import Lab, LabRoute
    from fixtures.nemesis.base import Fault
    from fixtures.pytest_plugin.lab import MakeLab
    from tests.outages.outage import Calm, Outage

# Shorter than the outage, so that silence is also given up and connected to anew while it lasts.
REDIS_TIMEOUT_MS = 600
# A link's end may reset a connection of each worker, as may each attempt over a flapping one.
CUTS_PER_LINK = 6


@dataclass(frozen=True)
class Variant:
    """One bad wire.

    Attributes:
        fault: Its wire name.
        parameters: Of the fault.
        cause: What the ledger calls it, if the gateway cannot help noticing.
    """

    fault: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""


NAMED_IN_F1 = {
    "black-holed": Variant("wire_black_hole", cause="timeout"),
    "flapping": Variant("wire_flapping", cause="refused"),
    "NOAUTH": Variant("wire_error", {"error": "NOAUTH", "commands": []}, cause="auth"),
    "LOADING": Variant("wire_error", {"error": "LOADING", "commands": []}, cause="loading"),
    "READONLY": Variant("wire_error", {"error": "READONLY"}, cause="readonly"),
    "OOM": Variant("wire_error", {"error": "OOM"}, cause="oom"),
    "cut in mid-reply": Variant("wire_cut_reply", cause="closed"),
}
OTHERS = {
    "latency": Variant("wire_latency", {"delay_s": 0.2}),
    "narrow": Variant("wire_bandwidth", {"bytes_per_s": 10_000}),
    "half-open": Variant("wire_half_open", cause="timeout"),
    "cut in mid-command": Variant("wire_cut_command", cause="closed"),
    "late replies": Variant("wire_late_reply", {"delay_s": 1.0}, cause="timeout"),
    "replies in disorder": Variant("wire_disorder"),
    "BUSY for some": Variant("wire_error", {"error": "BUSY", "share": 0.5}),
}


class Together:
    """Several faults that last at the same time, each proved by its own probe.

    Args:
        faults: Injected in this order, healed in the opposite one.
    """

    name = "several faults at once"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._faults = faults
        self._injected = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as injected:
            for fault in self._faults:
                injected.enter_context(fault)
            self._injected = injected.pop_all()
        return self

    def __exit__(self, *exc_info: Any) -> bool | None:
        return self._injected.__exit__(*exc_info)


def routes_over_links(lab: Lab, names: Sequence[str]) -> list[LabRoute]:
    """A route per link, whose events go over it alone."""
    links = [link_of(lab.stack, name) for name in names]
    return lab.add_routes(
        *(
            MaskerConfig(
                enable_event_monitoring=True,
                redis=RedisConfig(host=link.host, port=link.port, timeout=REDIS_TIMEOUT_MS),
            )
            for link in links
        )
    )


def recovery_s(outage: Outage, route: LabRoute) -> float | None:
    """Seconds from the end of the faults until a route's event of a later request arrived; None if none did."""
    gone_s = outage.history.anchor.wall_of(outage.gone_ns)
    arrived_ns = [
        op.time_ns
        for op in outage.history.ops(f="event")
        if op.value["channel"] == route.channel and op.value["event"]["timestamp"] > gone_s
    ]
    return (min(arrived_ns) - outage.gone_ns) / 1e9 if arrived_ns else None


@pytest.mark.measures
@pytest.mark.xdist_group("outages")
@pytest.mark.clause("F1", "F3", "F4", "F5")
@pytest.mark.parametrize(
    "variants",
    [NAMED_IN_F1, pytest.param(OTHERS, marks=pytest.mark.thorough)],
    ids=["those that the clause names", "others"],
)
def test_a_bad_wire_and_refusals_reach_no_client_and_end_by_themselves(
    calm: Calm, make_lab: MakeLab, variants: dict[str, Variant]
) -> None:
    # Each on a route and a link of its own under the same load: one turn for all.
    lab = make_lab(calm.stack)
    first, *further = routes_over_links(lab, list(variants))
    faults = [
        make_fault(
            variant.fault,
            lab.stack,
            recorder=lab.history.info,
            parameters={**variant.parameters, "link": name},
        )
        for name, variant in variants.items()
    ]
    redis_timeout_s = REDIS_TIMEOUT_MS / 1000
    allowed = Allowed(cuts_per_worker=CUTS_PER_LINK * len(variants), redis_timeout_s=redis_timeout_s)
    outage = judge_outage(lab, first, Together(faults), calm, allowed, further=further)
    gained = ledger_balance.delta(outage.history)
    for cause in sorted({variant.cause for variant in variants.values()} - {""}):
        felt = sum(gained.get(f"{what}.{cause}", 0) for what in ("connections.failed", "messages.refused"))
        assert lab.evidence.figure(f"times that the gateway met {cause!r}", felt, at_least=1).holds
    by_wire = {
        f"the route whose wire was {name}": recovery_s(outage, route)
        for name, route in zip(variants, (first, *further), strict=True)
    }
    back = check_recovery(outage.history, by_wire, gone_ns=outage.gone_ns, redis_timeout_s=redis_timeout_s)
    lab.require(back, clause="F3")
