"""The real Messages API through the gateway."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

import pytest

from fixtures.lab.prompts import MODEL
from fixtures.lazy import lazy_module
from fixtures.pytest_plugin.options import LIVE_KEY_VARIABLE

if TYPE_CHECKING:
    import anthropic

    from fixtures.lab.lab import Lab
else:
    anthropic = lazy_module("anthropic")

pytestmark = pytest.mark.xdist_group("sdk")  # in one process: the SDK takes a second to import

API_URL = "https://api.anthropic.com"


@pytest.mark.live
@pytest.mark.clause("U1", "U3")
def test_the_real_api_repeats_a_placeholder_and_the_client_gets_its_identifier(lab: Lab) -> None:
    messages = dataclasses.replace(lab.config().route("messages"), upstream_url=API_URL)
    lab.admin.apply(lab.config().with_routes(messages), lab.stack.addresses.gateway_url)
    canary = lab.canary("ec2")
    with anthropic.Anthropic(
        api_key=os.environ[LIVE_KEY_VARIABLE], base_url=lab.stack.addresses.gateway_url
    ) as client:
        reply = client.messages.create(
            model=MODEL,
            max_tokens=64,
            messages=[{"role": "user", "content": f"Repeat this word and nothing else: {canary.identifier}"}],
        )
        with pytest.raises(anthropic.BadRequestError):
            client.messages.create(
                model=MODEL, max_tokens=0, messages=[{"role": "user", "content": canary.identifier}]
            )
    text = "".join(block.text for block in reply.content if block.type == "text")
    assert text.strip() == canary.identifier
