"""The kit tells a proxy that fails from one that holds, and says where."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fixtures.conformance import table
from fixtures.conformance.registry import PROBES, judge
from fixtures.conformance.row import Probe, Result, Row, Tally
from fixtures.conformance.target import Target
from fixtures.errors import SuiteError
from tests.conformance.naive_proxy import naive_proxy

if TYPE_CHECKING:
    from fixtures.stack.base import Stack

pytestmark = pytest.mark.no_clause("shows that the kit can fail")

# What a proxy gets right that substitutes in raw text, chunk by chunk, where nothing is cut or escaped.
NAIVE_HOLDS = {
    "positions",
    "sizes",
    "overlaps",
    "other bytes",
    "no additions",
    "count_tokens",
    "busy documents",
    "whole tools",
    "quoting",
    "statuses and lengths",
    "HTTP/1.0",
    "trailers",
    "nothing to restore",
    # It restores thinking and masks it again, by a table that never forgets: the upstream sees its own bytes.
    "thinking signatures",
    "prompt cache",
    "no waiting",
    "delays",
}


@pytest.mark.thorough
@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_a_naive_proxy_fails_where_it_must(stack: Stack, probe: Probe) -> None:
    upstream_url = stack.addresses.upstream_url
    with naive_proxy(upstream_url) as url, Target(url, upstream_url) as target:
        row = judge(probe, target)
    expected = Result.HOLDS if probe.name in NAIVE_HOLDS else Result.FAILS
    assert row.result is expected, table.cells(row)


def test_a_proxy_that_leads_elsewhere_is_told_so(stack: Stack) -> None:
    addresses = stack.addresses
    with (
        Target(addresses.backend_url, addresses.upstream_url) as target,
        pytest.raises(SuiteError, match="the proxy's upstream must be this emulator"),
    ):
        target.require_usable()


def _nothing(target: Target, tally: Tally) -> None:
    del target, tally


def test_a_table_says_what_failed_how_often_and_never_hides_what_was_not_judged() -> None:
    probe = Probe(name="a|b", group="g", claim="holds <always>", clauses=("M1",), run=_nothing)
    failing, idle = Tally(), Tally(not_judged="the emulator is away")
    for number in range(9):
        failing.expect(number == 0, f"case {number}")
    rows = [
        Row(probe=probe, result=result, tally=tally, elapsed_s=0.1)
        for result, tally in (
            (Result.FAILS, failing),
            (Result.NOT_JUDGED, idle),
            (Result.HOLDS, Tally(tried=3)),
        )
    ]
    assert table.summary(rows) == "1 holds, 1 fails, 1 not judged"
    markdown, html = table.to_markdown(rows, {"proxy": "x"}), table.to_html(rows, {"proxy": "<x>"})
    assert "8 of 9 did not hold, such as: case 1; case 2; case 3; case 4; case 5" in markdown
    assert "a\\|b" in markdown
    assert "holds &lt;always&gt;" in html
    assert [row["result"] for row in json.loads(table.to_json(rows, {}))["rows"]] == [
        "fails",
        "not judged",
        "holds",
    ]


def test_a_probe_that_tries_nothing_proves_nothing(stack: Stack) -> None:
    probe = Probe(name="idle", group="g", claim="c", clauses=("M1",), run=_nothing)
    with Target(stack.addresses.gateway_url, stack.addresses.upstream_url) as target:
        assert judge(probe, target).result is Result.NOT_JUDGED
