"""The kit tells a proxy that fails from one that holds, and says where."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING

import pytest

from fixtures.conformance import table
from fixtures.conformance.registry import PROBES, judge
from fixtures.conformance.row import Probe, Result, Row, Tally
from fixtures.conformance.target import Target
from fixtures.errors import SuiteError
from fixtures.stack.ports import HOST
from tests.conformance.measuring import marks_of
from tests.conformance.naive_proxy import NaiveProxy, serving
from tests.conformance.worse_proxies import WORSE

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.stack.base import Stack

pytestmark = pytest.mark.no_clause("shows that the kit can fail")

# The port multiplexer's, which nobody runs
NOBODY = f"http://{HOST}:1"

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


def judged(stack: Stack, proxy: type[NaiveProxy], probe: Probe) -> Row:
    """What the kit makes of one property of a proxy."""
    upstream_url = stack.addresses.upstream_url
    with serving(proxy, upstream_url) as url, Target(url, upstream_url) as target:
        return judge(probe, target)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "probe", [pytest.param(probe, id=probe.name, marks=marks_of(probe.name)) for probe in PROBES]
)
def test_a_naive_proxy_fails_where_it_must(stack: Stack, probe: Probe) -> None:
    row = judged(stack, NaiveProxy, probe)
    expected = Result.HOLDS if probe.name in NAIVE_HOLDS else Result.FAILS
    assert row.result is expected, table.cells(row)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("proxy", "name", "told"),
    [
        pytest.param(proxy, name, told, id=f"{proxy.__name__}: {name}", marks=marks_of(name))
        for proxy, rows in WORSE.items()
        for name, told in rows.items()
    ],
)
def test_a_worse_proxy_fails_the_row_of_its_defect(
    stack: Stack, proxy: type[NaiveProxy], name: str, told: str
) -> None:
    (probe,) = (probe for probe in PROBES if probe.name == name)
    row = judged(stack, proxy, probe)
    assert row.result is Result.FAILS, table.cells(row)
    assert told in table.cells(row)[-1]


def test_no_row_holds_on_every_bad_proxy() -> None:
    names = {probe.name for probe in PROBES}
    seen_to_fail = (names - NAIVE_HOLDS).union(*WORSE.values())
    assert seen_to_fail == names


@pytest.mark.parametrize(
    "misread",
    [
        lambda: json.loads("<html>"),
        lambda: json.loads("{}")["content"],
        lambda: json.loads("[]")[0],
        lambda: json.loads("null")["content"],
        lambda: json.loads("[]").get("content"),
        lambda: json.loads(b"\xff"),
        lambda: gzip.decompress(b"none"),
        lambda: gzip.decompress(gzip.compress(b"cut")[:-4]),
        lambda: zlib.decompress(b"none"),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_row_that_fails(
    stack: Stack, misread: Callable[[], object]
) -> None:
    def run(target: Target, tally: Tally) -> None:
        del target
        tally.expect(True, "what was tried before counts")
        misread()

    probe = Probe(name="misreads", group="g", claim="c", clauses=("M1",), run=run)
    with Target(stack.addresses.gateway_url, stack.addresses.upstream_url) as target:
        row = judge(probe, target)
    assert (row.result, row.tally.tried) == (Result.FAILS, 2)
    assert row.tally.failures[0].startswith("an answer could not be read: ")


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


def test_an_emulator_that_is_gone_says_nothing_of_the_proxy(stack: Stack) -> None:
    (probe,) = (probe for probe in PROBES if probe.name == "sizes")
    with Target(stack.addresses.gateway_url, NOBODY) as target:
        row = judge(probe, target)
    assert row.result is Result.NOT_JUDGED
    assert row.tally.not_judged == "the emulator does not answer: ConnectError"
