"""A workload is a function of its plan: who sends and who compares never disagree about a request."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.errors import OptionError
from fixtures.leaks import Sink
from fixtures.workload.identifiers import Identifiers
from fixtures.workload.plan import DEFAULT_KINDS, Traffic, WorkloadPlan
from fixtures.workload.replies import deltas, judge
from fixtures.workload.templates import CONVERSATION_TURNS, Kind, Reply, templates

PLAN = WorkloadPlan(seed=7, rate_per_s=100, kinds=DEFAULT_KINDS, routes={"a": 3, "b": 1})
TRAFFIC = Traffic(PLAN)
IDENTIFIERS = TRAFFIC.identifiers


@settings(deadline=None)
@given(st.sampled_from(Identifiers.KINDS[:-1]), st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_no_two_serial_numbers_share_an_identifier(kind: str, first: int, second: int) -> None:
    assert (IDENTIFIERS.make(kind, first) == IDENTIFIERS.make(kind, second)) == (first == second)


@settings(deadline=None)
@given(st.sampled_from(Identifiers.KINDS[:-1]), st.integers(0, 2**31 - 1))
def test_every_identifier_is_found_wherever_it_stands(kind: str, serial: int) -> None:
    text = f'{{"at": "{IDENTIFIERS.make(kind, serial)}"}}'.encode()
    assert IDENTIFIERS.oracle.search([Sink("somewhere", text)])
    assert IDENTIFIERS.pattern.search(text)


def test_what_looks_a_little_like_an_identifier_is_none() -> None:
    other = Identifiers(8)
    text = " ".join(other.make(kind, 5) for kind in Identifiers.KINDS).encode()
    assert not IDENTIFIERS.oracle.search([Sink("somewhere", text)])


def test_requests_follow_the_plan() -> None:
    requests = [TRAFFIC.request(number) for number in range(2000)]
    again = Traffic(PLAN)
    assert requests == [again.request(number) for number in range(2000)]
    kinds = Counter(request.kind for request in requests)
    assert {kind: count / 20 for kind, count in kinds.items()} == pytest.approx(DEFAULT_KINDS, abs=1.0)
    routes = Counter((request.kind, request.route) for request in requests)
    assert all(routes[kind, route] for kind in DEFAULT_KINDS for route in ("a", "b"))


def test_the_turns_of_a_conversation_follow_each_other_and_repeat_what_was_said() -> None:
    conversation = [
        request for number in range(300) if (request := TRAFFIC.request(number)).kind is Kind.CONVERSATION
    ][:CONVERSATION_TURNS]
    bodies = [
        json.loads(turn.template.body.filled(turn.template.identifiers(IDENTIFIERS, turn.serial)))["messages"]
        for turn in conversation
    ]
    for earlier, later in pairwise(bodies):
        assert later[: len(earlier)] == earlier
        assert len(later) == len(earlier) + 2


def test_a_masked_body_is_the_sent_one_with_placeholders_numbered_by_first_appearance() -> None:
    (template, *_) = templates()[Kind.PROMPT]
    assert template.kinds == ("ec2", "private_ip", "subnet")
    content = json.loads(template.masked)["messages"][0]["content"]
    assert content.startswith(
        "Why is AWS_EC2_001 at AWS_PRIVATE_IP_001 slow? Its subnet is AWS_SUBNET_001, and AWS_EC2_001"
    )
    assert template.patterns == {"ec2": 2, "private_ip": 1, "subnet": 1}


@pytest.mark.parametrize("kind", templates())
def test_no_masked_body_holds_an_identifier_and_every_body_is_json(kind: Kind) -> None:
    for template in templates()[kind]:
        sent = template.body.filled(template.identifiers(IDENTIFIERS, 5))
        assert isinstance(json.loads(sent), dict)
        assert isinstance(json.loads(template.masked), dict)
        assert IDENTIFIERS.oracle.search([Sink("sent", sent)])
        assert not IDENTIFIERS.oracle.search([Sink("masked", template.masked)])


def answer(kind: Kind, serial: int) -> tuple[Any, list[bytes], bytes]:
    """A template, the identifiers of a request, and the answer that is right."""
    template = templates()[kind][0]
    sent = template.identifiers(IDENTIFIERS, serial)
    expected = template.reply.filled(sent)
    if template.judged is Reply.DELTAS:
        text = expected.decode()
        parts = [{"type": "text_delta", "text": text[at : at + 7]} for at in range(0, len(text), 7)]
        lines = [f"event: content_block_delta\ndata: {json.dumps({'delta': part})}\n" for part in parts]
        return template, sent, "\n".join(lines).encode()
    return template, sent, expected


@pytest.mark.parametrize("kind", [Kind.PROMPT, Kind.STREAM, Kind.CONVERSATION, Kind.LARGE_RESPONSE])
def test_an_answer_is_judged_by_every_byte(kind: Kind) -> None:
    template, sent, body = answer(kind, 5)
    assert judge(template, sent, 200, body, IDENTIFIERS).intact
    assert judge(template, sent, 502, body, IDENTIFIERS).error == "status 502"
    for wrong, foreign, residual in [
        (body.replace(sent[0], b"AWS_EC2_001", 1), 0, 1),
        (body.replace(sent[0], IDENTIFIERS.make("ec2", 999).encode(), 1), 1, 0),
        (body.replace(sent[0], sent[0][:-1], 1), None, 0),
    ]:
        judged = judge(template, sent, 200, wrong, IDENTIFIERS)
        if kind is Kind.STREAM and wrong == body:
            continue  # cut into deltas, the identifier stands nowhere whole
        assert not judged.intact
        assert judged.error == "not intact"
        assert judged.residual == residual
        assert foreign is None or judged.foreign == foreign


def test_what_is_no_stream_has_no_deltas() -> None:
    assert deltas(b'data: {"delta": {"type": "text_delta"') == b""
    assert deltas(b'{"type": "error"}') == b""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rate_per_s": 0}, "workload rate_per_s=0"),
        ({"kinds": {"poem": 1}}, "workload kinds.poem"),
        ({"kinds": {"prompt": 0}}, "nothing to send"),
        ({"bursts": {"every_s": 0}}, "workload bursts.every_s=0"),
    ],
)
def test_an_impossible_plan_is_told_in_one_line(change: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=said) as caught:
        WorkloadPlan.parse({**PLAN.model_dump(mode="json"), **change}, source="run.jsonl")
    assert "\n" not in str(caught.value)
