"""What the emulator encodes can be decoded, and what is broken is not taken for whole."""

from __future__ import annotations

import zlib

import pytest

from system.upstream.codings import decoded, encoder

CODINGS = ("gzip", "deflate", "br", "zstd")


def framed(coding: str, *pieces: bytes) -> bytes:
    compressor = encoder(coding)
    sent = [compressor.compress(piece) + compressor.flush(zlib.Z_SYNC_FLUSH) for piece in pieces]
    return b"".join(sent) + compressor.flush()


@pytest.mark.parametrize(
    ("coding", "text", "frame"),
    [
        # Read back by the programs brotli and zstd
        ("br", b"", "06"),
        ("br", b"hello", "40001068656c6c6f03"),
        ("zstd", b"", "28b52ffd0050010000"),
        ("zstd", b"hello", "28b52ffd005028000068656c6c6f010000"),
    ],
)
def test_stored_frames_are_as_the_standards_say(coding: str, text: bytes, frame: str) -> None:
    assert framed(coding, text).hex() == frame


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 131_073, 400_000])
def test_a_frame_of_any_size_and_pieces_holds_its_text(coding: str, size: int) -> None:
    text = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    assert decoded(coding, framed(coding, text)) == text
    assert decoded(coding, framed(coding, text[:7], text[7:])) == text


@pytest.mark.parametrize("coding", CODINGS)
def test_a_frame_that_is_cut_or_was_changed_is_none(coding: str) -> None:
    frame = framed(coding, b"a text", b"of two pieces")
    for broken in (*(frame[:size] for size in range(len(frame))), frame + b"x", b"x" + frame):
        with pytest.raises(ValueError, match="no "):
            decoded(coding, broken)
    if coding in {"br", "zstd"}:
        for changed in (frame.replace(b"a text", b"a longer text"), frame.replace(b"a text", b"text")):
            with pytest.raises(ValueError, match="no frame of stored blocks"):
                decoded(coding, changed)
