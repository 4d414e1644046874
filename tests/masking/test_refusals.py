"""What cannot be scanned is not forwarded, and says so without repeating it."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from fixtures.lab.prompts import conversation, to_bytes

if TYPE_CHECKING:
    from fixtures.lab.exchange import Exchange
    from fixtures.lab.lab import Lab
    from fixtures.pytest_plugin.lab import MakeLab
    from fixtures.pytest_plugin.stack import MakeStack

NO_EVENT_SEQUENCE = ["data_masked", "data_unmasked"]


@pytest.mark.clause("M4", "E2")
@pytest.mark.parametrize(
    "encoding", ["gzip", "GZIP", "deflate", "br", "zstd", "identity, gzip", "unheard-of"]
)
def test_a_content_encoding_that_cannot_be_decoded_is_refused(lab: Lab, encoding: str) -> None:
    route = lab.monitored_route()
    before = lab.ledger()
    body = gzip.compress(to_bytes(conversation(lab.canary().text)))
    exchange = lab.post(
        route, body, headers={"Content-Encoding": encoding}, without_canary="it is compressed"
    )
    _require_refused(lab, exchange, 415)
    assert lab.ledger().change_since(before).get("refused.encoding") == 1
    # A request that passes is the fence: its events are the only ones.
    lab.post(route)
    events = lab.flushed_events(route, 2)
    assert [event["event_type"] for event in events] == NO_EVENT_SEQUENCE


@pytest.mark.clause("M4")
def test_identity_is_no_encoding(lab: Lab) -> None:
    exchange = lab.post(lab.route(), headers={"Content-Encoding": "identity"})
    assert exchange.status == 200
    assert b"AWS_EC2_001" in exchange.upstream.body


@pytest.mark.clause("M4", "E2")
@pytest.mark.parametrize(
    "template",
    [
        b'{"a": "%s"',
        b'{"a": "%s",}',
        b"{'a': '%s'}",
        b'{"a": "%s"} trailing',
        b'["%s" "b"]',
        b'{"a": "%s\n"}',
        b'{"a": "%s \\x41"}',
        b'{"a": "%s", "b": 01}',
        b'{"a": "%s", "b": NaN}',
        b"%s",
    ],
)
def test_a_body_declared_json_that_is_not_is_refused(lab: Lab, template: bytes) -> None:
    route = lab.monitored_route()
    before = lab.ledger()
    for content_type in ("application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"):
        identifier = lab.canary().identifier.encode()
        exchange = lab.post(route, template % identifier, headers={"Content-Type": content_type})
        _require_refused(lab, exchange, 400)
        assert identifier not in exchange.body
    assert lab.ledger().change_since(before).get("refused.not_json") == 3
    lab.post(route)
    events = lab.flushed_events(route, 2)
    assert [event["event_type"] for event in events] == NO_EVENT_SEQUENCE


@pytest.mark.clause("M4")
def test_nesting_without_end_is_refused_and_harms_no_worker(lab: Lab) -> None:
    depth = 200_000
    route = lab.route()
    exchange = lab.post(
        route, b'["%s",' % lab.canary().identifier.encode() + b"[" * depth + b"]" * depth + b"]"
    )
    _require_refused(lab, exchange, 400)
    assert lab.post(route).status == 200
    lab.stack.require_running()


@pytest.mark.thorough
@pytest.mark.clause("M4", "E2")
def test_a_body_whose_search_exceeds_the_match_limit_is_refused(
    make_stack: MakeStack, make_lab: MakeLab
) -> None:
    lab = make_lab(make_stack(workers=1, gateway_env={"KONG_NGINX_HTTP_LUA_REGEX_MATCH_LIMIT": "1"}))
    route = lab.monitored_route()
    before = lab.ledger()
    # An expression with alternatives and repetitions takes more than one step.
    long = f"arn:aws:iam::123456789012:role/{'a-b/' * 400} and {lab.canary().text}"
    _require_refused(lab, lab.post(route, conversation(long)), 502)
    assert lab.ledger().change_since(before).get("refused.scan") == 1


def _require_refused(lab: Lab, exchange: Exchange, status: int) -> None:
    assert exchange.status == status
    assert exchange.captures == ()
    answer = exchange.json()
    assert set(answer) == {"message", "request_id"}
    assert answer["request_id"] == exchange.request_id
    lab.evidence.figure("answer", f"{status} {answer['message']}")
