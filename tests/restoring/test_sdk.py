"""The official SDK streams through the gateway, and sees the API's errors as its own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.lab.prompts import MAX_TOKENS, MODEL
from fixtures.lazy import lazy_module
from system.upstream import protocol
from system.upstream.protocol import Answer, Script
from tests.restoring.scene import scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    import anthropic

    from fixtures.lab.lab import Lab
    from tests.restoring.scene import Scene
else:
    anthropic = lazy_module("anthropic")

pytestmark = pytest.mark.xdist_group("sdk")  # in one process: the SDK takes a second to import

ERRORS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    429: "RateLimitError",
    529: "InternalServerError",
}
BLOCKS: list[protocol.ContentBlock] = [
    protocol.ThinkingBlock(thinking="Which one do they mean?", signature="c2lnbmF0dXJl"),
    protocol.RedactedThinkingBlock(data="b3BhcXVl"),
    protocol.TextBlock(text='I look at AWS_EC2_001 and "AWS_PRIVATE_IP_001".'),
    protocol.ToolUseBlock(name="describe", input={"ids": ["AWS_EC2_002", "AWS_EC2_003"], "n": 2}),
]


@contextmanager
def _sdk(lab: Lab, script: Script) -> Iterator[anthropic.Anthropic]:
    """A client of the gateway whose every request has this answer."""
    lab.apply()
    with (
        lab.upstream.scripted(script) as handle,
        anthropic.Anthropic(
            api_key="test-key",
            base_url=lab.stack.addresses.gateway_url,
            default_headers=handle.headers,
            max_retries=0,
        ) as client,
    ):
        yield client


def _message(client: anthropic.Anthropic, said: Scene, *, streamed: bool) -> anthropic.types.Message:
    if not streamed:
        reply: anthropic.types.Message = client.messages.create(**_ask(said))
        return reply
    with client.messages.stream(**_ask(said)) as stream:
        return stream.get_final_message()


def _ask(said: Scene) -> dict[str, Any]:
    text = " ".join(identifier.decode() for identifier in said.originals.values())
    return {"model": MODEL, "max_tokens": MAX_TOKENS, "messages": [{"role": "user", "content": text}]}


@pytest.mark.clause("U1", "U2")
@pytest.mark.parametrize("chunk_bytes", [None, 7, 17])
@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
def test_every_kind_of_block_is_restored_for_the_sdk(
    lab: Lab, streamed: bool, chunk_bytes: int | None
) -> None:
    said = scene(lab, ec2=3, private_ip=1)
    script = Script(
        answer=Answer.CONTENT, content=BLOCKS, delta_chars=10_000, ping_every=1, chunk_bytes=chunk_bytes
    )
    with _sdk(lab, script) as client:
        message = _message(client, said, streamed=streamed)

    def clear(text: str) -> str:
        return said.restored(text.encode()).decode()

    thinking, redacted, text, tool = message.content
    assert isinstance(thinking, anthropic.types.ThinkingBlock)
    assert (thinking.thinking, thinking.signature) == ("Which one do they mean?", "c2lnbmF0dXJl")
    assert isinstance(redacted, anthropic.types.RedactedThinkingBlock)
    assert redacted.data == "b3BhcXVl"
    assert isinstance(text, anthropic.types.TextBlock)
    assert text.text == clear('I look at AWS_EC2_001 and "AWS_PRIVATE_IP_001".')
    assert isinstance(tool, anthropic.types.ToolUseBlock)
    assert tool.input == {"ids": [clear("AWS_EC2_002"), clear("AWS_EC2_003")], "n": 2}
    assert message.stop_reason == "tool_use"


@pytest.mark.clause("U3")
@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("status", list(ERRORS))
def test_an_error_of_the_api_is_the_sdks_own_error(lab: Lab, status: int, streamed: bool) -> None:
    said = scene(lab)
    script = Script(answer=Answer.ERROR, status=status, error_message="cannot look at AWS_EC2_001")
    with _sdk(lab, script) as client, pytest.raises(anthropic.APIStatusError) as caught:
        _message(client, said, streamed=streamed)
    error = caught.value
    assert isinstance(error, getattr(anthropic, ERRORS[status]))
    assert error.status_code == status
    assert error.request_id is not None
    assert isinstance(error.body, dict)
    assert error.body["error"]["message"] == said.restored(b"cannot look at AWS_EC2_001").decode()
    if status == 429:
        assert error.response.headers["retry-after"] == "1"


@pytest.mark.clause("U3")
def test_a_refusal_of_the_gateway_is_an_error_of_the_sdk(lab: Lab) -> None:
    said = scene(lab)
    with _sdk(lab, Script()) as client, pytest.raises(anthropic.APIStatusError) as caught:
        client.messages.create(**_ask(said), extra_headers={"Content-Encoding": "br"})
    assert caught.value.status_code == 415
