"""Identifiers that AWS itself publishes, and the official SDK, through the gateway."""

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.lab.lab import Lab
from fixtures.lab.prompts import MODEL, conversation
from fixtures.lazy import lazy_module

if TYPE_CHECKING:
    import anthropic
else:
    anthropic = lazy_module("anthropic")

pytestmark = pytest.mark.xdist_group("sdk")  # in one process: the SDK takes a second to import

# Written from AWS's documentation and not from the plugin's catalogue:
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
IDENTIFIER = re.compile(
    rb"(?<![A-Za-z0-9])(?:i|vpc|subnet|sg|vol|ami|snap|eni|rtb|igw|acl|nat|eipalloc|eipassoc|dopt|pcx|vgw|cgw|vpn)"
    rb"-(?:[0-9a-f]{17}|[0-9a-f]{8})(?![0-9A-Za-z])"
    rb"|arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:[A-Za-z0-9]"
    rb"|(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])"
    rb"|(?<![0-9.])(?:10\.[0-9]{1,3}|192\.168|172\.(?:1[6-9]|2[0-9]|3[01]))\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])"
)
# As of botocore 1.44: 1951 ids, ARNs and keys in 269 files, and private addresses besides.
IDENTIFIERS_MIN = 1900


def service_examples() -> list[str]:
    """The texts of every service's published examples."""
    data = files("botocore") / "data"
    found = [
        version / "examples-1.json"
        for service in data.iterdir()
        if service.is_dir()
        for version in service.iterdir()
    ]
    return [example.read_text(encoding="utf-8") for example in found if example.is_file()]


@pytest.mark.clause("M1", "M5", "M10")
def test_identifiers_in_the_examples_of_every_aws_service_are_masked_and_restored(lab: Lab) -> None:
    route = lab.route()
    identifiers = 0
    texts = service_examples()
    # About thirty prompts of 50 kB, the way people paste documents.
    for start in range(0, len(texts), 9):
        text = "\n".join(texts[start : start + 9])
        exchange = lab.post(
            route, conversation(text), without_canary="the published identifiers are looked for below"
        )
        assert exchange.status == 200
        identifiers += len(IDENTIFIER.findall(text.encode()))
        left = [match[0][:6] for match in IDENTIFIER.finditer(exchange.upstream.body)]
        assert left == [], f"{len(left)} identifiers went upstream"
        assert exchange.reply_text == text
    assert lab.evidence.figure("published identifiers", identifiers, at_least=IDENTIFIERS_MIN).holds


@pytest.mark.clause("M1", "U1")
def test_the_official_sdk_works_through_the_gateway(lab: Lab) -> None:
    lab.apply()
    canaries = lab.canaries.one_of_each()
    text = " | ".join(canary.text for canary in canaries)
    messages: Any = [{"role": "user", "content": text}]
    with anthropic.Anthropic(
        api_key="test-key", base_url=lab.stack.addresses.gateway_url, max_retries=0
    ) as client:
        reply = client.messages.create(model=MODEL, max_tokens=1024, messages=messages)
        assert [block.text for block in reply.content if block.type == "text"] == [text]
        with pytest.raises(anthropic.BadRequestError):
            client.messages.create(model=MODEL, max_tokens=0, messages=messages)
    lab.evidence.figure("identifiers through the SDK", len(canaries))
