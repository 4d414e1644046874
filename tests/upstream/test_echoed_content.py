"""Content blocks that repeat the prompt, and signatures over thinking that the next turn must not break."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from system.upstream.protocol import Answer, Script, TextBlock, ThinkingBlock, ToolUseBlock

if TYPE_CHECKING:
    import httpx

    from tests.upstream.emulator import Emulator

SAID = 'a "quoted" \\ naïve\n東京'
SCRIPT = Script(
    answer=Answer.CONTENT,
    echo_mark="@@",
    sign_thinking=True,
    content=[
        ThinkingBlock(thinking="about @@", signature=""),
        TextBlock(text="@@ and @@"),
        ToolUseBlock(name="look", input={"@@": ["<@@>", 1]}),
    ],
)


def _ask(http: httpx.Client, emulator: Emulator, *messages: dict[str, Any]) -> httpx.Response:
    with emulator.client.scripted(SCRIPT) as script:
        body = {"model": "m", "max_tokens": 1, "messages": list(messages)}
        return http.post("/v1/messages", json=body, headers=script.headers)


def test_the_prompt_is_put_wherever_its_mark_stands(http: httpx.Client, emulator: Emulator) -> None:
    thinking, text, tool = _ask(http, emulator, {"role": "user", "content": SAID}).json()["content"]
    assert thinking["thinking"] == f"about {SAID}"
    assert text["text"] == f"{SAID} and {SAID}"
    assert tool["input"] == {SAID: [f"<{SAID}>", 1]}


def test_thinking_is_accepted_as_it_was_sent_and_refused_when_it_was_changed(
    http: httpx.Client, emulator: Emulator
) -> None:
    first = {"role": "user", "content": SAID}
    content = _ask(http, emulator, first).json()["content"]
    result = {"type": "tool_result", "tool_use_id": content[2]["id"], "content": "ok"}
    turns = [first, {"role": "assistant", "content": content}, {"role": "user", "content": [result]}]
    assert _ask(http, emulator, *turns).status_code == 200
    content[0]["thinking"] += " "
    refused = _ask(http, emulator, *turns)
    assert refused.status_code == 400
    assert "messages.1.content.0: Invalid `signature` in `thinking` block" in refused.text
