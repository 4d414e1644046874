"""Masking costs little CPU time, in proportion to the size, whatever the text is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.gateway_config import MaskerConfig
from fixtures.lab.prompts import conversation, to_bytes
from fixtures.stack.base import Component
from tests.benchmarks import documents
from tests.benchmarks.answers import add_routes
from tests.benchmarks.transfers import Transfer, byte_source, cpu_ms_per_mb, transfer

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

pytestmark = [pytest.mark.nightly, pytest.mark.measures, pytest.mark.timeout(600)]

MIB = 1 << 20
# CPU time is told in ticks of 10 ms: so many requests that one tick is a thousandth of the whole.
SIZES_MIB = {1: 60, 4: 15, 16: 5, 31: 3}
CPU_MAX_MS_PER_MB = 15.0
# A cost that grew with the square would be 31 times as high per megabyte at the largest size.
GROWTH_MAX = 2.0
ROUTES = {"with": {"masker": MaskerConfig()}, "without": {}}
BUSY = (
    "i-0123456",
    "10.0.0.",
    "arn:aws:s3:::",
    "AKIA",
    "s3://a",
    "a.amazonaws.com ",
    "account ",
    "subnet-0a1b2c3d ",
    "AWS_EC2_001 ",
    "secret key: ",
)


@pytest.mark.clause("M3", "M4")
def test_masking_a_megabyte_of_json_takes_little_cpu_and_grows_with_the_size(
    make_stack: MakeStack, make_lab: MakeLab, tmp_path: Path
) -> None:
    lab = _lab(make_stack, make_lab)
    rows, per_mb = [], {}
    with byte_source(lab.tests_host, tmp_path) as url:
        add_routes(lab, url, ROUTES)
        for size_mib, times in SIZES_MIB.items():
            prompt = documents.prompt(size_mib * MIB)
            megabytes = len(prompt) / 1e6
            cost = {}
            for key in ROUTES:
                transfer(lab.stack, f"/bench-{key}/none?times=0", prompt)
                runs = [transfer(lab.stack, f"/bench-{key}/none?times=0", prompt) for _ in range(times)]
                cost[key] = cpu_ms_per_mb(runs, megabytes)
            per_mb[size_mib] = cost["with"] - cost["without"]
            rows.append(
                (size_mib, times, *(round(cost[key], 2) for key in ROUTES), round(per_mb[size_mib], 2))
            )
    lab.evidence.table(
        "CPU of the worker for JSON of prose with two identifiers in each turn of 2000 characters, ms per MB",
        ("MiB", "requests", "with", "without", "difference"),
        rows,
    )
    first, last = per_mb[1], per_mb[max(SIZES_MIB)]
    assert lab.evidence.figure("masking 1 MB", first, "ms", at_most=CPU_MAX_MS_PER_MB).holds, rows
    assert lab.evidence.figure("per MB at 31 MiB, against 1 MiB", last / first, at_most=GROWTH_MAX).holds, (
        rows
    )


@pytest.mark.clause("M4")
def test_text_that_is_almost_identifiers_costs_time_in_proportion(
    make_stack: MakeStack, make_lab: MakeLab, tmp_path: Path
) -> None:
    lab = _lab(make_stack, make_lab)
    rows = []
    with byte_source(lab.tests_host, tmp_path) as url:
        add_routes(lab, url, ROUTES)
        for unit in BUSY:
            cost = {}
            for size_mib, times in ((1, 6), (8, 1)):
                prompt = to_bytes(conversation(unit * (size_mib * MIB // len(unit))))
                transfer(lab.stack, "/bench-with/none?times=0", prompt)
                runs: list[Transfer] = [
                    transfer(lab.stack, "/bench-with/none?times=0", prompt) for _ in range(times)
                ]
                cost[size_mib] = cpu_ms_per_mb(runs, size_mib * MIB / 1e6)
            rows.append((unit, round(cost[1], 1), round(cost[8], 1)))
    lab.evidence.table("CPU of the worker, ms per MB", ("repeated", "1 MiB", "8 MiB"), rows)
    for unit, small, large in rows:
        figure = lab.evidence.figure(
            f"{unit!r}: 8 MiB against 1 MiB", large / max(small, 1.0), at_most=GROWTH_MAX
        )
        assert figure.holds, rows


def _lab(make_stack: MakeStack, make_lab: MakeLab) -> Lab:
    return make_lab(make_stack(workers=1, components=frozenset({Component.GATEWAY, Component.UPSTREAM})))
