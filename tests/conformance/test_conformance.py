"""The masker holds every property of the conformance table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.conformance import table
from fixtures.conformance.registry import PROBES, judge
from fixtures.conformance.row import Probe, Result
from fixtures.conformance.target import Target
from tests.conformance.measuring import marks_of

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

    from fixtures.lab.lab import Lab

# What no other test of the gate tries as widely
IN_THE_GATE = {"bad documents", "forged placeholders"}
# Those that try more when they have time: every byte offset, every size of a delta, bodies up to 32 MB
LONGER = {
    "sizes",
    "network cuts: stream",
    "network cuts: JSON",
    "network cuts: tools",
    "delta cuts: text",
    "delta cuts: tools",
}


def _cases(group: str) -> list[ParameterSet]:
    """A quick run of each probe of a group, and a thorough one of those that have more to try."""
    probes = [probe for probe in PROBES if probe.group == group]
    assert probes, group
    thorough = pytest.mark.thorough
    return [
        pytest.param(
            probe,
            False,
            id=probe.name,
            marks=[*marks_of(probe.name), *([] if probe.name in IN_THE_GATE else [thorough])],
        )
        for probe in probes
    ] + [
        pytest.param(probe, True, id=f"{probe.name}, every case", marks=[pytest.mark.nightly])
        for probe in probes
        if probe.name in LONGER
    ]


@pytest.mark.timeout(900)
@pytest.mark.clause("M1", "M2", "M3", "M4", "M5", "M6", "M8", "M10")
@pytest.mark.parametrize(("probe", "thorough"), _cases("Requests"))
def test_requests_conform(lab: Lab, probe: Probe, thorough: bool) -> None:
    _require(lab, probe, thorough=thorough)


@pytest.mark.timeout(900)
@pytest.mark.clause("U1", "U2", "U3")
@pytest.mark.parametrize(("probe", "thorough"), _cases("Responses"))
def test_responses_conform(lab: Lab, probe: Probe, thorough: bool) -> None:
    _require(lab, probe, thorough=thorough)


@pytest.mark.clause("M7", "M11", "M12", "U6", "U7")
@pytest.mark.parametrize(("probe", "thorough"), _cases("Conversations"))
def test_conversations_conform(lab: Lab, probe: Probe, thorough: bool) -> None:
    _require(lab, probe, thorough=thorough)


@pytest.mark.clause("U4")
@pytest.mark.parametrize(("probe", "thorough"), _cases("Time"))
def test_times_conform(lab: Lab, probe: Probe, thorough: bool) -> None:
    _require(lab, probe, thorough=thorough)


@pytest.mark.no_clause("keeps the cases here complete")
def test_every_group_of_the_table_is_tried() -> None:
    assert {probe.group for probe in PROBES} == {"Requests", "Responses", "Conversations", "Time"}


def _require(lab: Lab, probe: Probe, *, thorough: bool) -> None:
    addresses = lab.stack.addresses
    url = f"{addresses.gateway_url}{lab.route().path}"
    with Target(url, addresses.upstream_url, canaries=lab.canaries, thorough=thorough) as target:
        row = judge(probe, target)
    lab.evidence.table(f"conformance: {probe.name}", table.COLUMNS, [table.cells(row)])
    lab.evidence.figure("cases tried", row.tally.tried)
    assert row.result is Result.HOLDS, table.cells(row)[-1]
