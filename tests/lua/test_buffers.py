"""What restored bytes are put into has the size that they need, whatever was in it before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.lua.modules import LuaModules

ORIGINAL = b"i-0123456789abcdef0"
PLACEHOLDER = b"AWS_EC2_001"
# Twice what the plugin keeps of such memory, and back.
SIZES_BYTES = (10, 100_000, 500_000, 20_000, 500_000, 5)


@pytest.mark.clause("U1")
def test_a_large_piece_between_small_ones_is_restored(lua: LuaModules) -> None:
    pieces = [b"%d %s." % (size, PLACEHOLDER) * (size // 16 + 1) for size in SIZES_BYTES]
    restored = lua.restore(pieces, {"ec2": [ORIGINAL]})
    assert restored.pieces == [piece.replace(PLACEHOLDER, ORIGINAL) for piece in pieces]


@pytest.mark.clause("U4")
def test_blanks_have_the_size_that_was_asked_for(lua: LuaModules) -> None:
    # Else the pieces would still be right, but each would cost a string of its own (response_piece.lua).
    sizes = [*range(1, 9000), *(at + near for at in range(12_288, 270_000, 4096) for near in (-1, 0, 1))]
    assert lua.blank_sizes(sizes) == sizes
