"""The page shows which tests prove a clause and which mutants show that they can fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from markupsafe import escape

from fixtures.report import page
from fixtures.report.drawing import Drawings
from fixtures.report.model import RunReport
from fixtures.traceability.marks import UnreadableMark
from fixtures.traceability.sources import table

if TYPE_CHECKING:
    import pytest

EMPTY = RunReport(
    id="1",
    status="passed",
    started="2026-01-01 00:00:00",
    ended="2026-01-01 00:00:01",
    duration_s=1.0,
    facts={},
    stacks=[],
    verdicts=[],
    tests=[],
)


def head() -> str:
    return page.sections(EMPTY, Drawings())["head"]


def test_the_page_shows_tests_and_mutants_of_every_clause() -> None:
    shown = head().partition('<section id="traceability">')[2].partition("</section>")[0]
    for row in table():
        assert f'<a href="#clause-{row.clause.id}"><b>{row.clause.id}</b></a>' in shown
        for file, count in row.counts.items():
            assert f"<code>{file}</code> {count}" in shown
        for mutant in row.mutants:
            assert escape(mutant.title) in shown


def test_a_test_that_cannot_be_read_costs_the_table_and_not_the_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreadable() -> NoReturn:
        raise UnreadableMark("test_it.py:1: no Python")

    monkeypatch.setattr(page, "table", unreadable)
    assert "No table of tests and mutants: test_it.py:1: no Python" in head()
