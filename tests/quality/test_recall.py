"""How many identifiers are found, per family: made up by the catalogue's forms, in contexts of all sorts."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import pytest

from fixtures.oracle.corpus import MadeUp, made_up
from fixtures.oracle.rules import Rule, catalogue
from fixtures.statistics import share_interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.report.recorder import Evidence
    from tests.lua.modules import LuaModules

EXAMPLES_PER_KIND = 200
ALPHA = 0.05
"""Of the intervals that the report shows; the assertion is exact and needs none."""

BEFORE = ["", "see ", "(", "\n- ", "`", '"', "x;", "| ", "'", "id,", "é ", "<b>", "\t", "=> "]
BEHIND = [",", ")", '"', "\n", "`", "'", ";", "<", "|", "}]"]
# No context reaches over these words from one text into the next.
BETWEEN = "and then, after some time had passed,"


@dataclass(frozen=True)
class Sample:
    """A text with an identifier, and the family that claims it."""

    switch: str
    made: MadeUp
    text: str


def _samples(rule: Rule, rng: Random) -> Iterator[Sample]:
    for prefix in rule.kinds or ("",):
        for _ in range(EXAMPLES_PER_KIND):
            made = made_up(rule, rng, prefix)
            while not made.whole.isascii():  # the byte between a JSON key and its value is no text
                made = made_up(rule, rng, prefix)
            left = rng.choice(BEFORE)
            yield Sample(rule.switch, made, left + made.whole.decode() + rng.choice(BEHIND))


@pytest.mark.thorough
@pytest.mark.clause("M1", "M10")
def test_every_identifier_that_the_catalogue_claims_is_found(lua: LuaModules, evidence: Evidence) -> None:
    tried: defaultdict[str, int] = defaultdict(int)
    found: defaultdict[str, int] = defaultdict(int)
    missed = []
    for rule in catalogue().rules:
        samples = list(_samples(rule, Random(f"recall of {rule.title}")))
        document = json.dumps([text for sample in samples for text in (sample.text, BETWEEN)])
        masked = lua.mask(document.encode())
        assert masked.body is not None
        for sample, text in zip(samples, json.loads(masked.body)[::2], strict=True):
            identifier = sample.made.identifier.decode()
            tried[sample.switch] += 1
            is_found = text.count(identifier) < sample.text.count(identifier)
            found[sample.switch] += is_found
            if not is_found:
                missed.append((sample.made.kind, sample.text))
    assert missed[:20] == []
    rows = [
        (
            switch,
            tried[switch],
            found[switch],
            f"{share_interval(found[switch], tried[switch], alpha=ALPHA).low:.5f}",
        )
        for switch in tried
    ]
    evidence.table("Recall per family", ("switch", "examples", "found", "lower bound (95 %)"), rows)
    evidence.figure("recall", sum(found.values()) / sum(tried.values()), equals=1)
    evidence.figure("examples", sum(tried.values()))
