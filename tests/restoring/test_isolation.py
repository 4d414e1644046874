"""Nobody receives what another client sent, whatever placeholders the upstream writes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from fixtures.checkers import availability
from fixtures.lab.prompts import conversation, to_bytes
from fixtures.wait import eventually
from fixtures.workload.burst import burst
from fixtures.workload.sender import Request
from system.upstream.protocol import Framing
from tests.restoring.scene import NAMES, answering

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab
    from fixtures.workload.sender import Reply

CLIENTS = 200
ROUNDS = 2
# Every client gets this answer, whatever it sent: most of its placeholders are forged for most of them.
ANSWER = (
    b'data: {"text":"AWS_EC2_001 AWS_EC2_002AWS_EC2_003 AWS_PRIVATE_IP_001 AWS_LITERAL_001 AWS_S3_001 AWS_EC2_0'
    b'01, AWS_EC2_004 AWS_EC2_0001 AWS_EC2_000 AWS_EC2_1"}\n\n'
)
# Inside a placeholder, so that for all of them something is held back while the others' bytes come.
HELD_AT = ANSWER.index(b"01, AWS_EC2_004")


def _replaced(answer: bytes, originals: dict[str, str]) -> bytes:
    # No placeholder of the answer begins another one's text but AWS_EC2_1, AWS_EC2_000 and AWS_EC2_0001, which are
    # issued to nobody.
    # The literal comes last, since it stands for what looks like another placeholder.
    for placeholder, identifier in originals.items():
        answer = answer.replace(placeholder.encode(), identifier.encode())
    return answer


def _wrong(request: Request, reply: Reply) -> str | None:
    if reply.status != 200:
        return f"status {reply.status}"
    return None if reply.body == request.expected else "the answer is not this client's own"


@pytest.mark.clause("U7", "U1", "M11")
def test_two_hundred_clients_at_once_get_their_own_identifiers_only(lab: Lab) -> None:
    route = lab.route()
    script = answering(ANSWER, stream=True, framing=Framing.CHUNKED, hold_after_bytes=HELD_AT)

    with lab.upstream.scripted(script) as handle:

        def build(number: int) -> Request:
            # 0 to 3 instances, every other client an address, every fifth writes a placeholder of its own.
            kinds = ["ec2"] * (number % 4) + ["private_ip"] * (number % 2)
            canaries = [lab.canary(kind) for kind in kinds]
            texts = [canary.text for canary in canaries]
            originals: dict[str, str] = {}
            for kind in ("ec2", "private_ip"):
                own = [canary.identifier for canary in canaries if canary.kind == kind]
                for position, identifier in enumerate(own, 1):
                    originals[f"AWS_{NAMES[kind]}_{position:03}"] = identifier
            if number % 5 == 0:
                texts.append("and AWS_EC2_002")
                originals["AWS_LITERAL_001"] = "AWS_EC2_002"
            return Request(
                route.path,
                to_bytes(conversation(f"look at {texts} please")),
                headers=handle.headers,
                expected=_replaced(ANSWER, originals),
            )

        def release() -> None:
            eventually(
                lambda: handle.state().waiting == CLIENTS, timeout_s=30.0, what=f"{CLIENTS} answers under way"
            )
            handle.release()

        before = lab.ledger()
        opener = threading.Thread(target=release)
        opener.start()
        burst(
            lab.history,
            base_url=lab.stack.addresses.gateway_url,
            build=build,
            check=_wrong,
            count=CLIENTS,
            rounds=ROUNDS,
        )
        opener.join()
    lab.require(availability.check(lab.history, at_least=CLIENTS * ROUNDS))
    change = lab.ledger().change_since(before)
    lab.evidence.figure("clients at once", CLIENTS)
    forged = lab.evidence.figure(
        "forged placeholders left as they were", change.get("placeholders_residual", 0), at_least=CLIENTS
    )
    assert forged.holds
