"""Masking finds what it promises, and leaves every other byte as it was."""

from __future__ import annotations

import base64
import json
import random
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lua.examples import EXAMPLES, HEX_17, NEAR_MISSES, SECRET, Example

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.lua.modules import LuaModules, Masked

FAST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

PLACEHOLDER = re.compile(rb"AWS_[A-Z0-9_]+?_[0-9]{3,}")

# Regular expressions that a PCRE without JIT runs by recursion, once per repetition, until the stack ends.
REPEATED_GROUP = re.compile(rb"\)(?:[*+]|\{[0-9]+,[0-9]*\})")

every_example = pytest.mark.parametrize(
    "sample", EXAMPLES, ids=lambda sample: f"{sample.kind}:{sample.whole[:40]}"
)


def in_json(original: bytes) -> bytes:
    """An original as it is written between the quotes of a JSON string; some hold backslashes."""
    return json.dumps(original.decode(), ensure_ascii=False)[1:-1].encode()


def put_back(masked: Masked, names: Mapping[str, str], written: Callable[[bytes], bytes] = bytes) -> bytes:
    """The masked text with the originals, as they are written there, in place of the placeholders."""
    assert masked.body is not None
    originals = {
        f"AWS_{names[kind]}_{number:03d}".encode(): written(original)
        for kind, listed in masked.originals.items()
        for number, original in enumerate(listed, start=1)
    }
    return PLACEHOLDER.sub(lambda match: originals.get(match[0], match[0]), masked.body)


@pytest.mark.clause("M1", "M10")
@every_example
def test_an_identifier_is_replaced_and_nothing_else(lua: LuaModules, sample: Example) -> None:
    name = lua.names()[sample.kind]
    masked = lua.mask(sample.whole.encode(), "plain")
    assert masked.body == f"AWS_{name}_001".join(sample.parts).encode()
    assert masked.originals == {sample.kind: [sample.identifiers[0].encode()]}
    assert (masked.total, masked.counts) == (1, {sample.kind: 1})


@pytest.mark.clause("M9")
@every_example
def test_a_switch_turns_its_family_off(lua: LuaModules, sample: Example) -> None:
    masked = lua.mask(sample.whole.encode(), "plain", off=[sample.switch])
    assert sample.kind not in masked.originals


@pytest.mark.clause("M10")
@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_similar_stays(lua: LuaModules, text: str) -> None:
    assert lua.mask(text.encode(), "plain").body == text.encode()


@pytest.mark.clause("M2")
@every_example
def test_an_identifier_is_found_in_every_escaped_form(lua: LuaModules, sample: Example) -> None:
    escaped = "".join(f"\\u{ord(character):04x}" for character in sample.whole)
    plain = lua.mask(sample.whole.encode(), "plain")
    assert plain.body is not None
    for inside in (escaped, escaped.upper().replace("\\U", "\\u"), json.dumps(sample.whole)[1:-1]):
        document = f'{{"messages":[{{"{inside}":[],"content":"{inside}"}}]}}'.encode()
        masked = lua.mask(document)
        assert masked.body is not None
        assert masked.originals == plain.originals
        assert masked.total == 2 * plain.total
        (message,) = json.loads(masked.body)["messages"]
        assert list(message) == [plain.body.decode(), "content"]
        assert message["content"] == plain.body.decode()


@pytest.mark.clause("M1")
@every_example
def test_an_identifier_is_found_percent_encoded(lua: LuaModules, sample: Example) -> None:
    encoded = "".join(f"%{byte:02X}" for byte in sample.whole.encode())
    masked = lua.mask(f"q={encoded}&n=1".encode(), "percent_encoded")
    assert masked.body is not None
    assert masked.originals == {sample.kind: [sample.identifiers[0].encode()]}
    assert masked.body.startswith(b"q=")
    assert masked.body.endswith(b"&n=1")


@pytest.mark.clause("M2")
@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"SecretAccessKey": SECRET}, "secret_key"),
        ({"name": "AWS_SECRET_ACCESS_KEY", "value": SECRET}, "secret_key"),
        ({"SessionToken": "c" * 80}, "session_token"),
        ({"accountId": "123456789012"}, "account"),
        ({"account_ids": ["123456789012"]}, "account"),
        ({"KMSKeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}, "kms"),
    ],
)
def test_the_key_of_a_value_is_context(lua: LuaModules, document: object, kind: str) -> None:
    masked = lua.mask(json.dumps(document).encode())
    assert list(masked.originals) == [kind]
    assert masked.total == 1


@pytest.mark.clause("M8")
@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("10.0.0.10 10.0.0.1 10.0.0.100", "AWS_PRIVATE_IP_001 AWS_PRIVATE_IP_002 AWS_PRIVATE_IP_003"),
        ("arn:aws:iam::123456789012:role/x account 123456789012", "AWS_ARN_001 account AWS_ACCOUNT_001"),
        (f"arn:aws:ec2:us-east-1:123456789012:instance/i-{HEX_17} i-{HEX_17}", "AWS_ARN_001 AWS_EC2_001"),
        ("AWS_EC2_001 AWS_EC2_0011 i-0a1b2c3d", "AWS_LITERAL_001 AWS_LITERAL_002 AWS_EC2_001"),
        ("10.0.0.1-10.0.0.9,10.0.0.1:80", "AWS_PRIVATE_IP_001-AWS_PRIVATE_IP_002,AWS_PRIVATE_IP_001:80"),
        ("arn:aws:s3:::" + "1" * 3000 + "x", "AWS_ARN_001x"),
        ("accounts 123456789012, 210987654321", "accounts AWS_ACCOUNT_001, AWS_ACCOUNT_002"),
        (f"s3://i-{HEX_17}-logs/", "s3://AWS_S3_001/"),
        (f"\\ni-{HEX_17}\\t10.0.0.1", "\\nAWS_EC2_001\\tAWS_PRIVATE_IP_001"),
        (f"id%3Di-{HEX_17}", "id%3DAWS_EC2_001"),
        (f"\x1b[31mi-{HEX_17}\x1b[0m", "\x1b[31mAWS_EC2_001\x1b[0m"),
    ],
)
def test_neighbours_are_told_apart(lua: LuaModules, text: str, masked: str) -> None:
    assert lua.mask(text.encode(), "plain").body == masked.encode()


identifiers = st.sampled_from([sample.whole for sample in EXAMPLES] + ["AWS_EC2_001", "AWS_LITERAL_0010"])
texts = st.lists(identifiers | st.text(max_size=8) | st.sampled_from(NEAR_MISSES), max_size=8).map(" ".join)


@pytest.mark.clause("M5", "M7", "M11")
@FAST
@given(contents=st.lists(texts, max_size=6), ascii_only=st.booleans())
def test_a_masked_document_with_its_originals_put_back_is_the_document(
    lua: LuaModules, contents: Sequence[str], ascii_only: bool
) -> None:
    document = {"n": [1.0, 1e300, -0, {}], "messages": [{"c": text, text: []} for text in contents]}
    text = json.dumps(document, ensure_ascii=ascii_only, indent=1).encode("utf-8", "surrogatepass")
    masked = lua.mask(text)
    assert masked.body is not None
    assert json.loads(put_back(masked, lua.names(), in_json)) == json.loads(text)
    # Each placeholder that is found stands for one replaced span: none was there before, none was made by chance.
    known = "|".join(sorted(lua.names().values(), reverse=True)).encode()
    assert len(re.findall(rb"AWS_(?:" + known + rb")_[0-9]{3,}", masked.body)) == masked.total


@pytest.mark.clause("M5")
@FAST
@given(noise=st.lists(st.binary(max_size=12), min_size=1, max_size=6), sample=st.sampled_from(EXAMPLES))
def test_bytes_outside_the_identifiers_are_unchanged_in_any_text(
    lua: LuaModules, noise: Sequence[bytes], sample: Example
) -> None:
    text = (b"\n" + sample.whole.encode() + b"\n").join([b"\xff\xfe", *noise, b"\x80"])
    masked = lua.mask(text, "plain")
    assert put_back(masked, lua.names()) == text
    assert masked.counts[sample.kind] >= len(noise) + 1


@pytest.mark.clause("M5")
def test_the_form_of_a_document_is_left_alone(lua: LuaModules) -> None:
    text = (
        b'{ "b" :1.0e+2,"a":[ ] , "a":{},"\\u0061\\/":"\\ud83d\\ude00\\n",\r\n\t"big":123456789012345678901234567890,'
        b'"s":"\\"i-0a1b2c3d\\\\"}'
    )
    assert lua.mask(text).body == text.replace(b"i-0a1b2c3d", b"AWS_EC2_001")
    without = text.replace(b"i-0a1b2c3d", b"nothing")
    assert lua.mask(without).body == without


@pytest.mark.clause("M2")
@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (rb'"s3:\/\/team-data\/key"', rb'"s3:\/\/AWS_S3_001\/key"'),
        (rb'"\ud83d\ude00\u0069-0a1b2c3d\ud83d\ude00"', rb'"\ud83d\ude00AWS_EC2_001\ud83d\ude00"'),
        (rb'"\ud800\udc69-0a1b2c3d"', rb'"\ud800\udc69-0a1b2c3d"'),
        (rb'"\ud869-0a1b2c3d \ude00"', rb'"\ud869-0a1b2c3d \ude00"'),
        (rb'"\u00e4i-0a1b2c3d"', rb'"\u00e4AWS_EC2_001"'),
        (rb'"\\u0069-0a1b2c3d"', rb'"\\u0069-0a1b2c3d"'),
    ],
)
def test_escapes_mean_what_a_parser_reads(lua: LuaModules, text: bytes, masked: bytes) -> None:
    assert lua.mask(text).body == masked


@pytest.mark.clause("M6")
def test_a_base64_payload_is_left_alone(lua: LuaModules) -> None:
    payload = base64.b64encode(random.Random(6).randbytes(3000)).decode() + "/AKIAIOSFODNN7EXAMPLE"
    source = {"type": "base64", "media_type": "image/png", "data": payload}
    text = json.dumps({"source": source, "text": "AKIAIOSFODNN7EXAMPLE"}).encode()
    masked = lua.mask(text)
    assert masked.total == 1
    assert masked.body == text.replace(b'"text": "AKIAIOSFODNN7EXAMPLE"', b'"text": "AWS_ACCESS_KEY_001"')


@pytest.mark.clause("M7")
def test_numbers_follow_the_first_appearance_and_do_not_depend_on_what_follows(lua: LuaModules) -> None:
    turns = [f"i-{number % 7:017x} vpc-{number % 3:08x} 10.0.0.{number}" for number in range(20)]
    earlier = b""
    for length in range(1, len(turns) + 1):
        masked = lua.mask("\n".join(turns[:length]).encode(), "plain")
        assert masked.body is not None
        assert masked.body.startswith(earlier)
        earlier = masked.body
    assert earlier.startswith(b"AWS_EC2_001 AWS_VPC_001 AWS_PRIVATE_IP_001\nAWS_EC2_002 AWS_VPC_002")


@pytest.mark.clause("M4")
@pytest.mark.parametrize("text", [b"", b"{", b"{'a': 1}", b"[1,]", b'{"a": "\xff"}'])
def test_what_is_not_json_is_refused(lua: LuaModules, text: bytes) -> None:
    masked = lua.mask(text)
    assert masked.body is None
    assert masked.error is not None
    assert masked.error.startswith("not JSON: ")


def test_no_pattern_can_exhaust_the_stack_of_a_pcre_without_jit(lua: LuaModules) -> None:
    patterns = [base64.b64decode(rule["pattern"]) for rule in lua.rules()]
    assert len(patterns) > 20
    assert [pattern for pattern in patterns if REPEATED_GROUP.search(pattern)] == []


@pytest.mark.parametrize(
    "unit",
    [
        b"a-",
        b"a.",
        b"arn:aws:s3:::......",
        b"account ",
        b"a.amazonaws.com ",
        b"secret key:",
        b"AWS_EC2_1",
        b"10.",
    ],
)
def test_text_that_keeps_the_rules_busy_takes_time_in_proportion(lua: LuaModules, unit: bytes) -> None:
    # 4 MB took up to 150 ms on 2 cores; a rule that looked back or ahead without bound would take minutes.
    masked = lua.mask(unit * (4_000_000 // len(unit)), "plain")
    assert masked.error is None
    assert masked.elapsed_ms < 5_000


@pytest.mark.clause("M12", "M11")
@pytest.mark.parametrize(
    ("block", "masked"),
    [
        ({"type": "thinking", "thinking": "AWS_EC2_001, AWS_S3_0123", "signature": "AWS_EC2_001"}, None),
        ({"signature": "x", "thinking": '"AWS_EC2_001"\n', "type": "thinking"}, None),
        ({"type": "redacted_thinking", "data": "AWS_EC2_001"}, None),
        ({"type": "text", "text": "AWS_EC2_001"}, {"type": "text", "text": "AWS_LITERAL_001"}),
        ({"type": "x", "thinking": "AWS_EC2_001"}, {"type": "x", "thinking": "AWS_LITERAL_001"}),
        (
            {"type": "thinking", "thinking": "", "note": {"thinking": "AWS_EC2_001"}},
            {"type": "thinking", "thinking": "", "note": {"thinking": "AWS_LITERAL_001"}},
        ),
        (  # M1 outranks it
            {"type": "thinking", "thinking": f"i-{HEX_17} AWS_EC2_123456789012", "signature": "10.0.0.1"},
            {
                "type": "thinking",
                "thinking": "AWS_EC2_001 AWS_LITERAL_001",
                "signature": "AWS_PRIVATE_IP_001",
            },
        ),
    ],
)
def test_thinking_goes_upstream_as_it_came_from_there(
    lua: LuaModules, block: dict[str, object], masked: dict[str, object] | None
) -> None:
    body = json.dumps({"messages": [{"role": "assistant", "content": [block]}]}).encode()
    expected = {"messages": [{"role": "assistant", "content": [masked or block]}]}
    assert lua.mask(body).body == json.dumps(expected).encode()
