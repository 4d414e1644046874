"""Which rows of the table measure time, and so run while no other test does."""

from __future__ import annotations

import pytest

# The second keeps the machine idle.
MEASURES = {"busy documents": pytest.mark.measures, "delays": pytest.mark.measures("waits")}


def marks_of(row: str) -> list[pytest.MarkDecorator]:
    """The marks of a test that judges that row."""
    return [MEASURES[row]] if row in MEASURES else []
