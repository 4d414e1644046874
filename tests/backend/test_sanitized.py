"""What of an event may be shown."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system.backend.kinds import KINDS
from system.backend.models import Event
from system.backend.sanitized import sanitized, sanitized_patterns
from tests.backend.events import event

CATALOGUE = Path(__file__).resolve().parents[2] / "system/kong/catalogue/catalogue.toml"

pytestmark = pytest.mark.clause("K4")


def test_every_kind_of_the_plugins_catalogue_has_its_name() -> None:
    rules = [
        rule for family in tomllib.loads(CATALOGUE.read_text("utf-8"))["family"] for rule in family["rule"]
    ]
    names = {kind for rule in rules for kind in (rule.get("kind"), *rule.get("kinds", {}).values()) if kind}
    assert len(names) > 20, "the catalogue is written in another way: this test would prove nothing"
    assert names - KINDS == set()


@pytest.mark.thorough
@given(st.dictionaries(st.sampled_from(sorted(KINDS)) | st.text(), st.integers(0, 100)))
def test_unknown_kinds_are_summed_up_and_nothing_is_lost(patterns: dict[str, int]) -> None:
    shown = sanitized_patterns(patterns)
    assert set(shown) <= KINDS | {"other"}
    assert sum(shown.values()) == sum(patterns.values())


@pytest.mark.thorough
@given(st.text(min_size=1, max_size=100))
def test_free_text_is_never_shown(text: str) -> None:
    marked = f"<{text}>"
    document = event() | {"event_id": marked, "service": marked, "route": marked, marked: marked}
    document["details"]["patterns"] = {marked: 1}
    document["source"] |= {"node": marked, "boot": marked}
    assert marked not in str(sanitized(Event.model_validate(document)))
