"""Restoring gives back the originals, wherever the stream is cut, and holds back no more than it must."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lua.examples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.lua.modules import LuaModules

FAST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

ORIGINALS: dict[str, list[bytes]] = {
    "ec2": [f"i-{number:017x}".encode() for number in range(1, 13)],
    "private_ip": [b"10.0.0.1"],
    "literal": [b"AWS_EC2_001"],
    "arn": [b"100%s %1 $1 \\0"],
}
NAMES = {"ec2": "EC2", "private_ip": "PRIVATE_IP", "literal": "LITERAL", "arn": "ARN"}
KNOWN_NAMES = [*NAMES.values(), "VPC", "VPC_ENDPOINT", "S3"]
LOOKALIKE = re.compile(rb"AWS_(" + "|".join(sorted(KNOWN_NAMES, reverse=True)).encode() + rb")_([0-9]{3,})")

fragments = st.sampled_from(
    [
        "AWS_EC2_001",
        "AWS_EC2_0010",
        "AWS_EC2_012",
        "AWS_EC2_013",
        "AWS_EC2_01",
        "AWS_EC2_1",
        "AWS_PRIVATE_IP_001",
        "AWS_PRIVATE_IP_002",
        "AWS_LITERAL_001",
        "AWS_ARN_001",
        "AWS_VPC_001",
        "AWS_VPC_ENDPOINT_001",
        "AWS_S3_00",
        "AWS_AWS_EC2_001",
        "AWS_EC2_AWS_EC2_001",
        "AWS_NAWS_EC2_001",
        "AWS_VPCAWS_EC2_002",
        "AWS_",
        "AWS",
        "AW",
        "A",
        "_",
        "1",
        "0",
        "x",
        "aws_ec2_001",
        "EC2_001",
        " ",
    ]
)


def cut(text: bytes, at: Sequence[int]) -> list[bytes]:
    """The text in pieces, cut at the offsets; an empty one ends it, as in nginx."""
    bounds = [0, *sorted(at), len(text)]
    return [text[first:last] for first, last in itertools.pairwise(bounds)] + [b""]


def expected(text: bytes, originals: Mapping[str, Sequence[bytes]]) -> tuple[bytes, int, int]:
    """The restored text, and how many placeholders were restored and left, by one regular expression."""
    issued = {
        f"AWS_{NAMES[kind]}_{number:03d}".encode(): original
        for kind, listed in originals.items()
        for number, original in enumerate(listed, start=1)
    }
    found = [match[0] for match in LOOKALIKE.finditer(text)]
    restored = sum(1 for placeholder in found if placeholder in issued)
    whole = LOOKALIKE.sub(lambda match: issued.get(match[0], match[0]), text)
    return whole, restored, len(found) - restored


@pytest.mark.clause("U1", "U2", "U3", "U6")
@FAST
@given(parts=st.lists(fragments, max_size=12), data=st.data())
def test_every_cut_gives_what_the_uncut_text_gives(
    lua: LuaModules, parts: Sequence[str], data: st.DataObject
) -> None:
    text = "".join(parts).encode()
    at = data.draw(st.lists(st.integers(0, len(text)), max_size=12))
    restored = lua.restore(cut(text, at), ORIGINALS)
    assert (restored.body, restored.restored, restored.residual) == expected(text, ORIGINALS)
    assert restored.bytes_seen == len(text)


@pytest.mark.clause("U1")
@pytest.mark.parametrize(
    "text",
    [b"see AWS_EC2_001 and AWS_EC2_0010.", b"AWS_AWS_EC2_012", b"AWS_NAWS_EC2_012", b"AWS_PRIVATE_IP_001"],
)
def test_a_placeholder_is_restored_when_cut_at_every_byte(lua: LuaModules, text: bytes) -> None:
    whole = expected(text, ORIGINALS)
    for offset in range(len(text) + 1):
        restored = lua.restore(cut(text, [offset]), ORIGINALS)
        assert (restored.body, restored.restored, restored.residual) == whole
    single_bytes = lua.restore(cut(text, range(1, len(text))), ORIGINALS)
    assert single_bytes.body == whole[0]


@pytest.mark.clause("U1")
def test_numbers_beyond_three_digits_are_whole_numbers(lua: LuaModules) -> None:
    originals = {"ec2": [f"i-{number:08x}".encode() for number in range(1, 1002)]}
    text = b"AWS_EC2_100 AWS_EC2_1000 AWS_EC2_1001 AWS_EC2_1002 AWS_EC2_10000 AWS_EC2_0100"
    for offset in range(len(text) + 1):
        restored = lua.restore(cut(text, [offset]), originals)
        assert restored.body == b"i-00000064 i-000003e8 i-000003e9 AWS_EC2_1002 AWS_EC2_10000 AWS_EC2_0100"
        assert (restored.restored, restored.residual) == (3, 3)


@pytest.mark.clause("U4")
@FAST
@given(parts=st.lists(fragments, max_size=8))
def test_no_more_is_held_back_than_may_become_an_issued_placeholder(
    lua: LuaModules, parts: Sequence[str]
) -> None:
    text = "".join(parts).encode()
    issued = [
        f"AWS_{NAMES[kind]}_{number:03d}".encode()
        for kind, listed in ORIGINALS.items()
        for number in range(1, len(listed) + 1)
    ]
    # Fed as one chunk with nothing behind it yet: what is missing at once must be such a beginning.
    restored = lua.restore([text, b""], ORIGINALS)
    held = max(
        (text[at:] for at in range(len(text)) if any(i.startswith(text[at:]) for i in issued)),
        key=len,
        default=b"",
    )
    within = LOOKALIKE.search(text)
    if within is None:
        assert restored.pieces[0] == text[: len(text) - len(held)]
        assert restored.pieces[1] == held
    else:
        assert len(restored.pieces[1]) <= max(
            len(original) for listed in ORIGINALS.values() for original in listed
        )


@pytest.mark.clause("U4")
@pytest.mark.parametrize(
    "text", [b"plain text", b"AWS_RDS_00", b"AWS_VPC_", b"AWS_EC2_9", b"AWS_EC2_0010", b"aws"]
)
def test_text_that_starts_no_issued_placeholder_leaves_at_once(lua: LuaModules, text: bytes) -> None:
    assert lua.restore([text, b""], ORIGINALS).pieces == [text, b""]


@pytest.mark.clause("U4")
def test_nothing_is_held_back_when_nothing_was_issued(lua: LuaModules) -> None:
    restored = lua.restore([b"AWS", b"_EC2_00", b"1", b""], {})
    assert restored.pieces == [b"AWS", b"_EC2_00", b"1", b""]
    assert (restored.restored, restored.residual) == (0, 1)


@pytest.mark.clause("U5")
@FAST
@given(parts=st.lists(fragments, max_size=8), data=st.data())
def test_beyond_the_limit_bytes_pass_and_no_placeholder_is_cut(
    lua: LuaModules, parts: Sequence[str], data: st.DataObject
) -> None:
    text = "".join(parts).encode()
    size_max = data.draw(st.integers(1, len(text) + 1))
    at = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    restored = lua.restore(cut(text, at), ORIGINALS, size_max=size_max)
    # A placeholder that begins within the limit is restored whole.
    inside = size_max
    for match in LOOKALIKE.finditer(text):
        if match.start() < size_max < match.end():
            inside = match.end()
    whole, _, _ = expected(text[:inside], ORIGINALS)
    assert restored.body == whole + text[inside:]
    assert restored.truncated == (len(text) > size_max)


@pytest.mark.clause("U5")
def test_the_limit_does_not_move_with_the_cuts(lua: LuaModules) -> None:
    text = b"AWS_EC2_001AWS_AWS_EC2_001"
    for offset in range(len(text) + 1):
        assert (
            lua.restore(cut(text, [offset]), ORIGINALS, size_max=12).body == ORIGINALS["ec2"][0] + text[11:]
        )


@pytest.mark.clause("U2")
@FAST
@given(original=st.binary(min_size=1, max_size=12).filter(lambda text: text.isascii()))
def test_an_original_with_special_characters_stays_one_json_string(lua: LuaModules, original: bytes) -> None:
    restored = lua.restore([b'{"text":"<AWS_ARN_001>"}'], {"arn": [original]}, media_type="application/json")
    assert json.loads(restored.body) == {"text": f"<{original.decode()}>"}


@pytest.mark.clause("U1", "M11")
@FAST
@given(
    parts=st.lists(st.sampled_from([sample.whole for sample in EXAMPLES]) | fragments, max_size=8),
    data=st.data(),
)
def test_a_masked_text_comes_back_as_it_was(
    lua: LuaModules, parts: Sequence[str], data: st.DataObject
) -> None:
    text = " ".join(parts).encode()
    masked = lua.mask(text, "plain")
    assert masked.body is not None
    at = data.draw(st.lists(st.integers(0, len(masked.body)), max_size=10))
    restored = lua.restore(cut(masked.body, at), masked.originals)
    assert restored.body == text
    assert (restored.restored, restored.residual) == (masked.total, 0)


@pytest.mark.clause("U4")
@pytest.mark.parametrize(
    "unit", [b"lorem AWS_EC2_001 ipsum ", b"AWS_", b"AWS_EC2_0", b"A", b"AWS_EC2_" + b"1" * 500]
)
def test_ten_megabytes_take_time_in_proportion(lua: LuaModules, unit: bytes) -> None:
    # Up to 250 ms on 2 cores; work that grows with the square of the size would take minutes.
    chunk = (unit * (65_536 // len(unit) + 1))[:65_536]
    restored = lua.restore([chunk] * 160, ORIGINALS)
    assert restored.cpu_ms < 5_000
