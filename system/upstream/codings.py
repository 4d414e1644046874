"""The content codings `br` and `zstd` without a compressor: frames of blocks that are stored as they are.

Any decoder of Brotli (RFC 7932) and Zstandard (RFC 8878) reads them. That they hold their text in clear is of use: who
changes it in there, as if it were not encoded, breaks the lengths of the blocks.
"""

from __future__ import annotations

import zlib
from typing import ClassVar, Protocol

_WBITS = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
_BR_BLOCK_MAX = 1 << 16
_BR_LAST_EMPTY = 0b11
_BR_STORED = 1 << 19
_ZSTD_BLOCK_MAX = 1 << 17
# Magic number; a frame without its size, checksum and dictionary; a window of 1 MiB
_ZSTD_HEAD = b"\x28\xb5\x2f\xfd\x00\x50"
_ZSTD_LAST = 1


class Encoder(Protocol):
    """What `zlib.compressobj` makes, as far as it is used."""

    def compress(self, data: bytes | memoryview, /) -> bytes:
        """Take a piece; return what can be sent."""

    def flush(self, mode: int = zlib.Z_FINISH, /) -> bytes:
        """Return what was held back; unless told otherwise, end the frame."""


class _Stored:
    """An encoder that stores blocks of at most `block_bytes_max` bytes."""

    block_bytes_max: ClassVar[int]

    def __init__(self) -> None:
        self.is_begun = False

    def compress(self, data: bytes | memoryview, /) -> bytes:
        """See `Encoder`."""
        blocks = bytearray()
        for at in range(0, len(data), self.block_bytes_max):
            block = bytes(data[at : at + self.block_bytes_max])
            blocks += self.head(len(block)) + block
            self.is_begun = True
        return bytes(blocks)

    def flush(self, mode: int = zlib.Z_FINISH, /) -> bytes:
        """See `Encoder`."""
        return self.end() if mode == zlib.Z_FINISH else b""

    def head(self, size: int) -> bytes:
        """Return what stands before a block, the first of a frame with the frame's head."""
        raise NotImplementedError

    def end(self) -> bytes:
        """Return the empty last block."""
        raise NotImplementedError


class StoredBr(_Stored):
    """Meta-blocks without compression."""

    block_bytes_max = _BR_BLOCK_MAX

    def head(self, size: int) -> bytes:
        """See the base. The first block's head stands behind the one bit of the window's size."""
        bits = (size - 1) << 3 | _BR_STORED
        return (bits if self.is_begun else bits << 1).to_bytes(3, "little")

    def end(self) -> bytes:
        """See the base."""
        return bytes([_BR_LAST_EMPTY if self.is_begun else _BR_LAST_EMPTY << 1])


class StoredZstd(_Stored):
    """Raw blocks."""

    block_bytes_max = _ZSTD_BLOCK_MAX

    def head(self, size: int) -> bytes:
        """See the base."""
        return (b"" if self.is_begun else _ZSTD_HEAD) + (size << 3).to_bytes(3, "little")

    def end(self) -> bytes:
        """See the base."""
        return (b"" if self.is_begun else _ZSTD_HEAD) + _ZSTD_LAST.to_bytes(3, "little")


def encoder(coding: str) -> Encoder:
    """Return an encoder of ``gzip``, ``deflate``, ``br`` or ``zstd``."""
    if coding in {"br", "zstd"}:
        return StoredBr() if coding == "br" else StoredZstd()
    return zlib.compressobj(wbits=_WBITS[coding])


def decoded(coding: str, frame: bytes) -> bytes:
    """Return what a whole frame holds.

    Raises:
        ValueError: It is no such frame, or, of ``br`` and ``zstd``, none whose blocks are all stored.
    """
    if coding in {"br", "zstd"}:
        return _unstored(StoredBr() if coding == "br" else StoredZstd(), frame)
    decoder = zlib.decompressobj(wbits=_WBITS[coding])
    try:
        data = decoder.decompress(frame) + decoder.flush()
    except zlib.error as error:
        raise ValueError(f"no {coding}: {error}") from None
    if not decoder.eof or decoder.unused_data:
        raise ValueError(f"no {coding}: cut, or more behind it")
    return data


def _unstored(stored: StoredBr | StoredZstd, frame: bytes) -> bytes:
    data, at = bytearray(), 0
    while frame[at:] != stored.end():
        size = _size_at(stored, frame, at)
        head = stored.head(size) if 0 < size <= stored.block_bytes_max else b""
        block = frame[at + len(head) : at + len(head) + size]
        if not head or frame[at : at + len(head)] != head or len(block) < size:
            raise ValueError("no frame of stored blocks")
        data += block
        at += len(head) + size
        stored.is_begun = True
    return bytes(data)


def _size_at(stored: StoredBr | StoredZstd, frame: bytes, at: int) -> int:
    """Return how many bytes the block at an offset says that it holds."""
    if isinstance(stored, StoredBr):
        bits = int.from_bytes(frame[at : at + 3], "little") >> (0 if stored.is_begun else 1)
        return (bits >> 3 & (_BR_BLOCK_MAX - 1)) + 1
    first = at + (0 if stored.is_begun else len(_ZSTD_HEAD))
    return int.from_bytes(frame[first : first + 3], "little") >> 3
