"""A prompt of a few identifiers, and what any answer to it has to become on its way back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixtures.lab.prompts import conversation, listed, to_bytes
from system.upstream.protocol import Answer, Script

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from fixtures.lab.lab import Lab

# The spelling of a kind whose others are, as a whole, identifiers of another kind.
FORMS = {"s3": "s3_uri"}
NAMES = {"ec2": "EC2", "s3": "S3", "private_ip": "PRIVATE_IP", "security_group": "SG", "arn": "ARN"}
# Every name of the catalogue that this folder's answers use; the digits are as many as there are.
PLACEHOLDER = re.compile(rb"AWS_(?:EC2|S3|PRIVATE_IP|SG|ARN|RDS|VPC|LITERAL)_[0-9]{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a client sent and what stands for it upstream.

    Attributes:
        prompt: The request's body.
        originals: Placeholder → identifier, both as bytes; the numbers are those that clause M7 promises.
    """

    prompt: bytes
    originals: Mapping[bytes, bytes]

    def restored(self, answer: bytes) -> bytes:
        """What the client has to get for an answer of the upstream."""
        return PLACEHOLDER.sub(lambda found: self.originals.get(found[0], found[0]), answer)

    def counts(self, answer: bytes) -> tuple[int, int]:
        """How many placeholders of an answer were issued, and how many were not."""
        found = PLACEHOLDER.findall(answer)
        issued = sum(placeholder in self.originals for placeholder in found)
        return issued, len(found) - issued


def scene(lab: Lab, *, stream: bool = False, **counts: int) -> Scene:
    """Makes a prompt with so many identifiers of each kind, such as `ec2=3, s3=1`; by default one `ec2`."""
    originals, texts = {}, []
    for kind, count in (counts or {"ec2": 1}).items():
        for number in range(1, count + 1):
            canary = lab.canary(kind, form=FORMS.get(kind))
            originals[f"AWS_{NAMES[kind]}_{number:03}".encode()] = canary.identifier.encode()
            texts.append(canary.text)
    return Scene(prompt=to_bytes(conversation(listed(texts), stream=stream)), originals=originals)


def answering(body: bytes, *, stream: bool = False, **fields: Any) -> Script:
    """An upstream that answers with these bytes, declared an event stream or JSON; further fields of `Script`."""
    return Script(answer=Answer.RAW, raw=body, stream=stream, **fields)
