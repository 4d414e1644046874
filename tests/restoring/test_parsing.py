"""A restored answer still parses, on every level of JSON, whatever the original holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.lab.prompts import conversation
from system.upstream.protocol import Answer, Script, TextBlock, ToolUseBlock
from tests.restoring.scene import scene

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYE+{}"  # 40 characters, as AWS makes them
# Characters that a substitution or a format would take for its own: % of Lua's gsub and of printf, $1, #{}, ~, !.
CAREFUL = [
    "arn:aws:iam::{account}:role/%1/%s/%0/{name}",
    "arn:aws:ssm:eu-central-1:{account}:parameter/$1/${{x}}/#{{y}}/~/!/{name}",
    "arn%3Aaws%3Aiam%3A%3A{account}%3Arole%2F{name}",
    "arn:aws:s3:eu-central-1:{account}:accesspoint/{name}/*",
]


def _careful(lab: Lab) -> list[str]:
    """ARNs of this test alone with the characters above."""
    texts = []
    for form in CAREFUL:
        account, name = lab.canary("arn").parts[:1][0], lab.canary("arn").parts[-1]
        text = form.format(account=account, name=name)
        lab.canaries.register(text)
        texts.append(text)
    return texts


@pytest.mark.clause("U2", "U1")
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_originals_with_special_characters_come_back_as_they_were(lab: Lab, stream: bool) -> None:
    text = " | ".join(_careful(lab))
    script = Script(delta_chars=10_000, chunk_bytes=7)
    exchange = lab.post(lab.route(), conversation(text, stream=stream), script=script)
    assert b"AWS_ARN_004" in exchange.upstream.body
    assert exchange.reply_text == text


@pytest.mark.clause("U2", "U1")
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_json_quoted_in_an_answer_parses_and_has_the_originals(lab: Lab, stream: bool) -> None:
    # The client's text is itself JSON, in which a slash is written "\/": the original holds backslashes.
    secret = SECRET.format(lab.canary("ec2").identifier[-8:])
    key = lab.canary("access_key").identifier
    quoted = json.dumps({"AccessKeyId": key, "SecretAccessKey": secret, "Arns": _careful(lab)})
    quoted = quoted.replace("/", "\\/")
    exchange = lab.post(
        lab.route(), conversation(quoted, stream=stream), script=Script(delta_chars=10_000, chunk_bytes=11)
    )
    assert b"AWS_SECRET_KEY_001" in exchange.upstream.body
    assert exchange.reply_text == quoted
    assert json.loads(exchange.reply_text)["SecretAccessKey"] == secret


@pytest.mark.clause("U2", "U1")
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_tool_input_parses_at_each_of_its_levels(lab: Lab, stream: bool) -> None:
    said = scene(lab, ec2=2, arn=1, private_ip=1, stream=stream)
    policy = json.dumps(
        {"Resource": ["AWS_ARN_001", 'a "quoted" \\ AWS_EC2_002\n'], "é": "AWS_PRIVATE_IP_001"}
    )
    blocks: list[Any] = [
        TextBlock(text='I ask about "AWS_EC2_001" \\ then'),
        ToolUseBlock(name="put", input={"id": "AWS_EC2_001", "policy": policy, "AWS_EC2_002": [1.0, None]}),
    ]
    script = Script(answer=Answer.CONTENT, content=blocks, delta_chars=10_000, ping_every=1, chunk_bytes=5)
    exchange = lab.post(lab.route(), said.prompt, script=script)
    if stream:
        tool_input = json.loads(
            "".join(
                event["delta"].get("partial_json", "") for event in exchange.stream_events if "delta" in event
            )
        )
    else:
        tool_input = exchange.json()["content"][1]["input"]

    def clear(text: str) -> str:
        return said.restored(text.encode()).decode()

    assert exchange.reply_text == clear('I ask about "AWS_EC2_001" \\ then')
    assert tool_input["id"] == clear("AWS_EC2_001")
    assert tool_input[clear("AWS_EC2_002")] == [1.0, None]
    assert json.loads(tool_input["policy"]) == json.loads(clear(policy))
