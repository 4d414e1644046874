"""The report says what the system does not do yet, as the document says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.errors import SuiteError
from fixtures.report.open_positions import PATH, open_positions

if TYPE_CHECKING:
    from pathlib import Path


def test_every_row_of_the_document_is_read() -> None:
    rows = [line for line in PATH.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    headings = [line for line in rows if line.startswith("| clause ")]
    found = open_positions()
    assert len(found) == len(rows) - len(headings) > 0
    assert all(one.area and one.clauses and one.position and one.instead for one in found)


def test_a_document_without_a_table_is_an_error_and_no_empty_section(tmp_path: Path) -> None:
    path = tmp_path / "open.md"
    path.write_text("# Open positions\n\nNone.\n")
    with pytest.raises(SuiteError, match="holds no open position"):
        open_positions(path)


def test_a_row_with_a_cell_too_few_is_named(tmp_path: Path) -> None:
    path = tmp_path / "open.md"
    path.write_text("## A\n\n| M1 | only two |\n")
    with pytest.raises(SuiteError, match=r"open\.md:3: 2 cells, not 3"):
        open_positions(path)
