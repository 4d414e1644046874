"""Which events of a stream are taken for deltas, and what becomes of all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lua.event_streams import delta, event, read, start, stop, texts
from tests.lua.test_event_stream import ORIGINAL, ORIGINALS, PLACEHOLDER, STREAM, at_every_cut, restore

if TYPE_CHECKING:
    from tests.lua.modules import LuaModules


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


@pytest.mark.clause("U4")
def test_an_event_leaves_as_it_comes_unless_it_may_hold_a_placeholder(lua: LuaModules) -> None:
    plain = delta(0, "plain text")
    pieces = [plain[:40], plain[40:-9], plain[-9:], b""]
    assert lua.restore(pieces, ORIGINALS, media_type=STREAM).pieces == pieces
    # The API's events with a sign of one leave when they are whole, others byte by byte.
    masked = delta(0, "on AWS_EC2_001.")
    cut = masked.index(b"EC2")
    assert lua.restore([masked[:cut], masked[cut:], b""], ORIGINALS, media_type=STREAM).pieces == [
        b"",
        delta(0, f"on {ORIGINAL}."),
        b"",
    ]
    # Behind a part that has left, only the rest of the event changes.
    head = masked.index(b"on AWS") + 2
    parts = lua.restore([masked[:head], masked[head:], b""], ORIGINALS, media_type=STREAM).pieces
    assert parts == [masked[:head], delta(0, f"on {ORIGINAL}.")[head:], b""]
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
