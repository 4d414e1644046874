"""The plugin and the oracle restore every response alike, however it is cut."""

from __future__ import annotations

import dataclasses
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st

from fixtures.oracle.restoring import restore
from fixtures.oracle.streams import difference, figures_of
from tests.oracle.agreement import agree
from tests.oracle.answers import ORIGINALS, Answer, made_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fixtures.pytest_plugin.options import SuiteOptions
    from fixtures.report.recorder import Evidence
    from tests.lua.modules import LuaModules, Restored


def disagreement(answer: Answer, result: Restored) -> str:
    """What the plugin and the oracle make of an answer, in words; empty when that is the same."""
    if answer.media_type == "text/event-stream":
        figures = figures_of(answer.body, ORIGINALS)
        wrong = difference(answer.body, result.body, ORIGINALS)
    else:
        expected, figures = restore(
            answer.body, ORIGINALS, quoted=int(answer.media_type == "application/json")
        )
        wrong = "" if result.body == expected else f"plugin: {result.body!r}\noracle: {expected!r}"
    if not wrong and (result.restored, result.residual) != (figures.restored, figures.residual):
        return f"plugin: {result.restored} restored, {result.residual} residual\noracle: {figures}"
    return wrong


def shortened(lua: LuaModules, answer: Answer) -> Answer:
    """The answer in as few chunks as its disagreement needs."""
    for number in range(len(answer.chunks) - 1, 0, -1):
        chunks = answer.chunks
        joined = (*chunks[: number - 1], chunks[number - 1] + chunks[number], *chunks[number + 1 :])
        fewer = dataclasses.replace(answer, chunks=joined)
        if disagreement(fewer, lua.restore(joined, ORIGINALS, media_type=answer.media_type)):
            answer = fewer
    return answer


def _require_agreement(lua: LuaModules, batch: Sequence[Answer]) -> None:
    results = lua.restore_all(((answer.chunks, answer.media_type) for answer in batch), ORIGINALS)
    for answer, result in zip(batch, results, strict=True):
        if disagreement(answer, result):
            short = shortened(lua, answer)
            again = lua.restore(short.chunks, ORIGINALS, media_type=short.media_type)
            pytest.fail(f"{disagreement(short, again)}\n{short}")


def _run(lua: LuaModules, cases: int, part: int, options: SuiteOptions, evidence: Evidence) -> None:
    agree(
        st.integers(0, 2**64 - 1),
        lambda batch: _require_agreement(lua, [made_up(Random(number)) for number in batch]),
        cases=cases,
        part=part,
        seed=options.seed,
        evidence=evidence,
    )


@pytest.mark.long
@pytest.mark.clause("U1", "U2", "U3", "U6", "M12")
def test_two_thousand_cut_responses_are_restored_alike(
    lua: LuaModules, suite_options: SuiteOptions, evidence: Evidence
) -> None:
    _run(lua, 2_000, 0, suite_options, evidence)


@pytest.mark.clause("U1", "U2", "U3", "U6", "M12")
@pytest.mark.nightly
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(1, 6))
def test_a_hundred_thousand_cut_responses_are_restored_alike(
    lua: LuaModules, suite_options: SuiteOptions, evidence: Evidence, part: int
) -> None:
    _run(lua, 20_000, part, suite_options, evidence)
