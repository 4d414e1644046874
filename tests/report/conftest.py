"""Fixtures: the example run whose report most tests of this folder open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.report.example import ExampleRun, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONFTEST = """
import pytest
from fixtures.report.run import report_run

@pytest.fixture(scope="session", autouse=True)
def stack(request, tmp_path_factory):
    log = tmp_path_factory.mktemp("logs") / "error.log"
    log.write_text("a line from before\\n")
    state = report_run(request.config)
    state.add_stack({"stack": "local", "gateway": "embedded gateway host, not Kong", "redis": "7.0.15"})
    state.fact("seed", "4711")
    state.logs.add("local", lambda: {"gateway.error": log})
    yield log
    state.logs.remove("local")
"""

EXAMPLE = """
import random
import pytest
from fixtures.errors import NotReady
from fixtures.failures import InvalidFault
from fixtures.report.evidence import *
from fixtures.wait import eventually

@pytest.mark.clause("F1")
def test_passes_with_figures(evidence):
    noise = random.Random(7)
    times = [index / 500 for index in range(5000)]
    latencies = [3 + noise.random() for _ in times]
    latencies[1234] = 77.5
    evidence.plot(LatencyPlot(title="Latency & outage", times_s=times, latencies_ms=latencies, failed=(4321,),
                              bands=(Band(start_s=4, end_s=6, label="Redis stopped"),), bound_ms=9.4))
    evidence.plot(EventsPlot(title="Events", received_s=times, ledger_s=[0, 5, 10],
                             ledger=(("sampled", [0, 2500, 5000]),)))
    evidence.plot(MemoryPlot(title="Memory", times_s=[0, 1, 2], rss_mib=(("worker 1", [40, 41, 41]),)))
    evidence.table("Refusals", ["reason", "count"], [["too large", 3]])
    evidence.note("One remark.")
    looks = iter([False] * 10)
    eventually(lambda: next(looks, True), timeout_s=60, what="the tenth look")
    assert evidence.figure("p99", 4.5, "ms", below=9.4).holds

@pytest.mark.clause("S3")
def test_plots_rates_and_batches(evidence):
    evidence.plot(SamplingPlot(title="Rates", rates=(0.0, 0.1), observed=(0.0, 0.099), lower=(0.0, 0.09),
                               upper=(0.0, 0.11), requests=(100, 10000)))
    evidence.plot(BatchPlot(title="Batches", sizes=[10, 3], waits_s=[0.1, 0.9], size_limit=10, wait_limit_s=1.0))
    evidence.figure("share", 0.099, bound="0.09 … 0.11", holds=True)

@pytest.mark.clause("A3")
def test_passes_without_figures():
    pass

@pytest.mark.clause("B3", "E2")
def test_fails(evidence, stack):
    with stack.open("a") as log:
        log.write("[error] publisher gave up\\n")
    evidence.figure("longest wait", 1.31, "s", at_most=1.2, clause="B3")
    assert 1.31 <= 1.2, "a batch waited too long"

@pytest.mark.clause("E2")
def test_passes_beside_a_failure(evidence):
    evidence.figure("events", 2, equals=2)

@pytest.mark.clause("F5")
def test_fault_without_effect():
    raise InvalidFault("the pause had no effect")

@pytest.mark.clause("F3")
def test_tool_fails():
    raise NotReady("redis did not answer")

@pytest.mark.clause("K1")
def test_is_skipped():
    pytest.skip("needs what is not here")

@pytest.mark.clause("K6")
@pytest.mark.xfail(reason="known to be broken")
def test_is_expected_to_fail():
    assert False

def test_names_no_clause():
    pass

@pytest.mark.clause("L1")
@pytest.mark.parametrize("count", [1, 1000])
def test_some_are_skipped(count, evidence):
    if count > 1:
        pytest.skip("too many")
    evidence.figure("requests", count)

@pytest.mark.clause("U3")
def test_teardown_fails(broken_teardown, evidence):
    evidence.figure("bytes", 10)

@pytest.fixture
def broken_teardown():
    yield
    raise AssertionError("the connection stayed open")
"""

# Tests that pytest lets pass, but whose own evidence speaks against that.
CONTRADICTED = """
import pytest
from fixtures.checkers.base import Figure, conclude, unknown

@pytest.mark.clause("C1")
def test_forgets_to_assert_a_figure(evidence):
    evidence.figure("connections", 9, at_most=2)

@pytest.mark.clause("E6")
def test_forgets_to_assert_a_verdict(evidence):
    evidence.verdict(conclude("gaps", [Figure("lost", 3, bound="0", holds=False)], ["seq 7 is missing"]))

@pytest.mark.clause("F4")
def test_checker_cannot_tell(evidence):
    evidence.verdict(unknown("balance", "the ledger was not read"))

@pytest.mark.clause("F2")
def test_says_itself_that_it_proves_nothing(evidence):
    evidence.figure("queue", 3)
    evidence.invalid("the load reached 40 % of the stated rate")

@pytest.mark.clause("C1", "B1")
def test_says_which_clause_it_speaks_for(evidence):
    figures = [Figure("wrapped", 0, bound="0", holds=True), Figure("set aside", 7, bound="20%")]
    evidence.verdict(conclude("single", figures), clause="B1")
"""


@pytest.fixture(scope="session", params=["one process", "xdist"])
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ExampleRun:
    """The report on one test of each kind, written with and without pytest-xdist."""
    options = ("-n", "2") if request.param == "xdist" else ()
    root: Path = tmp_path_factory.mktemp("example")
    return run(root, {"conftest.py": CONFTEST, "test_example.py": EXAMPLE}, *options)


@pytest.fixture(scope="session")
def contradicted(tmp_path_factory: pytest.TempPathFactory) -> ExampleRun:
    """The report on tests that pass although their evidence speaks against that."""
    return run(tmp_path_factory.mktemp("contradicted"), {"test_example.py": CONTRADICTED})


@pytest.fixture
def run_example(tmp_path: Path) -> Callable[..., ExampleRun]:
    """Run pytest on the text of one test module, with options and environment variables."""

    def start(text: str, *options: str, conftest: str = "", **variables: str) -> ExampleRun:
        return run(tmp_path, {"conftest.py": conftest, "test_example.py": text}, *options, **variables)

    return start
