"""Placeholders are restored wherever the deltas of a stream cut them, and nothing else of the stream changes."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lua.event_streams import PING, STOP, Event, delta, event, others, read, start, stop, texts
from tests.lua.test_restorer import LOOKALIKE, cut, expected, fragments
from tests.lua.test_restorer import ORIGINALS as ALL_ORIGINALS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.lua.modules import AtCut, LuaModules, Restored

FAST = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
STREAM = "text/event-stream"
# None that would break JSON which a text quotes: tests/lua/test_quoting.py has those.
ORIGINALS = {**ALL_ORIGINALS, "arn": [b"100%s %1 $1 \\/"]}
PLACEHOLDER = "AWS_EC2_001"
ORIGINAL = ORIGINALS["ec2"][0].decode()
KINDS = ["text_delta", "input_json_delta"]


def restore(lua: LuaModules, stream: bytes, at: Sequence[int] = (), **options: int) -> Restored:
    return lua.restore(cut(stream, at), ORIGINALS, media_type=STREAM, **options)


def at_every_cut(lua: LuaModules, stream: bytes) -> AtCut:
    """What comes of a stream wherever the network cuts it: the same everywhere."""
    results = lua.restore_at_every_cut(stream, ORIGINALS, media_type=STREAM)
    assert len(results) == 1, f"another result when cut at byte {results[1].cut}"
    return results[0]


def clear(text: str, delta_type: str = "text_delta") -> str:
    """A text of a lane with its originals, escaped as its form asks."""
    originals = ORIGINALS
    if delta_type == "input_json_delta":
        originals = {
            kind: [json.dumps(one.decode())[1:-1].encode() for one in listed]
            for kind, listed in ORIGINALS.items()
        }
    return expected(text.encode(), originals)[0].decode()


@pytest.mark.clause("U1", "U3")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("parts", [2, 3])
def test_a_placeholder_is_restored_however_deltas_and_the_network_cut_it(
    lua: LuaModules, parts: int, kind: str
) -> None:
    for offsets in itertools.combinations(range(1, len(PLACEHOLDER)), parts - 1):
        split = [part.decode() for part in cut(PLACEHOLDER.encode(), offsets)[:-1]]
        split[0], split[-1] = '"' + split[0], split[-1] + '"'
        stream = start(0) + PING.join(delta(0, part, kind) for part in split) + stop(0)
        result = at_every_cut(lua, stream)
        assert texts(read(result.body)) == {(0, 1, kind): f'"{ORIGINAL}"'}, offsets
        assert others(read(result.body)) == others(read(stream))
        assert (result.restored, result.residual) == (1, 0)


@pytest.mark.clause("U1")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "end",
    [
        stop(0),
        stop(0) + STOP,
        STOP,
        b"",
        b"event: content_block_del",
        start(0),
        event({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        event({"type": "message_start", "message": {"content": []}}),
    ],
    ids=["stop", "both", "message_stop", "end", "broken", "next_start", "error", "next_message"],
)
@pytest.mark.parametrize(
    ("last", "shown"),
    [("AWS_EC2_00", "AWS_EC2_00"), (PLACEHOLDER, ORIGINAL), ("AWS_EC2_0011", "AWS_EC2_0011"), ("A", "A")],
)
def test_what_is_held_back_comes_before_the_block_ends(
    lua: LuaModules, last: str, shown: str, end: bytes, kind: str
) -> None:
    begun = start(0) + delta(0, "see ", kind) + delta(0, last, kind)
    result = at_every_cut(lua, begun + end)
    assert result.body.endswith(end)
    before_end = read(result.body.removesuffix(end))
    assert texts(before_end) == {(0, 1, kind): "see " + shown}
    assert others(before_end) == [start(0)]


@pytest.mark.clause("U1", "U3")
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_what_is_held_back_comes_in_the_manner_of_the_stream(
    lua: LuaModules, line_end: str, named: bool
) -> None:
    stream = delta(7, "AWS_EC2_0", line_end=line_end, named=named)
    rest = delta(7, "", line_end=line_end, named=named) + delta(
        7, "AWS_EC2_0", line_end=line_end, named=named
    )
    assert at_every_cut(lua, stream).body == rest


@pytest.mark.clause("U1", "U3")
@pytest.mark.parametrize(
    "between",
    [
        PING,
        b": comment AWS\n\n",
        b":\n\n",
        b"\n\n\n",
        b"retry: 10\n\n",
        b'event: vendor_news\ndata: {"type":"vendor_news","index":0}\n\n',
        b"data: [DONE]\n\n",
        b'data: {"id":"chatcmpl-1","choices":[]}\n\n',
        event({"type": "message_delta", "delta": {"stop_reason": None}, "usage": {"output_tokens": 3}}),
        start(1) + delta(1, "other AWS_EC2_002") + stop(1),
        delta(1, '{"AWS_EC2_00', "input_json_delta") + delta(1, "2", "input_json_delta"),
        delta(2, "AWS_EC2_001", "thinking_delta") + delta(2, "AWS_EC2_001", "signature_delta"),
        event(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta", "citation": {}}}
        ),
    ],
)
def test_what_comes_between_two_deltas_does_not_part_their_text(lua: LuaModules, between: bytes) -> None:
    stream = start(0) + delta(0, "see AWS_EC2") + between + delta(0, "_001.") + stop(0)
    body = at_every_cut(lua, stream).body
    assert texts(read(body))[0, 1, "text_delta"] == f"see {ORIGINAL}."
    if b"EC2" not in between:
        assert between in body


@pytest.mark.clause("U1", "U3")
def test_blocks_that_interleave_have_a_lane_each(lua: LuaModules) -> None:
    split = [
        (0, "AWS_EC2_0", KINDS[0]),
        (1, '{"AWS_EC2_', KINDS[1]),
        (2, "AWS_EC2_00", KINDS[0]),
        (1, '003":"AWS', KINDS[1]),
        (0, "01 AWS_", KINDS[0]),
        (2, "2", KINDS[0]),
        (1, '_ARN_001"}', KINDS[1]),
        (0, "EC2_004", KINDS[0]),
    ]
    body = at_every_cut(lua, b"".join(delta(*one) for one in split)).body
    found = texts(read(body))
    assert found[0, 0, KINDS[0]] == clear("AWS_EC2_001 AWS_EC2_004")
    assert found[2, 0, KINDS[0]] == clear("AWS_EC2_002")
    tool_input = {clear("AWS_EC2_003"): clear("AWS_ARN_001")}
    assert json.loads(found[1, 0, KINDS[1]]) == tool_input


@pytest.mark.clause("M12")
@pytest.mark.parametrize(
    "block",
    [
        {"type": "thinking", "thinking": "AWS_EC2_001", "signature": "AWS_EC2_001"},
        {"type": "redacted_thinking", "data": "AWS_EC2_001"},
    ],
)
def test_thinking_passes_as_it_came(lua: LuaModules, block: dict[str, str]) -> None:
    stream = (
        start(0, block)
        + b"".join(delta(0, part, "thinking_delta") for part in ("the AWS_EC2_001 \u00e9", "AWS_EC2", "_001"))
        + delta(0, "AWS_EC2_001", "signature_delta")
        + stop(0)
    )
    result = at_every_cut(lua, stream)
    assert (result.body, result.restored, result.residual) == (stream, 0, 0)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """Interleaved deltas whose texts put placeholders together, with all that may come between."""
    line_end = draw(st.sampled_from(["\n", "\r\n"]))
    pieces = []
    for _ in range(draw(st.integers(1, 14))):
        choice = draw(st.integers(0, 9))
        index = draw(st.integers(0, 2))
        if choice == 0:
            pieces.append(draw(st.sampled_from([PING, b": comment\n\n", b"\n", b"data: other\n\n", STOP])))
        elif choice == 1:
            pieces.append(draw(st.sampled_from([start(index), stop(index)])))
        elif choice == 2:
            pieces.append(delta(index, draw(fragments), draw(st.sampled_from(["thinking_delta", "x_delta"]))))
        else:
            text = "".join(draw(st.lists(fragments | st.sampled_from(['"', "\\", "é🗼\n"]), max_size=4)))
            kind = KINDS[index % 2]
            pieces.append(delta(index, text, kind, line_end=line_end))
    return b"".join(pieces)


@pytest.mark.clause("U1", "U3", "U6")
@FAST
@given(stream=streams(), data=st.data())
def test_each_lane_reads_as_its_text_restored_at_once(
    lua: LuaModules, stream: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.lists(st.integers(0, len(stream)), max_size=8))
    result = restore(lua, stream, at)
    before, after = texts(read(stream)), texts(read(result.body))
    assert after == {key: clear(text, key[2]) for key, text in before.items()}
    assert result.bytes_seen == len(stream)

    opaque = [one.raw for one in read(stream) if "thinking_delta" in one.data]
    assert [one.raw for one in read(result.body) if "thinking_delta" in one.data] == opaque
    # Of what is no delta of text, only whole placeholders change, and only where it is not thinking.
    assert others(read(result.body)) == [
        raw if b"thinking_delta" in raw else clear(raw.decode(), KINDS[1]).encode()
        for raw in others(read(stream))
    ]
    found = [match for text in before.values() for match in LOOKALIKE.finditer(text.encode())]
    found += [
        match for raw in others(read(stream)) if b"thinking" not in raw for match in LOOKALIKE.finditer(raw)
    ]
    assert result.restored + result.residual == len(found)


@pytest.mark.clause("U4", "U3")
@FAST
@given(parts=st.lists(fragments, max_size=6))
def test_no_more_of_a_delta_is_held_back_than_may_become_an_issued_placeholder(
    lua: LuaModules, parts: Sequence[str]
) -> None:
    text = "".join(parts)
    stream = delta(0, text)
    first, last = lua.restore([stream, b""], ORIGINALS, media_type=STREAM).pieces
    issued = [f"AWS_{name}_{number:03d}" for name, number in [("PRIVATE_IP", 1), ("LITERAL", 1), ("ARN", 1)]]
    issued += [f"AWS_EC2_{number:03d}" for number in range(1, 13)]
    held = max(
        (text[at:] for at in range(len(text)) if any(one.startswith(text[at:]) for one in issued)),
        key=len,
        default="",
    )
    if LOOKALIKE.search(text.encode()) is None:
        assert first == (delta(0, text.removesuffix(held)) if held else stream)
        assert last == (delta(0, held) if held else b"")


@pytest.mark.clause("U4")
def test_many_open_blocks_are_not_all_remembered(lua: LuaModules) -> None:
    stream = b"".join(delta(index, "AWS_EC2_00") for index in range(200))
    pieces = lua.restore([stream, b""], ORIGINALS, media_type=STREAM).pieces
    assert len(read(pieces[1])) == 64
    assert set(texts(read(pieces[0] + pieces[1])).values()) == {"AWS_EC2_00"}


@pytest.mark.clause("U5", "U3")
def test_beyond_the_limit_a_stream_passes_and_no_placeholder_is_cut(lua: LuaModules) -> None:
    deltas = [delta(0, text) for text in ("x AWS_EC2_0", "01 AWS_EC2_002 AWS", "_EC2_003", " AWS_EC2_004")]
    stream = b"".join(deltas)
    for size_max in range(1, len(stream) + 2, 4):
        results = lua.restore_at_every_cut(stream, ORIGINALS, media_type=STREAM, size_max=size_max)
        assert len(results) == 1
        # The first byte of each placeholder, as an offset in the stream, says whether it is restored.
        text, offset = "", 0
        starts = []
        for raw in deltas:
            content = json.loads(raw.splitlines()[1][6:])["delta"]["text"]
            first = offset + raw.index(content.encode())
            starts += [first + at for at in range(len(content))]
            text += content
            offset += len(raw)
        shown = LOOKALIKE.sub(
            lambda found, starts=starts, size_max=size_max: (  # type: ignore[misc]
                ORIGINALS["ec2"][int(found[2]) - 1] if starts[found.start()] < size_max else found[0]
            ),
            text.encode(),
        )
        (whole,) = texts(read(results[0].body)).values()
        assert whole == shown.decode(), size_max


@pytest.mark.clause("U4")
@pytest.mark.parametrize("text", ["lorem ipsum dolor ", "AWS_EC2_001 ", "AWS_EC2_0", '{\\"id\\": \\"AWS'])
def test_ten_megabytes_of_events_take_time_in_proportion(lua: LuaModules, text: str) -> None:
    # 100 000 events and more; about 0.5 s on 2 cores.
    unit = delta(0, text)
    chunk = unit * (65_536 // len(unit))
    restored = lua.restore([chunk] * 160, ORIGINALS, media_type=STREAM)
    assert restored.cpu_ms < 5_000


def test_the_reader_of_these_tests_reads_as_the_standard_says() -> None:
    assert read(b": x\n\nevent: a\rdata:b\r\ndata: c\n\ndata\n\nid: 1\n\ndata: broken") == [
        Event("a", "b\nc", b"event: a\rdata:b\r\ndata: c\n\n"),
        Event("", "", b"data\n\n"),
    ]
