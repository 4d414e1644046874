"""A placeholder that the model writes over several events of a stream is restored."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.checkers import restored_bytes
from system.upstream.protocol import (
    Answer,
    ContentBlock,
    Framing,
    Script,
    TextBlock,
    ThinkingBlock,
    ToolUseBlock,
)
from tests.restoring.direct import ask
from tests.restoring.scene import answering, scene
from tests.streams.reading import block_texts, without_deltas

if TYPE_CHECKING:
    from pydantic import JsonValue

    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.options import SuiteOptions

TEXT = 'I see AWS_EC2_001, AWS_EC2_0010 and AWS_AWS_EC2_002; é🗼 "AWS_PRIVATE_IP_001"\\ AWS_EC2_003'
INPUT: dict[str, JsonValue] = {
    "ids": ["AWS_EC2_001", "AWS_EC2_002"],
    "AWS_EC2_003": {"a": 'x AWS_PRIVATE_IP_001 "\\\n'},
    "n": [1.0, None],
}
BLOCKS: list[ContentBlock] = [
    ThinkingBlock(thinking="They ask about AWS_EC2_001.", signature="AWS_EC2_001c2lnbmF0dXJl"),
    TextBlock(text=TEXT),
    ToolUseBlock(id="toolu_AWS_EC2_001", name="describe", input=INPUT),
]


@pytest.mark.clause("U1", "U2", "U3")
@pytest.mark.parametrize("ping_every", [pytest.param(0, marks=pytest.mark.thorough), 1], ids=["", "pings"])
@pytest.mark.parametrize("delta_chars", [1, 2, 3, 5, 8, 10_000])
def test_placeholders_over_deltas_of_any_size_are_restored(
    lab: Lab, delta_chars: int, ping_every: int
) -> None:
    said = scene(lab, ec2=3, private_ip=1)
    script = Script(
        answer=Answer.CONTENT, content=BLOCKS, delta_chars=delta_chars, ping_every=ping_every, stream=True
    )
    exchange = lab.post(lab.route(), said.prompt, script=script)
    found = block_texts(exchange)
    assert found[1, "text_delta"] == said.restored(TEXT.encode()).decode()
    assert json.loads(found[2, "input_json_delta"]) == json.loads(said.restored(json.dumps(INPUT).encode()))
    assert found[0, "thinking_delta"] == "They ask about AWS_EC2_001."

    sent = ask(lab, exchange, script).body
    lab.evidence.figure("events sent", sent.count(b"\n\n"))
    lab.evidence.figure("events received", exchange.body.count(b"\n\n"))
    ids = [b'"thinking', b'"signature', b"message_start"]
    for before, after in zip(without_deltas(sent), without_deltas(exchange.body), strict=True):
        if b"message_start" not in before:  # its id is another with each answer
            assert after == (before if any(name in before for name in ids) else said.restored(before))


@pytest.mark.clause("U1", "U2")
@pytest.mark.parametrize(
    "chunk_bytes",
    [pytest.param(1, marks=pytest.mark.thorough), 7, pytest.param(64, marks=pytest.mark.thorough)],
)
def test_cuts_of_the_network_and_of_the_deltas_come_together(lab: Lab, chunk_bytes: int) -> None:
    said = scene(lab, ec2=3, private_ip=1)
    script = Script(
        answer=Answer.CONTENT,
        content=BLOCKS,
        delta_chars=4,
        ping_every=3,
        stream=True,
        chunk_bytes=chunk_bytes,
    )
    found = block_texts(lab.post(lab.route(), said.prompt, script=script))
    assert found[1, "text_delta"] == said.restored(TEXT.encode()).decode()
    assert json.loads(found[2, "input_json_delta"]) == json.loads(said.restored(json.dumps(INPUT).encode()))


def _event(**data: Any) -> bytes:
    return b"event: %s\r\ndata: %s\r\n\r\n" % (data["type"].encode(), json.dumps(data).encode())


def _delta(index: int, text: str) -> bytes:
    if index:
        return _event(
            type="content_block_delta", index=index, delta={"type": "input_json_delta", "partial_json": text}
        )
    return _event(type="content_block_delta", index=index, delta={"type": "text_delta", "text": text})


@pytest.mark.clause("U1", "U3", "U6")
@pytest.mark.parametrize("framing", list(Framing))
def test_blocks_that_interleave_and_never_stop_are_restored(
    lab: Lab, framing: Framing, suite_options: SuiteOptions
) -> None:
    chance = random.Random(suite_options.seed)
    route, said = lab.monitored_route(), scene(lab, ec2=3)
    pieces = ["AWS_", "EC2_00", "1", " AWS_EC2_0", "09", '", "', "AWS_EC2_", "003", "AWS", "_EC2_002", '"}']
    both = [_delta(0, '{"' + pieces[0]), _delta(1, '{"' + pieces[0])]
    for piece in pieces[1:]:
        between = [b": a comment\n\n", b'data: {"own": "AWS_EC2_001"}\n\n', _event(type="ping"), b"\n", b""]
        both += chance.sample([_delta(0, piece), _delta(1, piece), chance.choice(between)], 3)
    stream = b"".join(both)
    cuts = sorted(chance.sample(range(1, len(stream)), 40))
    exchange = lab.post(route, said.prompt, script=answering(stream, stream=True, framing=framing, cuts=cuts))
    whole = '{"' + "".join(pieces)
    found = block_texts(exchange)
    assert found == {
        (0, "text_delta"): said.restored(whole.encode()).decode(),
        (1, "input_json_delta"): said.restored(whole.encode()).decode(),
    }
    restored, residual = said.counts(whole.encode())
    (unmasked,) = (e["details"] for e in lab.flushed_events(route, 2) if e["event_type"] == "data_unmasked")
    own = stream.count(b'"own"')
    assert (unmasked["pattern_count"], unmasked["residual"]) == (2 * restored + own, 2 * residual)
    assert unmasked["bytes"] == len(stream)


@pytest.mark.clause("U1", "U3")
@pytest.mark.parametrize("kind", ["error", "cut off"])
def test_what_is_held_back_reaches_the_client_when_a_stream_breaks_off(lab: Lab, kind: str) -> None:
    said = scene(lab, ec2=1)
    error = _event(type="error", error={"type": "overloaded_error", "message": "Overloaded"})
    end = error if kind == "error" else b"event: content_block_delta\r\nda"
    stream = _delta(0, "it is AWS_EC2") + _delta(0, "_001") + end
    exchange = lab.post(lab.route(), said.prompt, script=answering(stream, stream=True))
    assert exchange.body.endswith(end)
    received = exchange.body.removesuffix(end).decode()
    events = [json.loads(line[6:]) for line in received.splitlines() if line.startswith("data: ")]
    assert "".join(event["delta"]["text"] for event in events) == said.restored(b"it is AWS_EC2_001").decode()


@pytest.mark.clause("U3", "U1")
def test_a_stream_without_placeholders_is_the_same_bytes(lab: Lab) -> None:
    said = scene(lab, ec2=3)
    stream = b"".join(
        [
            b"\xef\xbb\xbf: hello\n\nretry: 10\nid: 7\n\n",
            *(_delta(index, 'a { "\u00e9" AWS EC2_001 aws_ec2_001. ') for index in (0, 1, 0)),
            (
                b'event:content_block_delta\ndata:{"type":"content_block_delta" , "index":0,\n'
                b'data: "delta":{"type":"text_delta","text":"\\u0041\\ud83d"}}\n\n'
            ),
            b"data: [DONE]\r\rdata: not JSON\n\nevent: vendor\ndata: {}\n\n",
        ]
    )
    exchange = lab.post(lab.route(), said.prompt, script=answering(stream, stream=True, chunk_bytes=3))
    lab.require(restored_bytes.check(stream, exchange.body))
