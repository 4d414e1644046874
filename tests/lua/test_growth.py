"""Four times the input costs four times the time, also where input is made to cost more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.lua.modules import LuaModules, Masked, Restored

pytestmark = [pytest.mark.thorough, pytest.mark.measures]

TIMES = 4
# Halfway, as factors go, between work that grows with the size (4) and with its square (16).
GROWTH_MAX = 8.0
# Both sizes by turns: what else the machine does comes and goes, and what grows too fast does so each time.
ROUNDS = 3
CHUNK_BYTES = 65_536
MILLION = 1_000_000
JSON = "application/json"
DEPTH = 4000  # what is nested deeper than 4096 is refused

ORIGINALS: Mapping[str, Sequence[bytes]] = {"ec2": [f"i-{number:017x}".encode() for number in range(1, 1001)]}


def _placeholders(count: int) -> bytes:
    texts = [f"AWS_EC2_{1 + number * 7 % 1000:03d} " for number in range(1000)]
    return b'{"content":[{"text":"' + "".join(texts).encode() * (count // 1000) + b'"}]}'


def _unissued(count: int) -> bytes:
    return b'{"content":[{"text":"' + b" ".join(b"AWS_EC2_%d" % (1000 + n) for n in range(1, count)) + b'"}]}'


def _deltas(count: int) -> bytes:
    head = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
    delta = head + b'"delta":{"type":"text_delta","text":"' + b"AWS_EC2_001 " * 8 + b'"}}\n\n'
    return delta * (count // 8)


def require_linear(cost_ms: Callable[[int], float], count: int) -> None:
    """Makes sure that the cost of `count` is in proportion to that of a quarter, in one of the rounds at least."""
    rounds = [(cost_ms(count // TIMES), cost_ms(count)) for _ in range(ROUNDS)]
    assert min(large / small for small, large in rounds) <= GROWTH_MAX, f"ms of both sizes: {rounds}"


@pytest.mark.clause("U4")
@pytest.mark.parametrize(
    ("make", "count", "media_type"),
    [
        (_placeholders, MILLION, JSON),
        (_placeholders, MILLION, "text/plain"),
        (_unissued, MILLION, JSON),
        (_deltas, MILLION, "text/event-stream"),
        (lambda count: b"[" * count, 4 * MILLION, JSON),
        (lambda count: b'{"content":[{"thinking":"' + b"\\" * count, 4 * MILLION, JSON),
    ],
    ids=["a million", "a million in text", "a million unissued", "a million in deltas", "nesting", "escapes"],
)
def test_restoring_costs_time_in_proportion(
    lua: LuaModules, make: Callable[[int], bytes], count: int, media_type: str
) -> None:
    def restore(size: int) -> Restored:
        body = make(size)
        chunks = [body[at : at + CHUNK_BYTES] for at in range(0, len(body), CHUNK_BYTES)]
        return lua.restore(chunks, ORIGINALS, media_type=media_type)

    require_linear(lambda size: restore(size).cpu_ms, count)


@pytest.mark.clause("M4")
@pytest.mark.parametrize(
    ("make", "count"),
    [
        (lambda count: b'["' + b" ".join(b"i-%017x" % number for number in range(count)) + b'"]', 200_000),
        (lambda count: b'["' + b"AWS_EC2_001 " * count + b'"]', 200_000),
        (lambda count: b"[" + b",".join([b"[" * DEPTH + b"]" * DEPTH] * count) + b"]", 400),
        (lambda count: b"[" + b",".join([b'{"a":' * DEPTH + b"1" + b"}" * DEPTH] * count) + b"]", 200),
        (lambda count: b'["' + b"i-0a1b2c3d \\n" * count + b'"]', 200_000),
        (lambda count: b'["\\n' + b"i-0a1b2c3d " * count + b'"]', 200_000),
    ],
    ids=["identifiers", "literals", "arrays", "objects", "escapes", "one escape before them all"],
)
def test_masking_costs_time_in_proportion(lua: LuaModules, make: Callable[[int], bytes], count: int) -> None:
    def mask(size: int) -> Masked:
        masked = lua.mask(make(size))
        assert masked.body is not None
        return masked

    require_linear(lambda size: mask(size).cpu_ms, count)
