"""What is written about the faults is what they are."""

from __future__ import annotations

from fixtures.nemesis import FAULTS
from fixtures.nemesis.documentation import page
from fixtures.stack.component import ROOT


def test_the_page_of_faults_is_up_to_date() -> None:
    written = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    assert written == page(), "write it again: python -m fixtures.nemesis.documentation > docs/faults.md"


def test_every_fault_is_on_the_page() -> None:
    assert [name for name in FAULTS if f"| `{name}` |" not in page()] == []
