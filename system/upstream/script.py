"""The scripts that a test put, and the answers they hold back."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from system.upstream.protocol import Script, ScriptState


class ScriptEntry:
    """One script with its gate: closed until the script is released, then open for good."""

    def __init__(self, script_id: str, script: Script) -> None:
        self.id = script_id
        self.script = script
        self.requests = 0
        self._waiting = 0
        self._released = asyncio.Event()
        self._taken_out = asyncio.Event()

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until the script is taken out: nothing of it may outlast it."""
        if seconds:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._taken_out.wait(), seconds)

    async def wait_for_release(self) -> None:
        """Wait until the script is released; returns at once if it has been."""
        self._waiting += 1
        try:
            await self._released.wait()
        finally:
            self._waiting -= 1

    @property
    def is_released(self) -> bool:
        """Whether the gate is open."""
        return self._released.is_set()

    def take_out(self) -> None:
        """End every wait."""
        self._taken_out.set()
        self.release()

    def release(self) -> int:
        """Open the gate; return how many answers were waiting."""
        waiting = self._waiting
        self._released.set()
        return waiting

    def state(self) -> ScriptState:
        """Return what became of it."""
        return ScriptState(
            id=self.id,
            script=self.script,
            requests=self.requests,
            waiting=self._waiting,
            released=self._released.is_set(),
        )


class ScriptBook:
    """Scripts by id."""

    def __init__(self) -> None:
        self._entries: dict[str, ScriptEntry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, script_id: str, script: Script) -> ScriptEntry:
        """Add or replace a script; the replaced one's waiting answers are sent."""
        self.remove(script_id)
        entry = self._entries[script_id] = ScriptEntry(script_id, script)
        return entry

    def get(self, script_id: str) -> ScriptEntry | None:
        """Return a script, or None."""
        return self._entries.get(script_id)

    def remove(self, script_id: str) -> bool:
        """Take a script out and send its waiting answers; return whether it was there."""
        entry = self._entries.pop(script_id, None)
        if entry is not None:
            entry.take_out()
        return entry is not None
