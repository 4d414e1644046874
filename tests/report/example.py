"""Runs pytest on example tests in a process of its own and opens the report that it wrote."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import astuple, dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
# Example runs take about two seconds; on a busy machine a start of Python alone can take several.
TIMEOUT_S = 60.0

_INI = """\
[pytest]
addopts = --strict-markers --import-mode=importlib -p no:cacheprovider
filterwarnings = error
xfail_strict = true
"""
_PLUGINS = ("-p", "fixtures.pytest_plugin.report", "-p", "fixtures.pytest_plugin.clauses")


@dataclass(frozen=True)
class ExampleRun:
    """A finished example run.

    Attributes:
        root: Its root directory.
        exit_code: pytest's.
        output: What it wrote to the terminal.
    """

    root: Path
    exit_code: int
    output: str

    @cached_property
    def html(self) -> str:
        """The page."""
        return self._read("index.html")

    @cached_property
    def markdown(self) -> str:
        """The Markdown report."""
        return self._read("report.md")

    @cached_property
    def data(self) -> dict[str, Any]:
        """`run.json`."""
        return dict(json.loads(self._read("run.json")))

    @cached_property
    def junit(self) -> ET.Element:
        """The JUnit file's root element."""
        return ET.fromstring(self._read("junit.xml"))  # noqa: S314  (written by pytest, by our own run)

    @property
    def everything(self) -> str:
        """The text of all files of the report, in both places."""
        places = (self.root / "reports" / "latest", self.root / "tests" / "test-report")
        return "\n".join(
            file.read_text(encoding="utf-8") for place in places for file in sorted(place.iterdir())
        )

    @cached_property
    def table(self) -> dict[str, ClauseRow]:
        """The page's clause table by clause id."""
        reader = _ClauseTable()
        reader.feed(self.html)
        return {clause: row.tidied() for clause, row in reader.rows.items()}

    @cached_property
    def embedded(self) -> dict[str, Any]:
        """The data that pytest-html's script shows as results table."""
        reader = _Blob()
        reader.feed(self.html)
        return dict(json.loads(reader.blob))

    def verdict(self, clause: str) -> str:
        """Return the verdict on a clause, the same in all four files.

        Raises:
            AssertionError: The files do not say the same.
        """
        found = {
            self.table[clause].verdict,
            next(entry["verdict"] for entry in self.data["clauses"] if entry["id"] == clause),
            self.junit_properties[f"clause {clause}"],
            _markdown_verdict(self.markdown, clause),
        }
        assert len(found) == 1, f"{clause}: the files of the report differ: {found}"
        return str(found.pop())

    @property
    def junit_properties(self) -> dict[str, str]:
        """Properties of the JUnit file's test suite."""
        return {
            entry.attrib["name"]: entry.attrib["value"]
            for entry in self.junit.iterfind("testsuite/properties/property")
        }

    def _read(self, name: str) -> str:
        text = (self.root / "reports" / "latest" / name).read_text(encoding="utf-8")
        assert (self.root / "tests" / "test-report" / name).read_text(encoding="utf-8") == text
        return text


def command(*options: str) -> list[str]:
    """Return the command that runs pytest with the report's plugins."""
    return [sys.executable, "-m", "pytest", *_PLUGINS, *options]


def lay_out(root: Path, files: Mapping[str, str]) -> None:
    """Write the files of an example, a configuration of pytest with them."""
    for name, text in {"pytest.ini": _INI, **files}.items():
        (root / name).write_text(text, encoding="utf-8")


def environment(**variables: str) -> dict[str, str]:
    """Return the variables that an example run gets: this repository importable, and nothing of the run around it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    return {**kept, "PYTHONPATH": str(ROOT), **variables}


def run(root: Path, files: Mapping[str, str], *options: str, **variables: str) -> ExampleRun:
    """Run pytest on the files in `root`, with these options and environment variables."""
    lay_out(root, files)
    done = subprocess.run(
        command(*options),
        cwd=root,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return ExampleRun(root, done.returncode, done.stdout + done.stderr)


@dataclass
class ClauseRow:
    """A row of the clause table: the text of its cells, and the links in its cell of tests."""

    verdict: str = ""
    reason: str = ""
    tests: str = ""
    figures: str = ""

    def tidied(self) -> ClauseRow:
        """Return the row with white space as a browser shows it."""
        return ClauseRow(*(" ".join(text.split()) for text in astuple(self)))


class _ClauseTable(HTMLParser):
    """Reads the table of clauses."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, ClauseRow] = {}
        self._row: ClauseRow | None = None
        self._field = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        classes = attributes.get("class", "").split()
        if tag == "tr":
            self._row = None
            if "clause" in classes:
                self._row = self.rows[attributes["id"].removeprefix("clause-")] = ClauseRow()
        elif tag == "td":
            self._field = next((name for name in ("tests", "figures") if name in classes), "")
        elif tag == "span" and "chip" in classes:
            self._field = "verdict"
        elif tag == "span" and "reason" in classes:
            self._field = "reason"

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._row = None

    def handle_data(self, data: str) -> None:
        if self._row is not None and self._field:
            setattr(self._row, self._field, getattr(self._row, self._field) + data)


class _Blob(HTMLParser):
    """Reads the data that the page embeds."""

    blob = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        attributes = dict(attrs)
        if attributes.get("id") == "data-container":
            self.blob = attributes["data-jsonblob"] or ""


def _markdown_verdict(markdown: str, clause: str) -> str:
    row = re.search(rf"^\| \*\*{clause}\*\* [^|]*\| \S+ ([^|]*?) \|", markdown, re.MULTILINE)
    assert row is not None, f"{clause} is not in the Markdown table"
    return re.sub(r" \(\d+ tests? deselected\)$", "", row[1])
