"""How often other text is taken for an identifier: prose, code, and texts of what looks similar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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


def _false_positives(lua: LuaModules, corpus: Corpus) -> list[bytes]:
    masked = lua.mask(corpus.text, "plain")
    assert masked.body is not None
    return [
        original
        for originals in masked.originals.values()
        for original in originals
        if original not in REVIEWED
    ]


@pytest.mark.thorough
@pytest.mark.clause("M10")
def test_text_without_identifiers_is_left_alone(lua: LuaModules, evidence: Evidence) -> None:
    rows = []
    for corpus in (prose(), code(), *made_up()):
        found = _false_positives(lua, corpus)
        share = len(found) / len(corpus.text) * 1e6
        rows.append((corpus.name, corpus.source, len(corpus.text), len(found), round(share, 3)))
        if corpus.name not in UNTOLD:
            figure = evidence.figure(
                f"false positives in {corpus.name}", share, "per million characters", at_most=PER_MILLION_MAX
            )
            assert figure.holds, found[:20]
    evidence.table("False positives", ("text", "from", "characters", "found", "per million"), rows)
    for name, reason in UNTOLD.items():
        evidence.note(f"{name}: {reason}")
    for identifier, reason in REVIEWED.items():
        evidence.note(f"{identifier.decode()} is left out: {reason}")
