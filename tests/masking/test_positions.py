"""Identifiers are masked wherever a client can put them."""

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from fixtures.conformance.positions import POSITIONS
from fixtures.lab.lab import Lab
from fixtures.lab.prompts import conversation, to_bytes


@pytest.mark.clause("M1", "M2", "M10")
def test_every_kind_is_masked_at_every_position_of_the_messages_api(lab: Lab) -> None:
    route = lab.route()
    for place in POSITIONS.values():
        texts = [canary.text for canary in lab.canaries.one_of_each()]
        exchange = lab.post(route, place("; ".join(texts)))
        assert exchange.status == 200
        assert exchange.upstream.body != exchange.sent
    lab.evidence.figure("positions", len(POSITIONS), clause="M2")
    lab.evidence.figure("canaries sent", len(lab.canaries.issued), clause="M1")
    # Whether one of them left in clear is what the leak guard says when the test has run.


@pytest.mark.clause("M2")
@pytest.mark.parametrize(
    "escape",
    [
        lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
        lambda text: "".join(f"\\u{ord(letter):04X}" for letter in text),
        lambda text: f"\\u{ord(text[0]):04x}{text[1:]}",
        lambda text: f"{text[:-1]}\\u{ord(text[-1]):04x}",
        lambda text: f"\\n\\t{text}\\r\\n",
        lambda text: f'\\"{text}\\"',
        lambda text: f"\\/{text}\\\\",
        lambda text: f"\\ud83d\\ude00{text}\\ud83d",
    ],
    ids=[
        "all lower",
        "all upper",
        "first",
        "last",
        "between controls",
        "quoted",
        "slashes",
        "surrogates around",
    ],
)
def test_json_escapes_hide_nothing(lab: Lab, escape: Callable[[str], str]) -> None:
    canary = lab.canary("ec2")
    body = to_bytes(conversation("see HERE now")).replace(b"HERE", escape(canary.identifier).encode())
    exchange = lab.post(
        lab.route(), body, without_canary="it is there in escaped form, which the guard knows"
    )
    assert exchange.status == 200
    assert b"AWS_EC2_001" in exchange.upstream.body
    assert canary.identifier in exchange.reply_text


@pytest.mark.clause("M1", "M2")
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_an_identifier_in_json_that_is_quoted_in_the_prompt_is_masked_whole(lab: Lab, depth: int) -> None:
    arn = lab.canary("arn")
    text = arn.identifier
    for _ in range(depth):  # as many encoders write it: the slash escaped, too
        text = json.dumps({"role": text}).replace("/", "\\/")
    exchange = lab.post(lab.route(), conversation(f"what does {text} allow?"), without_canary="it is escaped")
    assert exchange.upstream.body.count(b"AWS_ARN_001") == 1
    assert arn.parts[-1].encode() not in exchange.upstream.body


@pytest.mark.clause("M2", "M5")
def test_plain_text_bodies_are_masked_and_otherwise_unchanged(lab: Lab) -> None:
    canary = lab.canary("ec2")
    before, after = b"raw \xff\xfe bytes \x00 { not json ", b' "quoted" \xc3\x28 end'
    body = before + canary.identifier.encode() + after
    exchange = lab.post(lab.route(), body, headers={"Content-Type": "text/plain"})
    assert exchange.status == 200
    assert exchange.upstream.body == before + b"AWS_EC2_001" + after


@pytest.mark.clause("M1")
def test_query_and_headers_are_masked(lab: Lab) -> None:
    route = lab.route()
    plain, encoded, header, body = (lab.canary("ec2") for _ in range(4))
    # What a client puts into the request line stands in the gateway's access log, where no plugin can reach it:
    # docs/kong.md says how to keep it out, and the stack does so.
    exchange = lab.post(
        route,
        conversation(f"in the body: {body.text}"),
        suffix=f"?id={plain.identifier}&name={quote(encoded.identifier, safe='').replace('-', '%2D')}&x=1",
        headers={"X-Instance": f"about {header.identifier}, thanks"},
    )
    assert exchange.status == 200
    assert b"in the body: AWS_EC2_001" in exchange.upstream.body
    assert exchange.upstream.meta.target == "/?id=AWS_EC2_002&name=AWS_EC2_003&x=1"
    assert exchange.upstream.header("X-Instance") == "about AWS_EC2_004, thanks"


@pytest.mark.clause("M6")
def test_base64_payloads_reach_the_upstream_byte_for_byte(lab: Lab) -> None:
    payload = "/AKIAIOSFODNN7ABCDEFG+FwoGZXIvYXdzE/ASIAIOSFODNN7ABCDEFG=="
    for source in (
        {"type": "base64", "media_type": "image/png", "data": payload},
        {"data": payload, "media_type": "image/png", "type": "base64"},
    ):
        canary = lab.canary("ec2")
        content = [{"type": "text", "text": canary.text}, {"type": "image", "source": source}]
        exchange = lab.post(
            lab.route(), conversation("x") | {"messages": [{"role": "user", "content": content}]}
        )
        assert exchange.status == 200
        assert exchange.upstream.body == exchange.sent.replace(canary.identifier.encode(), b"AWS_EC2_001")
