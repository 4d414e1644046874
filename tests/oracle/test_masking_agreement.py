"""The plugin and the oracle mask every document alike, byte for byte."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from fixtures.oracle.masking import Mapping, mask_json, mask_percent_encoded, mask_plain
from tests.oracle.agreement import agree
from tests.oracle.documents import Document, documents
from tests.oracle.edges import EDGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fixtures.pytest_plugin.options import SuiteOptions
    from fixtures.report.recorder import Evidence
    from tests.lua.modules import LuaModules, Masked

MASK = {"json": mask_json, "plain": mask_plain, "percent_encoded": mask_percent_encoded}


def disagreement(document: Document, masked: Masked) -> str:
    """What the plugin and the oracle make of a document, in words; empty when that is the same."""
    mapping = Mapping()
    expected = MASK[document.form](document.body, mapping, off=document.off)
    if masked.body != expected:
        return f"plugin: {masked.body!r} {masked.error or ''}\noracle: {expected!r}"
    if {kind: list(found) for kind, found in masked.originals.items()} != mapping.originals:
        return f"plugin: {masked.originals!r}\noracle: {mapping.originals!r}"
    if dict(masked.counts) != mapping.counts:
        return f"plugin: {masked.counts!r}\noracle: {mapping.counts!r}"
    return ""


def shortened(lua: LuaModules, document: Document) -> Document:
    """The document without what its disagreement does not need: hypothesis would shrink all of a batch at once."""
    size = len(document.body) // 2
    while size:
        at = 0
        while at < len(document.body):
            shorter = dataclasses.replace(document, body=document.body[:at] + document.body[at + size :])
            try:
                is_needed = not disagreement(shorter, lua.mask(shorter.body, shorter.form, off=shorter.off))
            except ValueError:
                is_needed = True  # no JSON any more
            if is_needed:
                at += size
            else:
                document = shorter
        size //= 2
    return document


def _require_agreement(lua: LuaModules, batch: Sequence[Document]) -> None:
    results = lua.mask_all((document.body, document.form, document.off) for document in batch)
    for document, masked in zip(batch, results, strict=True):
        if disagreement(document, masked):
            short = shortened(lua, document)
            again = lua.mask(short.body, short.form, off=short.off)
            pytest.fail(f"{short}\n{disagreement(short, again)}\nshortened from {document}")


def _run(lua: LuaModules, cases: int, part: int, options: SuiteOptions, evidence: Evidence) -> None:
    agree(
        documents(),
        lambda batch: _require_agreement(lua, batch),
        cases=cases,
        part=part,
        seed=options.seed,
        evidence=evidence,
    )


@pytest.mark.clause("M1", "M8", "M10")
@pytest.mark.parametrize("text", EDGES, ids=range(len(EDGES)))
def test_texts_at_the_edges_of_the_rules_are_masked_alike(lua: LuaModules, text: str) -> None:
    _require_agreement(
        lua,
        [
            Document(edge.encode(), "plain", ())
            for edge in (text, f"x {text} y", f"{text},{text}", f"{text}{text}")
        ],
    )


@pytest.mark.clause("M1")
def test_many_identifiers_close_together_are_each_found(lua: LuaModules) -> None:
    text = "".join(f"bucket-{n}.s3.amazonaws.com i-{n:08x}\n" for n in range(2000)).encode()
    masked = lua.mask(text, "plain")
    assert (masked.total, len(masked.originals["s3"]), len(masked.originals["ec2"])) == (4000, 2000, 2000)


@pytest.mark.long
@pytest.mark.clause("M2", "M5", "M7", "M8", "M10", "M11")
def test_two_thousand_documents_are_masked_alike(
    lua: LuaModules, suite_options: SuiteOptions, evidence: Evidence
) -> None:
    _run(lua, 2_000, 0, suite_options, evidence)


@pytest.mark.clause("M2", "M5", "M7", "M8", "M10", "M11")
@pytest.mark.nightly
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(1, 11))
def test_a_hundred_thousand_documents_are_masked_alike(
    lua: LuaModules, suite_options: SuiteOptions, evidence: Evidence, part: int
) -> None:
    _run(lua, 10_000, part, suite_options, evidence)
