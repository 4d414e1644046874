"""Sending a response as its script wants it: at once or in pieces, late, held back, or cut off."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from system.upstream import receiver
from system.upstream.protocol import BreakKind, Framing
from system.upstream.response import chunk, last_chunk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from system.upstream.http1 import Connection, Request
    from system.upstream.response import Response
    from system.upstream.script import ScriptEntry

_FILLER = memoryview(b" " * 16 * 1024)

_log = structlog.get_logger()


@dataclass(slots=True)
class Delivery:
    """One response on its way to one client."""

    connection: Connection
    request: Request
    response: Response
    framing: Framing
    _receiver_reads: bool = True

    @classmethod
    def of(
        cls, connection: Connection, request: Request, response: Response, framing: Framing | None
    ) -> Delivery:
        """Choose the framing: what is asked, as far as the client's HTTP version and the status allow it."""
        if framing is None:
            framing = Framing.CHUNKED if response.boundaries else Framing.CONTENT_LENGTH
        if framing is Framing.CHUNKED and request.http_version == "1.0":
            framing = Framing.CLOSE
        if framing is Framing.CLOSE and not response.bodiless and request.method != "HEAD":
            request.keep_alive = False
        return cls(connection, request, response, framing)

    def send_at_once(self) -> None:
        """Write all of it."""
        parts: list[bytes | memoryview] = [self._head()]
        if self._has_body:
            parts += self._framed_body()
        self.connection.write(*parts)

    async def send_as_scripted(self, entry: ScriptEntry) -> None:
        """Write it piece by piece; may end by breaking the connection."""
        script = entry.script
        if script.hold:
            await entry.wait_for_release()
        await entry.pause(script.first_byte_delay_s)
        if script.break_before_head:
            self._break(script.break_kind)
            return
        self.connection.write(self._head())
        await self._arrived()
        if not self._has_body:
            return
        sent_bytes = 0
        for piece in self._pieces(entry):
            if sent_bytes == script.hold_after_bytes:
                await entry.wait_for_release()
            if sent_bytes == script.break_after_bytes:
                break
            if sent_bytes:
                await entry.pause(script.chunk_delay_s)
            self.connection.write(*(chunk(piece) if self.framing is Framing.CHUNKED else (piece,)))
            await self._arrived(at_once=not script.chunk_delay_s)
            sent_bytes += len(piece)
        if script.hold_after_bytes is not None and script.hold_after_bytes >= sent_bytes:
            await entry.wait_for_release()
        if script.endless:
            await self._go_on(entry)
        if script.break_after_bytes is not None:
            self._break(script.break_kind)
        elif self.framing is Framing.CHUNKED:
            self.connection.write(last_chunk(script.trailers))
            await self.connection.flush()

    async def _go_on(self, entry: ScriptEntry) -> None:
        """Send filler until the script lets the answer end (a client that goes cancels this)."""
        while not entry.is_released:
            self.connection.write(*(chunk(_FILLER) if self.framing is Framing.CHUNKED else (_FILLER,)))
            await self.connection.flush()  # nobody tells one piece of filler from the next
            # Others have to get their turn, also where there is no delay.
            await asyncio.sleep(0)
            await entry.pause(entry.script.chunk_delay_s)

    @property
    def _has_body(self) -> bool:
        return self.request.method != "HEAD" and not self.response.bodiless

    def _head(self) -> bytes:
        return self.response.head(
            self.framing, keep_alive=self.request.keep_alive, http_1_0=self.request.http_version == "1.0"
        )

    def _framed_body(self) -> Iterator[bytes | memoryview]:
        if self.framing is not Framing.CHUNKED:
            yield self.response.body
            return
        for piece in self.response.pieces(self.response.boundaries):
            yield from chunk(piece)
        yield last_chunk({})

    def _pieces(self, entry: ScriptEntry) -> Iterator[memoryview]:
        script = entry.script
        size = len(self.response.body)
        cuts: set[int] = set(script.cuts)
        if script.chunk_bytes:
            cuts.update(range(script.chunk_bytes, size, script.chunk_bytes))
        if not cuts:
            cuts.update(self.response.boundaries)
        cuts.update(_given(script.hold_after_bytes, script.break_after_bytes))
        return self.response.pieces(sorted(cuts))

    async def _arrived(self, *, at_once: bool = True) -> None:
        """Wait until the receiver has read what was written, so that what follows is another read for it.

        Where that can't be known, and for one that does not read, the kernel's taking it is all.

        Args:
            at_once: See `receiver.has_read`.
        """
        await self.connection.flush()
        if not self._receiver_reads:
            return
        if await receiver.has_read(self.connection.socket, at_once=at_once) is False:
            self._receiver_reads = False
            _log.warning("receiver_does_not_read", connection=self.connection.number)

    def _break(self, kind: BreakKind) -> None:
        if kind is BreakKind.RESET:
            self.connection.reset()
        else:
            self.connection.close()


def is_plain(entry: ScriptEntry) -> bool:
    """Whether a script leaves it to the emulator how the answer is sent."""
    script = entry.script
    return not (
        script.cuts
        or script.chunk_bytes
        or script.trailers
        or script.first_byte_delay_s
        or script.chunk_delay_s
        or script.endless
        or script.hold
        or script.hold_after_bytes is not None
        or script.break_before_head
        or script.break_after_bytes is not None
    )


def _given(*offsets: int | None) -> Sequence[int]:
    return [offset for offset in offsets if offset is not None]
