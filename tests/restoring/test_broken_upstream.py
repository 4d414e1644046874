"""An upstream that breaks in the middle harms nothing but its own answer, and that visibly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from fixtures.checkers import restored_bytes
from system.upstream.protocol import BreakKind, Framing, Script
from tests.restoring.scene import answering, scene

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab, LabRoute
    from tests.restoring.scene import Scene

BODY = b'data: {"text":"AWS_EC2_002 and then AWS_EC2_001, and AWS_EC2_003"}\n\n'
# Before, inside and behind a placeholder, and as many bytes as may still be one then.
BREAKS = [(b"and then ", b""), (b"and then AWS_EC2_00", b"AWS_EC2_00"), (b"and then AWS_EC2_001,", b"")]


@pytest.mark.clause("U1", "U3")
@pytest.mark.parametrize("kind", list(BreakKind))
@pytest.mark.parametrize("framing", [Framing.CHUNKED, Framing.CONTENT_LENGTH])
def test_what_came_before_the_break_is_restored_and_the_break_is_seen(
    lab: Lab, framing: Framing, kind: BreakKind
) -> None:
    route, said = lab.monitored_route(), scene(lab, ec2=3)
    for before, held in BREAKS:
        sent = BODY[: BODY.index(before) + len(before)]
        script = answering(BODY, stream=True, framing=framing, break_after_bytes=len(sent), break_kind=kind)
        received, error = _receive(lab, route, said, script)
        # The error tells the client that it has not got all; httpx raises it for a body that ends too soon.
        assert isinstance(error, httpx.RemoteProtocolError)
        at_least = said.restored(sent.removesuffix(held) if held else sent)
        assert received in {at_least, at_least + held}
    _require_unharmed(lab, route, said)
    reports = [e["details"] for e in lab.flushed_events(route, 2 * len(BREAKS) + 2)]
    unmasked = [details for details in reports if details["action"] == "unmask"]
    assert [details["status"] for details in unmasked] == [200] * (len(BREAKS) + 1)
    # What was restored before the break is accounted for. Workers publish side by side: in no order among them.
    assert sorted(details["pattern_count"] for details in unmasked) == [1, 1, 2, 3]


@pytest.mark.clause("U1", "U3")
def test_an_answer_without_framing_that_ends_early_loses_no_byte(lab: Lab) -> None:
    # Nobody can tell this end from a regular one: what was held back has to come.
    route, said = lab.route(), scene(lab, ec2=3)
    for before, _ in BREAKS:
        sent = BODY[: BODY.index(before) + len(before)]
        script = answering(BODY, stream=True, framing=Framing.CLOSE, break_after_bytes=len(sent))
        exchange = lab.post(route, said.prompt, script=script)
        lab.require(restored_bytes.check(said.restored(sent), exchange.body))


@pytest.mark.clause("U3")
@pytest.mark.parametrize("kind", list(BreakKind))
def test_an_upstream_that_breaks_before_its_answer_is_a_bad_gateway(lab: Lab, kind: BreakKind) -> None:
    route, said = lab.monitored_route(), scene(lab, ec2=3)
    script = Script(break_before_head=True, break_kind=kind)
    exchange = lab.post(route, said.prompt, script=script)
    assert exchange.status == 502
    assert "upstream server" in exchange.json()["message"]
    _require_unharmed(lab, route, said)
    events = lab.flushed_events(route, 4)
    statuses = [e["details"]["status"] for e in events if e["event_type"] == "data_unmasked"]
    assert len(events) == 4
    assert sorted(statuses) == [200, 502]


def _receive(lab: Lab, route: LabRoute, said: Scene, script: Script) -> tuple[bytes, Exception | None]:
    """What arrived, and how it ended."""
    received = b""
    with lab.upstream.scripted(script) as handle:
        headers = {"Content-Type": "application/json", **handle.headers}
        try:
            with lab.client.stream("POST", route.path, content=said.prompt, headers=headers) as response:
                for data in response.iter_raw():
                    received += data
        except httpx.TransportError as error:
            return received, error
    return received, None


def _require_unharmed(lab: Lab, route: LabRoute, said: Scene) -> None:
    exchange = lab.post(route, said.prompt, script=answering(BODY, stream=True))
    lab.require(restored_bytes.check(said.restored(BODY), exchange.body))
    lab.stack.require_running()
