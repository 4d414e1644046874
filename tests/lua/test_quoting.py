"""A restored text parses on every level of JSON that quotes JSON, whatever the original holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.promises import promised
from tests.lua.event_streams import delta, read, texts
from tests.lua.test_restorer import cut

if TYPE_CHECKING:
    from tests.lua.modules import LuaModules

FAST = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NASTY = [
    'say "hi"',
    "C:\\new\\dir",
    "line\nbreak",
    "tab\t",
    "\x00\x1f",
    '\\"',
    "\\",
    "%1 $1",
    "a\\/b",
    "\\u00e9\\",
]
DEPTH_MAX = 4
originals = st.sampled_from(NASTY) | st.text(st.sampled_from('"\\/nu0a\n{}:,'), min_size=1, max_size=8)


def fits(text: str) -> bool:
    """Whether a text may stand in a JSON string as it is."""
    try:
        json.loads(f'"{text}"')
    except ValueError:
        return False
    return True


def nested(depth: int, text: str) -> str:
    """JSON text that holds the text in a string, quoted so many times in strings of JSON."""
    for level in range(depth):
        text = json.dumps({"before": 'a "b" \\', "in": [level, {"v": text}], "after": "x: AWS"})
    return text


def unwrapped(depth: int, document: str) -> str:
    """The text again; every level parses."""
    for level in reversed(range(depth)):
        with promised(f"what is quoted {level} times does not parse", ValueError):
            parsed: dict[str, Any] = json.loads(document)
        assert (parsed["before"], parsed["after"], parsed["in"][0]) == ('a "b" \\', "x: AWS", level)
        document = parsed["in"][1]["v"]
    return document


def shown(original: str, *, quoted: bool) -> str:
    """What is read on the innermost level: in quoted JSON, an original that parses there was written so."""
    return str(json.loads(f'"{original}"')) if quoted and fits(original) else original


@pytest.mark.clause("U2")
@FAST
@given(original=originals, depth=st.integers(1, DEPTH_MAX), data=st.data())
def test_json_parses_on_each_level(lua: LuaModules, original: str, depth: int, data: st.DataObject) -> None:
    body = nested(depth, "see AWS_ARN_001!").encode()
    at = data.draw(st.lists(st.integers(0, len(body)), max_size=4))
    restored = lua.restore(cut(body, at), {"arn": [original.encode()]}, media_type="application/json")
    assert unwrapped(depth, restored.body.decode()) == f"see {shown(original, quoted=depth > 1)}!"


@pytest.mark.clause("U2", "U1")
@FAST
@given(
    original=originals,
    depth=st.integers(1, 3),
    kind=st.sampled_from(["text_delta", "input_json_delta"]),
    size=st.integers(1, 40),
)
def test_json_in_deltas_parses_on_each_level(
    lua: LuaModules, original: str, depth: int, kind: str, size: int
) -> None:
    text = nested(depth, "see AWS_ARN_001!")
    stream = b"".join(delta(0, text[first : first + size], kind) for first in range(0, len(text), size))
    restored = lua.restore(cut(stream, []), {"arn": [original.encode()]}, media_type="text/event-stream")
    (whole,) = texts(read(restored.body)).values()
    quoted = depth > 1 or kind == "text_delta"
    assert unwrapped(depth, whole) == f"see {shown(original, quoted=quoted)}!"


@pytest.mark.clause("U2", "U3")
@pytest.mark.parametrize("original", NASTY)
def test_an_original_in_plain_words_is_escaped_once(lua: LuaModules, original: str) -> None:
    body = json.dumps({"a": 'he said "no" \\ and', "text": 'see "x" AWS_ARN_001 then'}).encode()
    restored = lua.restore([body, b""], {"arn": [original.encode()]}, media_type="application/json")
    assert json.loads(restored.body)["text"] == f'see "x" {original} then'


@pytest.mark.clause("U4")
def test_a_quote_behind_many_backslashes_costs_no_more_than_it_is_long(lua: LuaModules) -> None:
    body = b'{"text":"' + b"\\" * 4094 + b'\\"' + b"AWS_ARN_001 " * 1000
    restored = lua.restore([body, b""], {"arn": [b'"']}, media_type="application/json")
    assert len(restored.body) < len(body) + 1000 * 64
