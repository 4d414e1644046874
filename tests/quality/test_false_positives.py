"""How often other text is taken for an identifier: prose, code, and texts of what looks similar."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from fixtures.oracle.rules import catalogue
from tests.quality.corpora import Corpus, code, made_up, prose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.report.recorder import Evidence
    from tests.lua.modules import LuaModules

PER_MILLION_MAX = 1.0

# True identifiers in the corpora, and why they are that.
_RANGES = "a private range that the module ipaddress lists"
_INTERFACES = "the link-local address of an interface, in a comment of the module uuid"
REVIEWED: Mapping[bytes, str] = {
    b"10.0.0.0": _RANGES,
    b"100.64.0.0": _RANGES,
    b"169.254.0.0": _RANGES,
    b"172.16.0.0": _RANGES,
    b"192.168.0.0": _RANGES,
    b"fc00::": _RANGES,
    b"fe80::": _RANGES,
    b"fe80::5054:ff:fe9": _INTERFACES,
    b"fe80::822a:a8ff:fe49:470c": _INTERFACES,
}

# What cannot be told from an identifier: counted, and listed in docs/open-positions.md.
UNTOLD = {"version numbers": "four numbers of which the first is 10 are written like a private address"}


def _false_positives(lua: LuaModules, corpus: Corpus) -> Counter[bytes]:
    """What was taken for an identifier, and how often."""
    masked = lua.mask(corpus.text, "plain")
    assert masked.body is not None
    kinds = {name: kind for kind, name in catalogue().names.items()}
    placeholder = re.compile(f"AWS_({'|'.join(sorted(kinds))})_([0-9]{{3,}})".encode())
    found = Counter(
        masked.originals[kinds[name.decode()]][int(number) - 1]
        for name, number in placeholder.findall(masked.body)
    )
    assert found.total() == masked.total
    return Counter({original: count for original, count in found.items() if original not in REVIEWED})


@pytest.mark.no_clause("shows that the count is one")
def test_each_place_counts_also_of_the_same_text(lua: LuaModules) -> None:
    text = b"version 10.9.8.7, then 10.9.8.70 and 10.9.8.7 again; not 10.0.0.0, which is a range\n" * 40
    assert _false_positives(lua, Corpus("x", "made up", text)) == {b"10.9.8.7": 80, b"10.9.8.70": 40}


@pytest.mark.thorough
@pytest.mark.clause("M10")
def test_text_without_identifiers_is_left_alone(lua: LuaModules, evidence: Evidence) -> None:
    rows = []
    for corpus in (prose(), code(), *made_up()):
        found = _false_positives(lua, corpus)
        share = found.total() / len(corpus.text) * 1e6
        rows.append(
            (corpus.name, corpus.source, len(corpus.text), found.total(), len(found), round(share, 3))
        )
        if corpus.name not in UNTOLD:
            figure = evidence.figure(
                f"false positives in {corpus.name}", share, "per million characters", at_most=PER_MILLION_MAX
            )
            assert figure.holds, found.most_common(20)
    evidence.table(
        "False positives", ("text", "from", "characters", "found", "different ones", "per million"), rows
    )
    for name, reason in UNTOLD.items():
        evidence.note(f"{name}: {reason}")
    for identifier, reason in REVIEWED.items():
        evidence.note(f"{identifier.decode()} is left out: {reason}")
