"""A result is known as long as nothing that it rests on has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.mutants.cache import TrialCache
from fixtures.mutants.trial import Outcome, Trial
from tests.mutants_runner.small import SYSTEM, TESTS, make_root, thing

if TYPE_CHECKING:
    from pathlib import Path

MUTANT = {"clause": "F1", "change": "= 0"}
TRIAL = Trial(name="small", outcome=Outcome.KILLED, total_s=2.5, cpu_s=1.0, ran=(TESTS,))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_root(tmp_path / "repository")


def cache_of(root: Path) -> TrialCache:
    """As a later run makes it: nothing is remembered in the process."""
    return TrialCache(root, root / ".cache")


def test_a_result_with_the_same_content_is_known(root: Path) -> None:
    cache_of(root).keep(MUTANT, TRIAL)
    assert cache_of(root).find("small", MUTANT) == TRIAL.model_copy(update={"cached": True})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (SYSTEM, thing(1)),
        (TESTS, "def test_x(): pass"),
        ("fixtures/failures.py", "# changed"),
        ("docs/contract.md", "changed"),
        ("tests/conftest.py", "# new"),
        ("tests/data.json", "{}"),
        ("fixtures/report/templates/style.css", "/* changed */"),
        ("fixtures/lab/plugins/new/handler.lua", "-- new"),
    ],
)
def test_a_result_is_unknown_once_something_that_it_rests_on_has_changed(
    root: Path, name: str, text: str
) -> None:
    cache_of(root).keep(MUTANT, TRIAL)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")
    assert cache_of(root).find("small", MUTANT) is None
    assert cache_of(root).duration_s("small") == TRIAL.total_s


@pytest.mark.parametrize(
    "name",
    [
        "fixtures/cli/doctor.py",
        "docs/kong.md",
        "tests/test_other.py",
        "tests/mutants/one.toml",
    ],
)
def test_a_result_stays_known_when_something_else_changes(root: Path, name: str) -> None:
    cache_of(root).keep(MUTANT, TRIAL)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("# changed", encoding="utf-8")
    assert cache_of(root).find("small", MUTANT) is not None


def test_another_mutant_of_that_name_is_unknown(root: Path) -> None:
    cache_of(root).keep(MUTANT, TRIAL)
    assert cache_of(root).find("small", {**MUTANT, "change": "= 1"}) is None


def test_a_spoilt_entry_is_unknown(root: Path) -> None:
    cache = cache_of(root)
    cache.keep(MUTANT, TRIAL)
    (root / ".cache" / "small.json").write_text("{", encoding="utf-8")
    assert cache.find("small", MUTANT) is None
