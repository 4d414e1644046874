"""Placeholders: one per identifier, numbered by appearance, the longest match, and nobody else's text."""

import json

import pytest

from fixtures.checkers import masking_diff
from fixtures.lab.lab import Lab
from fixtures.lab.prompts import conversation, listed, to_bytes
from fixtures.pytest_plugin.lab import MakeLab
from fixtures.pytest_plugin.stack import MakeStack
from fixtures.stack.abilities import able
from fixtures.stack.base import Reloadable
from system.upstream.protocol import Answer, Script

MANY = 1200


@pytest.mark.clause("M7", "M5")
def test_an_identifier_has_one_placeholder_numbered_by_first_appearance(lab: Lab) -> None:
    canaries = [lab.canary("ec2") for _ in range(12)] + [lab.canary("private_ip") for _ in range(12)]
    texts = [canary.text for canary in (*canaries, *reversed(canaries), *canaries[::3])]
    exchange = lab.post(lab.route(), conversation(listed(texts)))
    lab.require(masking_diff.check_placeholders(exchange.sent, exchange.upstream.body))
    assert exchange.reply_text == listed(texts)


@pytest.mark.clause("M7")
def test_earlier_turns_stay_the_same_when_turns_are_appended(lab: Lab) -> None:
    route = lab.route()
    turns, earlier = [listed([c.text for c in lab.canaries.one_of_each()])], b""
    for _ in range(4):
        exchange = lab.post(route, conversation(*turns))
        body = exchange.upstream.body
        # The messages so far, without the brackets that close the document.
        assert body.startswith(earlier)
        earlier = body.removesuffix(b"]}")
        # What the client shows and sends back is the restored reply.
        assert exchange.reply_text == turns[-1]
        fresh = listed([lab.canary(kind).text for kind in lab.canaries.kinds])
        turns += [f"{exchange.reply_text}\nfrom the model", f"AWS_EC2_001? {turns[0]}\n{fresh}"]
    lab.evidence.figure("turns", 4)
    lab.evidence.figure("bytes of prefix that stayed the same", len(earlier), "bytes")


@pytest.mark.clause("M7")
def test_masked_bytes_are_the_same_in_every_worker_and_after_a_reload(
    make_stack: MakeStack, make_lab: MakeLab
) -> None:
    stack = make_stack(workers=3)
    lab = make_lab(stack)
    prompt = conversation(listed([canary.text for canary in lab.canaries.one_of_each()]))
    route = lab.route()

    def masked() -> set[bytes]:
        # Fresh connections, so that the kernel spreads them over the workers: one of three is missed with (2/3)^40.
        return {lab.post(route, prompt, headers={"Connection": "close"}).upstream.body for _ in range(40)}

    first = masked()
    able(stack, Reloadable).reload_gateway()
    lab.apply()
    assert lab.evidence.figure("different bodies over 80 requests", len(first | masked()), equals=1).holds


@pytest.mark.clause("M8")
def test_an_identifier_that_begins_like_another_is_matched_whole(lab: Lab) -> None:
    short = next(c for c in iter(lambda: lab.canary("private_ip"), None) if _last_octet(c.identifier) <= 24)
    longer = [lab.canaries.register(short.identifier + digit) for digit in "0149"]
    route = lab.monitored_route()
    for order in ([short, *longer], [*longer, short], [longer[0], short, *longer[1:]]):
        text = " ".join(canary.identifier for canary in order)
        exchange = lab.post(route, conversation(text))
        numbers = " ".join(f"AWS_PRIVATE_IP_{number:03}" for number in range(1, 6))
        assert exchange.upstream.body == exchange.sent.replace(text.encode(), numbers.encode())
        assert exchange.reply_text == text


@pytest.mark.clause("M8")
def test_what_stands_inside_a_longer_identifier_is_not_counted_again(lab: Lab) -> None:
    route = lab.monitored_route()
    arn, rds = lab.canary("arn"), lab.canary("rds")
    account = arn.parts[0]
    text = f"role {arn.identifier} of account id {account}, at {rds.identifier}:5432"
    exchange = lab.post(route, conversation(text))
    (masked,) = (e for e in lab.flushed_events(route, 2) if e["event_type"] == "data_masked")
    assert masked["details"]["patterns"] == {"arn": 1, "account": 1, "rds": 1}
    expected = text.replace(arn.identifier, "AWS_ARN_001").replace(account, "AWS_ACCOUNT_001")
    expected = expected.replace(rds.identifier, "AWS_RDS_001")
    assert exchange.upstream.body == to_bytes(conversation(expected))


@pytest.mark.clause("M8")
def test_of_two_identifiers_that_begin_together_the_longer_is_taken(lab: Lab) -> None:
    # People name buckets after what they hold, such as a network's flow logs.
    vpc = lab.canary("vpc")
    host = "s3.eu-central-1.amazonaws.com"
    exchange = lab.post(
        lab.route(), conversation(f"https://{vpc.identifier}-flow-logs.{host}/x and {vpc.identifier}")
    )
    expected = f"https://AWS_S3_001.{host}/x and AWS_VPC_001"
    assert exchange.upstream.body == to_bytes(conversation(expected))


@pytest.mark.clause("M8", "U1")
def test_placeholders_beyond_a_thousand_are_told_apart(lab: Lab) -> None:
    identifiers = [lab.canary("ec2").identifier for _ in range(MANY)]
    text = " ".join([*identifiers, *reversed(identifiers)])
    exchange = lab.post(lab.route(), conversation(text))
    for number in (1, 10, 100, 999, 1000, MANY):
        assert f"AWS_EC2_{number:03} ".encode() in exchange.upstream.body
    assert exchange.reply_text == text
    lab.evidence.figure("placeholders of one kind", MANY)


@pytest.mark.clause("M11")
def test_text_that_looks_like_a_placeholder_comes_back_as_it_was_written(lab: Lab) -> None:
    route = lab.route()
    canary = lab.canary("ec2")
    lookalikes = (
        "AWS_EC2_001 AWS_EC2_002 AWS_LITERAL_001 xAWS_EC2_001y AWS_AWS_EC2_001 AWS_EC2_0011 AWS_EC2_01"
    )
    text = f"{lookalikes} {canary.text} {lookalikes}"
    exchange = lab.post(route, conversation(text))
    assert exchange.reply_text == text
    # The canary is the only thing that AWS_EC2_001 stands for.
    assert exchange.upstream.body.count(b"AWS_EC2_001 ") == 1


@pytest.mark.clause("M11", "U6")
def test_a_placeholder_that_was_never_issued_stays_as_the_model_wrote_it(lab: Lab) -> None:
    route = lab.monitored_route()
    canary = lab.canary("ec2")
    answer = "AWS_EC2_001 AWS_EC2_002 AWS_EC2_0010 AWS_S3_001"
    exchange = lab.post(route, conversation(canary.text), script=Script(answer=Answer.TEXT, text=answer))
    assert exchange.reply_text == answer.replace("AWS_EC2_001 ", f"{canary.identifier} ")
    (unmasked,) = (e for e in lab.flushed_events(route, 2) if e["event_type"] == "data_unmasked")
    assert unmasked["details"]["pattern_count"] == 1
    assert unmasked["details"]["residual"] == 3


@pytest.mark.clause("M5")
@pytest.mark.parametrize(
    "document",
    [
        b'{"b": 1, "a": "%s", "c": [], "d": {}, "e": [[], {}], "b": 2}',
        b' \t\r\n{"n": [0, -0, 1.0, 1e5, 1E+5, 12345678901234567890, 0.1000000000000000055], "a": "%s"}\n\n',
        b'{"a": "\\u00e9\\ud83d\\ude00 \\/ \\b\\f %s \xc3\xa9\xf0\x9f\x98\x80", "t": true, "f": false, "z": null}',
        b'["%s"]',
        b'"%s"',
        b'{"":{"":[{"":"%s"}]}}',
    ],
    ids=[
        "order, empties, twice the same key",
        "numbers",
        "escapes and UTF-8",
        "array",
        "string",
        "empty keys",
    ],
)
def test_bytes_outside_the_replaced_spans_are_unchanged(lab: Lab, document: bytes) -> None:
    canary = lab.canary()
    body = document % canary.identifier.encode()
    exchange = lab.post(lab.route(), body, script=Script(answer=Answer.ECHO_BODY))
    assert exchange.upstream.body == document % b"AWS_EC2_001"
    assert exchange.body == body
    assert json.loads(exchange.body) == json.loads(body)


def _last_octet(address: str) -> int:
    return int(address.rpartition(".")[2])
