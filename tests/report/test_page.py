"""What the page and the other files show besides the verdicts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.report.example import ExampleRun


def test_the_kind_of_gateway_stands_in_every_file(example: ExampleRun) -> None:
    kind = "embedded gateway host, not Kong"
    assert f'<p class="gateway"><span>Gateway</span> <strong>{kind}</strong>' in example.html
    assert example.data["gateway"] == kind
    assert f"**Gateway: {kind}**" in example.markdown
    assert example.junit_properties["gateway kind"] == kind


def test_a_run_without_a_stack_says_so(contradicted: ExampleRun) -> None:
    assert "no gateway was started in this run" in contradicted.html


def test_the_head_says_what_ran_on_what(example: ExampleRun) -> None:
    facts = example.data["facts"]
    assert facts["seed"] == "4711"
    assert facts["command line"].startswith("pytest -p fixtures.pytest_plugin.report")
    assert re.search(r"\d+ cores?, [\d.]+ GiB memory", facts["machine"])
    assert facts["commit"] == "not a git repository"
    assert example.data["stacks"][0]["redis"] == "7.0.15"
    for value in ("4711", "7.0.15", facts["machine"]):
        assert value in example.html


def test_the_page_needs_nothing_from_outside(example: ExampleRun) -> None:
    assert not re.findall(r'(?:src|href)="(?!#|")[^"]*"', example.html)
    assert "@import" not in example.html
    assert "url(http" not in example.html


def test_every_test_is_in_the_embedded_results_table(example: ExampleRun) -> None:
    results = {
        nodeid.partition("::")[2]: [entry["result"] for entry in entries]
        for nodeid, entries in example.embedded["tests"].items()
    }
    assert results["test_passes_with_figures"] == ["Passed"]
    assert results["test_fails"] == ["Failed"]
    assert results["test_is_skipped"] == ["Skipped"]
    assert results["test_names_no_clause"] == ["Passed"]
    assert results["test_teardown_fails"] == ["Passed", "Error"]
    assert len(results) == len(example.data["tests"]) == 13


def test_the_slowest_tests_tell_what_they_waited_for(example: ExampleRun) -> None:
    (waited,) = (test["waits_s"] for test in example.data["tests"] if "passes_with_figures" in test["nodeid"])
    assert waited["the tenth look"] >= 0.09
    assert "s waiting for the tenth look" in example.html
    assert "s the tenth look" in example.markdown


def test_all_kinds_of_plots_are_drawn_inline(example: ExampleRun) -> None:
    titles = re.findall(r'<svg[^>]* class="plot"[^>]*><title>(.*?)</title>', example.html)
    assert sorted(titles) == ["Batches", "Events", "Latency &amp; outage", "Memory", "Rates"]


def test_a_long_series_is_thinned_and_keeps_its_peak_and_failures(example: ExampleRun) -> None:
    test = next(test for test in example.data["tests"] if test["nodeid"].endswith("test_passes_with_figures"))
    plot = next(item for item in test["evidence"] if item["kind"] == "LatencyPlot")
    assert len(plot["times_s"]) < 1000
    assert max(plot["latencies_ms"]) == 77.5
    assert [plot["times_s"][index] for index in plot["failed"]] == [4321 / 500]
    events = next(item for item in test["evidence"] if item["kind"] == "EventsPlot")
    assert events["received_counts"][-1] == 5000


def test_a_failure_comes_with_what_the_logs_got_during_its_test(example: ExampleRun) -> None:
    test = next(test for test in example.data["tests"] if test["nodeid"].endswith("test_fails"))
    assert test["logs"]["gateway.error"].splitlines() == [
        "a line from before",
        "— the test begins —",
        "[error] publisher gave up",
    ]
    assert "[error] publisher gave up" in example.html
    assert "[error] publisher gave up" in example.markdown


def test_junit_names_the_clauses_and_figures_of_a_test(example: ExampleRun) -> None:
    case = example.junit.find("testsuite/testcase[@name='test_fails']")
    assert case is not None
    properties = [
        (entry.attrib["name"], entry.attrib["value"]) for entry in case.iterfind("properties/property")
    ]
    assert properties == [
        ("clause", "B3"),
        ("clause", "E2"),
        ("broken", "B3"),
        ("figure", "longest wait = 1.31 s (≤ 1.2, does not hold)"),
    ]
    assert case.find("failure") is not None


def test_a_bound_that_was_not_judged_by_is_neither_kept_nor_broken(contradicted: ExampleRun) -> None:
    assert "set aside = 7 (20%)" in contradicted.markdown
    assert '<span class="bound open">20%</span>' in contradicted.html


def test_a_junit_file_that_the_user_asked_for_is_written_too(run_example: Callable[..., ExampleRun]) -> None:
    example = run_example("def test_it(): pass", "--junitxml=mine/own.xml", "--html=mine/own.html")
    report = (example.root / "reports" / "latest" / "junit.xml").read_text(encoding="utf-8")
    assert (example.root / "mine" / "own.xml").read_text(encoding="utf-8") == report
    assert (example.root / "mine" / "own.html").is_file()


def test_latest_is_the_newest_of_several_reports(run_example: Callable[..., ExampleRun]) -> None:
    run_example("def test_first(): pass")
    second = run_example("def test_second(): pass")
    assert len([entry for entry in (second.root / "reports").iterdir() if not entry.is_symlink()]) == 2
    assert [test["nodeid"] for test in second.data["tests"]] == ["test_example.py::test_second"]


def test_no_report_is_written_when_none_is_wanted(run_example: Callable[..., ExampleRun]) -> None:
    assert not (run_example("def test_it(): pass", "--no-report").root / "reports").exists()
    assert not (run_example("def test_it(): pass", "--collect-only").root / "reports").exists()


def test_names_are_shown_as_text_not_as_markup(run_example: Callable[..., ExampleRun]) -> None:
    example = run_example(
        """
import pytest
@pytest.mark.clause("F1")
def test_it(evidence):
    evidence.note("<script>alert(1)</script>")
    evidence.figure("<img src=x>", "<b>", clause="F1")
    assert False, "</pre><script>alert(2)</script>"
"""
    )
    assert "<script>alert" not in example.html
    assert "<img src=x>" not in example.html
    assert "<b><b>" not in example.html
