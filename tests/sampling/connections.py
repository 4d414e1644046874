"""Many requests in little time: pipelined over a few connections that know their order.

A connection stays with one worker of the gateway, so the events of its sampled requests tell which worker decided
over all of its requests. Bodies would only cost time: the sampler sees nothing but the request id.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httptools
import uvloop

from fixtures.failures import InvalidRun
from fixtures.workload.sender import REQUEST_ID_HEADER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fixtures.lab.lab import Lab, LabRoute

# In flight per connection: enough that neither side waits for the other.
_DEPTH = 32
_TIMEOUT_S = 60.0


def request_ids(lab: Lab, route: LabRoute, *, connections: int, each: int) -> list[list[str]]:
    """Sends `each` requests over each of `connections` connections.

    Returns:
        The ids of each connection's requests, in order.

    Raises:
        InvalidRun: A request was not answered with 200.
    """
    url = urlsplit(lab.stack.addresses.gateway_url)
    head = f"GET {route.path} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode()

    async def send_all() -> Sequence[list[str]]:
        async with asyncio.timeout(_TIMEOUT_S):
            return await asyncio.gather(
                *(_send(url.hostname or "", url.port or 80, head, each) for _ in range(connections))
            )

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return list(runner.run(send_all()))


async def _send(host: str, port: int, head: bytes, count: int) -> list[str]:
    reader, writer = await asyncio.open_connection(host, port)
    answers = _Answers()
    parser = httptools.HttpResponseParser(answers)
    answers.parser = parser
    sent = 0
    try:
        while len(answers.ids) < count:
            room = min(count, len(answers.ids) + _DEPTH) - sent
            if room >= _DEPTH // 2 or sent + room == count:
                writer.write(head * room)
                sent += room
            data = await reader.read(1 << 16)
            if not data:
                raise InvalidRun(
                    f"the gateway closed a connection after {len(answers.ids)} of {count} answers"
                )
            parser.feed_data(data)
    finally:
        writer.close()
    return answers.ids


class _Answers:
    """Callbacks of the parser: collects the request id of each answer."""

    parser: httptools.HttpResponseParser

    def __init__(self) -> None:
        self.ids: list[str] = []
        self._id = ""

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == REQUEST_ID_HEADER.lower().encode():
            self._id = value.decode()

    def on_message_complete(self) -> None:
        status = self.parser.get_status_code()
        if status != 200 or not self._id:
            raise InvalidRun(
                f"a request of the sampling traffic was answered with {status}, not with 200 and an id"
            )
        self.ids.append(self._id)
        self._id = ""
