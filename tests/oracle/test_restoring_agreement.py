"""The plugin and the oracle restore every response alike, however it is cut."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fixtures.oracle.restoring import blocks_of, other_events_of, restore, restored_blocks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.lua.modules import LuaModules

ORIGINALS: Mapping[str, Sequence[bytes]] = {
    "ec2": [f"i-{number:08x}".encode() for number in range(1, 13)],
    "s3": [b"team-data", b"logs"],
    "arn": [rb"arn:aws:iam::123456789012:role\/app\/x", b"arn:aws:s3:::%1$1&{}"],
    "vpc": [b"vpc-0a1b2c3d"],
    "vpc_endpoint": [b"vpce-0a1b2c3d"],
    "literal": [b"AWS_EC2_001", b"AWS_LITERAL_001"],
    "security_group_rule": [b"sgr-0a1b2c3d"],
}
WORDS = [
    *(
        "AWS_EC2_001",
        "AWS_EC2_0012",
        "AWS_EC2_012",
        "AWS_EC2_013",
        "AWS_EC2_1",
        "AWS_S3_002",
        "AWS_ARN_001",
        "AWS_ARN_002",
    ),
    *(
        "AWS_VPC_001",
        "AWS_VPC_ENDPOINT_001",
        "AWS_VPC_ENDPOINT_",
        "AWS_LITERAL_001",
        "AWS_LITERAL_002",
        "AWS_SG_RULE_001",
    ),
    *(
        "AWS_",
        "AWS",
        "A",
        "AWS_AWS_EC2_001",
        "AWS_EC2_000",
        "AWS_FOO_001",
        "AWS_EC2",
        " ",
        "text",
        "é",
        "\U0001f600",
        "\n",
        "1",
    ),
]


@dataclass(frozen=True)
class Cut:
    """A body, its media type, and the chunks that it comes in."""

    body: bytes
    media_type: str
    chunks: tuple[bytes, ...]


texts = st.lists(st.sampled_from(WORDS), max_size=8).map("".join)


def _event(data: Mapping[str, object], line_end: str) -> str:
    return f"event: {data['type']}{line_end}data: {json.dumps(data)}{line_end}{line_end}"


def _stream(deltas: Sequence[tuple[int, bool, str]], rng: Random) -> bytes:
    """A stream of two interleaved blocks of text and two of a tool's input."""
    line_end = rng.choice(["\n", "\r\n"])
    events: list[str] = [_event({"type": "message_start", "message": {"id": "m"}}, line_end)]
    for number, is_tool, text in deltas:
        member = "partial_json" if is_tool else "text"
        delta = {
            "type": "input_json_delta" if is_tool else "text_delta",
            member: json.dumps(text)[1:-1] if is_tool else text,
        }
        index = number + 2 * is_tool
        events.append(_event({"type": "content_block_delta", "index": index, "delta": delta}, line_end))
        if rng.random() < 0.2:
            events.append(_event({"type": "ping"}, line_end))
    events += [_event({"type": "content_block_stop", "index": index}, line_end) for index in range(4)]
    return "".join([*events, _event({"type": "message_stop"}, line_end)]).encode()


@st.composite
def cuts(draw: st.DrawFn) -> Cut:
    """A body that is cut anywhere."""
    form = draw(st.sampled_from(["text/plain", "application/json", "text/event-stream"]))
    rng = Random(draw(st.integers(0, 2**32)))
    if form == "text/event-stream":
        deltas = draw(st.lists(st.tuples(st.integers(0, 1), st.booleans(), texts), max_size=6))
        body = _stream(deltas, rng)
    elif form == "application/json":
        body = json.dumps(
            {"content": [{"text": draw(texts)}, draw(texts)]}, ensure_ascii=rng.random() < 0.5
        ).encode()
    else:
        body = draw(texts).encode()
    places = sorted(rng.choices(range(len(body) + 1), k=rng.randrange(6)))
    edges = [0, *places, len(body)]
    return Cut(body, form, tuple(body[a:b] for a, b in itertools.pairwise(edges)))


def _require_agreement(lua: LuaModules, cut: Cut) -> None:
    result = lua.restore(cut.chunks, ORIGINALS, media_type=cut.media_type)
    if cut.media_type == "text/event-stream":
        expected_blocks = {key: text for key, text in restored_blocks(cut.body, ORIGINALS).items() if text}
        assert {key: text for key, text in blocks_of(result.body).items() if text} == expected_blocks, cut
        assert other_events_of(result.body) == other_events_of(cut.body), cut
        return
    expected, figures = restore(cut.body, ORIGINALS, quoted=int(cut.media_type == "application/json"))
    assert result.body == expected, cut
    assert (result.restored, result.residual) == (figures.restored, figures.residual), cut


def _run(lua: LuaModules, cases: int) -> None:
    @settings(
        max_examples=cases,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        database=None,
        derandomize=True,
    )
    @given(cuts())
    def agree(cut: Cut) -> None:
        _require_agreement(lua, cut)

    agree()


@pytest.mark.clause("U1", "U2", "U6")
def test_cut_responses_are_restored_alike(lua: LuaModules) -> None:
    _run(lua, 300)


@pytest.mark.clause("U1", "U2", "U6")
@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_ten_thousand_cut_responses_are_restored_alike(lua: LuaModules) -> None:
    _run(lua, 10_000)
