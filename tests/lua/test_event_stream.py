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


@pytest.mark.clause("U1", "U3")
@pytest.mark.parametrize(
    "raw",
    [
        b'data:{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"%s"}}\n\n',
        b'data:  {"delta":{"text":"%s","type":"text_delta"},"index":12,"type":"content_block_delta"}\n\n',
        (
            b"id: 7\nevent:content_block_delta\nretry: 3\n: x\n"
            b'data: {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "%s"}, '
            b'"usage": {"a": [1, "x\\"}", {}], "b": -1.5e3, "c": null}}\n\n'
        ),
        (
            b'data: {"type":"content_block_delta",\ndata: "index":0,\ndata:"delta":\r\n'
            b'data: {"type":"text_delta","text":"%s"}\ndata: }\n\n'
        ),
        b'data: {\n: x\ndata: "type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"%s"}}\n\n',
        b'data: {"type":"content_block_delta","index":12,"delta":{"type":"text_delta","text":"%s"}}\r\r',
    ],
)
def test_every_way_to_write_a_delta_is_understood(lua: LuaModules, raw: bytes) -> None:
    stream = raw % b"\\u00e9AWS_EC" + raw % b"2_00" + raw % b"1\\n\xf0\x9f\x97\xbc"
    shown = ORIGINAL.encode() + b"\\n\xf0\x9f\x97\xbc"
    assert at_every_cut(lua, stream).body == raw % b"\\u00e9" + raw % b"" + raw % shown


@pytest.mark.clause("U1", "U3")
@pytest.mark.parametrize(
    "stream",
    [
        b"data: see AWS_EC2_001\n\n",
        b"data: AWS_EC2_001",
        b"AWS_EC2_001\n",
        b'data: {"text":"AWS_EC2_001"}\n\ndata: [DONE]\n\n',
        b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"AWS_EC2_001}\n\n',
        b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"AWS_EC2_001',
        b'data: {"type":"content_block_delta","index":0,"delta":"AWS_EC2_001"}\n\n',
        b'data: {"type":"content_block_delta","index":0,"delta":{"type":"x_delta","y":"AWS_EC2_001"}}\n\n',
        b'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"AWS_EC2_001"}}\n\n',
        b'data: {"type":"content_block_delta","index":0,"type":"x","delta":{"type":"x","text":"AWS_EC2_001"}}\n\n',
        b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\xc3 AWS_EC2_001"}}\n\n',
        b'data: ["AWS_EC2_001"]\n\n',
        start(0, {"type": "text", "text": "AWS_EC2_001"}) + stop(0),
        start(0, {"type": "tool_use", "id": "AWS_EC2_001", "name": "x", "input": {"a": "AWS_EC2_001"}}),
        event({"type": "error", "error": {"type": "x", "message": "no AWS_EC2_001"}}),
        event({"type": "message_delta", "delta": {"stop_sequence": "AWS_EC2_001"}}),
        event({"type": "vendor_news", "text": "AWS_EC2_001"}),
        event(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "citations_delta", "c": PLACEHOLDER},
            }
        ),
        event(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": "", "c": PLACEHOLDER},
            }
        ),
        delta(0, "<AWS_EC2_001>", "input_json_delta") + b"\xef\xbb\xbf\x00AWS_EC2_001",
    ],
)
def test_whole_placeholders_are_restored_whatever_the_event(lua: LuaModules, stream: bytes) -> None:
    # A delta of text alone may end in another event than it began in; none of these does.
    body = at_every_cut(lua, stream).body
    restored = stream.replace(PLACEHOLDER.encode(), ORIGINAL.encode())
    if b'"content_block":{"type":"text"' in stream:
        assert texts(read(body)) == {(0, 1, "text_delta"): ORIGINAL}
    else:
        assert body == restored


@pytest.mark.clause("U3", "U4")
@pytest.mark.parametrize(
    "data",
    [
        b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"AWS","type":"text_delta"}}',
        b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"AWS","text":"AWS"}}',
        b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"AWS"},"index":0}',
        b'{"type":"ping","type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"AWS"}}',
        b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","t\\u0065xt":"AWS"}}',
        b'{"type":"content_block_delta","index":"0","delta":{"type":"text_delta","text":"AWS"}}',
        b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"AWS"}} x',
        b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"AWS"}',
        b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":["AWS"]}}',
        b'{"index":0,"delta":{"type":"text_delta","text":"AWS"}}',
    ],
)
def test_what_is_not_of_the_form_of_the_api_is_not_held_back(lua: LuaModules, data: bytes) -> None:
    stream = b"data: " + data + b"\n\n"
    assert lua.restore([stream, b""], ORIGINALS, media_type=STREAM).pieces == [stream, b""]


@pytest.mark.clause("U1")
def test_what_is_held_back_comes_behind_an_event_of_another_api_that_breaks_off(lua: LuaModules) -> None:
    body = at_every_cut(lua, delta(0, PLACEHOLDER) + b"data: hello").body
    assert body == delta(0, "") + b"data: hello\n\n" + delta(0, ORIGINAL)


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
def test_an_event_leaves_when_it_is_whole_and_others_byte_by_byte(lua: LuaModules) -> None:
    own = delta(0, "plain text")
    assert lua.restore([own[:40], own[40:], b""], ORIGINALS, media_type=STREAM).pieces == [b"", own, b""]
    for foreign in (b"data: hello", b'data: {"text":"x', b"event: vendor_news\ndata", b":" + b"x" * 1024):
        assert lua.restore([foreign, b""], ORIGINALS, media_type=STREAM).pieces == [foreign, b""]


@pytest.mark.clause("U4", "U1", "U3")
@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1, 3 << 20], ids=["largest", "too_large", "far"])
def test_an_event_beyond_one_mebibyte_is_restored_as_it_comes(lua: LuaModules, size: int) -> None:
    large = delta(0, "01" + "x" * (size - len(delta(0, "01 AWS_EC2_002"))) + " AWS_EC2_002")
    assert len(large) == size
    stream = delta(0, "AWS_EC2_0") + large + stop(0)
    restored = restore(lua, stream, range(0, len(stream), 65_536))
    whole = texts(read(restored.body))[0, 0, "text_delta"]
    assert whole.endswith(ORIGINALS["ec2"][1].decode())
    # What was held back then goes before it, so that nothing is out of order.
    assert whole.startswith(ORIGINAL + "xx" if size == 1 << 20 else "AWS_EC2_001xx")
    # One beyond leaves as soon as it is known to be: no piece waits for the end.
    assert len(max(restored.pieces, key=len)) < (1 << 20) + 2 * 65_536


@pytest.mark.clause("U1", "U3")
@pytest.mark.parametrize("pieces_of", [1000, 65_536, 1 << 22])
def test_a_large_event_of_another_api_does_not_part_a_text(lua: LuaModules, pieces_of: int) -> None:
    foreign = b'data: {"own":"' + b"x" * (1 << 21) + b'AWS_EC2_002"}\n\n'
    stream = delta(0, "AWS_EC2_0") + foreign + delta(0, "01.") + stop(0)
    body = restore(lua, stream, range(0, len(stream), pieces_of)).body
    assert body == (
        delta(0, "")
        + foreign.replace(b"AWS_EC2_002", ORIGINALS["ec2"][1])
        + delta(0, f"{ORIGINAL}.")
        + stop(0)
    )


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
    assert restored.elapsed_ms < 5_000


def test_the_reader_of_these_tests_reads_as_the_standard_says() -> None:
    assert read(b": x\n\nevent: a\rdata:b\r\ndata: c\n\ndata\n\nid: 1\n\ndata: broken") == [
        Event("a", "b\nc", b"event: a\rdata:b\r\ndata: c\n\n"),
        Event("", "", b"data\n\n"),
    ]
