"""A request whose kept connection ends before an answer is sent again, as every client does, and its record says so."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any, cast

import pytest

from fixtures.workload.attempt import Attempt
from fixtures.workload.replies import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.workload.generator import Generator
    from fixtures.workload.plan import Planned
    from fixtures.workload.records import Record

pytestmark = pytest.mark.no_clause("the suite's own load generator")


class _Connection:
    """Ends as it is told, as soon as something is sent over it."""

    first_byte_ns = 0
    status = 0
    request_id: str | None = None
    body = b""

    def __init__(self, error: str, *, uses: int) -> None:
        self.error, self.uses = error, uses

    def send(self, _data: bytes, on_end: Callable[[_Connection], None], *, limit_bytes: float) -> None:
        assert limit_bytes == math.inf
        on_end(self)


class _Asked:
    """What an attempt asks of its generator."""

    def __init__(self, kept: _Connection, fresh: _Connection) -> None:
        self._kept, self._fresh = kept, fresh
        self._tasks: list[asyncio.Task[None]] = []
        self.records: list[Record] = []

    def identifiers(self, _planned: Planned | None) -> list[bytes]:
        return []

    def on_the_wire(self, _number: int, _planned: Planned | None, _sent: list[bytes]) -> tuple[bytes, int]:
        return b"POST", 0

    def reply_limit_bytes(self, _planned: Planned | None) -> float:
        return math.inf

    def later(self, call: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(5.0, call)

    def idle_connection(self) -> _Connection:
        return self._kept

    async def connect(self) -> _Connection:
        return self._fresh

    def spawn(self, coroutine: Any) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(coroutine))

    def judge(self, *_asked: object) -> object:
        return NOTHING

    def ended(self, record: Record, _connection: object) -> None:
        self.records.append(record)

    async def send(self) -> Record:
        planned = cast("Planned", type("Prompt", (), {"kind": type("Kind", (), {"value": "prompt"})}))
        Attempt(cast("Generator", self), 1, 0, 0, planned)
        await asyncio.gather(*self._tasks)
        return self.records[0]


@pytest.mark.parametrize(
    ("error", "uses", "resent"),
    [
        ("closed", 2, 1),
        ("reset", 2, 1),
        ("cut", 2, 0),  # within the answer: the client has it by half
        ("closed", 1, 0),  # nothing was kept: the server ended what it had just begun
        ("", 2, 0),
    ],
)
def test_a_record_says_how_often_its_request_was_sent_again(error: str, uses: int, resent: int) -> None:
    record = asyncio.run(_Asked(_Connection(error, uses=uses), _Connection("", uses=1)).send())
    assert record.resent == resent
    assert record.whole is (resent > 0 or not error)
