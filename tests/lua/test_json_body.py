"""A JSON answer is restored everywhere but in the strings of its thinking blocks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lua.test_restorer import ORIGINALS, cut

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.lua.modules import LuaModules

FAST = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
JSON = "application/json"
SAID = 'AWS_EC2_001 "AWS_EC2_002\\\\" AWS_'
ORIGINAL = {f"AWS_EC2_{number:03d}": one.decode() for number, one in enumerate(ORIGINALS["ec2"], start=1)}
# Where only thinking blocks have them; other blocks may have members and values of the same name deeper.
OPAQUE = ("thinking", "signature", "data")

# Where no original holds what JSON escapes, placeholders that have come before take a shorter way.
PLAIN_ORIGINALS = {"ec2": ORIGINALS["ec2"]}
both_ways = pytest.mark.parametrize("originals", [ORIGINALS, PLAIN_ORIGINALS], ids=["escaped", "plain"])

blocks = st.one_of(
    st.just({"type": "thinking", "thinking": SAID, "signature": SAID}),
    st.just({"signature": SAID, "thinking": SAID, "type": "thinking"}),
    st.just({"type": "redacted_thinking", "data": SAID}),
    st.just({"type": "text", "text": SAID, "citations": [{"data": SAID, "thinking": [SAID]}]}),
    st.just(
        {
            "type": "tool_use",
            "id": "x",
            "name": SAID,
            "input": {"thinking": SAID, "data": {"signature": SAID}},
        }
    ),
    st.just(
        {"type": "tool_use", "input": {"content": [{"thinking": SAID}], SAID: "thinking", "thinking": SAID}}
    ),
    st.just({"type": "text", "text": '","thinking":"' + SAID + '\\","data":"'}),
    st.just([{"thinking": SAID}]),
    st.just("thinking"),
    st.just(7),
)
messages = st.fixed_dictionaries(
    {"id": st.just(SAID), "thinking": st.just(SAID), "content": st.lists(blocks, max_size=4)},
    optional={"usage": st.just({"content": [{"data": SAID}]}), "data": st.just(SAID)},
) | st.lists(st.fixed_dictionaries({"content": st.just([{"thinking": SAID}])}), max_size=2)


def restored(value: Any, depth: int = 0) -> Any:
    """A value with its originals, from the description of the API and not from the bytes."""
    if isinstance(value, str):
        for placeholder, original in ORIGINAL.items():
            value = value.replace(placeholder, original)
        return value
    if isinstance(value, list):
        return [restored(one, depth + 1 if depth == 1 else 9) for one in value]
    if isinstance(value, dict):
        if depth == 2:
            return {
                restored(key): one if key in OPAQUE and isinstance(one, str) else restored(one, 9)
                for key, one in value.items()
            }
        return {
            restored(key): restored(one, 1 if depth == 0 and key == "content" else 9)
            for key, one in value.items()
        }
    return value


@pytest.mark.clause("M12", "U1", "U3")
@both_ways
@FAST
@given(message=messages, indent=st.sampled_from([None, 1]), data=st.data())
def test_thinking_passes_and_all_else_is_restored(
    lua: LuaModules,
    originals: Mapping[str, Sequence[bytes]],
    message: Any,
    indent: int | None,
    data: st.DataObject,
) -> None:
    body = json.dumps(message, indent=indent).encode()
    at = data.draw(st.lists(st.integers(0, len(body)), max_size=8))
    result = lua.restore(cut(body, at), originals, media_type=JSON)
    assert result.body == json.dumps(restored(message), indent=indent).encode()
    assert result.bytes_seen == len(body)


@pytest.mark.clause("M12", "U1")
@both_ways
@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b'{"content":[{"type":"thinking","thinking":"AWS_EC2_001 \\\\","signature":"\\"AWS_EC2_001"}]}', 0),
        (
            b' { "x" : { } , "content" : [ { "thinking" : "" , "a" : "AWS_EC2_001" } ] , "content":"AWS_EC2_001"}',
            2,
        ),
        (
            b'{"content":[{"type":"redacted_thinking","data":"AWS_EC2_001"},{"type":"text","text":"AWS_EC2_001"}]}',
            1,
        ),
        (b'{"content":{"0":{"thinking":"AWS_EC2_001"}},"x":["content",{"data":"AWS_EC2_001"}]}', 2),
        (b'[{"content":0},[{"thinking":"AWS_EC2_001"}]]', 1),
        (b'{"contents":[{"thinking":"AWS_EC2_001","signature_":"AWS_EC2_001"}]}', 2),
        (
            b'{"content":[{"thinking":["AWS_EC2_001"],"thinkings":"AWS_EC2_001","signatured":"AWS_EC2_001"}]}',
            3,
        ),
        (b'{"content":[{"thinking":"no end AWS_EC2_001', 0),
        (b'AWS_EC2_001 {"content" AWS_EC2_001 [{"thinking":"AWS_EC2_001"}]]}}}', 2),
    ],
)
def test_thinking_is_found_at_every_cut(
    lua: LuaModules, originals: Mapping[str, Sequence[bytes]], body: bytes, count: int
) -> None:
    results = lua.restore_at_every_cut(body, originals, media_type=JSON)
    assert [result.restored for result in results] == [count]
    single_bytes = lua.restore(cut(body, range(1, len(body))), originals, media_type=JSON)
    assert single_bytes.body == results[0].body


@pytest.mark.clause("U5", "M12")
def test_the_limit_counts_the_bytes_of_thinking_too(lua: LuaModules) -> None:
    body = b'{"content":[{"thinking":"AWS_EC2_001"},{"text":"AWS_EC2_001"},{"text":"AWS_EC2_002"}]}'
    for size_max in range(1, len(body) + 2):
        expected = body
        for placeholder, original in [(b"001", ORIGINALS["ec2"][0]), (b"002", ORIGINALS["ec2"][1])]:
            text = b'"text":"AWS_EC2_' + placeholder
            if body.index(text) + 8 < size_max:
                expected = expected.replace(text, b'"text":"' + original)
        (result,) = lua.restore_at_every_cut(body, ORIGINALS, media_type=JSON, size_max=size_max)
        assert result.body == expected, size_max


@pytest.mark.clause("U4")
@pytest.mark.parametrize(
    "unit", [b'{"a":["b",1]},', b"lorem ipsum ", b'\\"', b"\\\\", b'"', b"[", b'"thinking":"AWS_EC2_001",']
)
def test_two_megabytes_of_json_take_time_in_proportion(lua: LuaModules, unit: bytes) -> None:
    # CPU time. Up to 600 ms, for text of quotes only; work that grows with the square would take minutes.
    chunk = unit * (65_536 // len(unit))
    result = lua.restore([b'{"content":[{"thinking":"', *[chunk] * 32], ORIGINALS, media_type=JSON)
    assert result.cpu_ms < 5_000
