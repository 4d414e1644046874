"""What of an answer reaches the client before the upstream sends more."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import httpx

from fixtures.promises import promised
from tests.restoring.scene import answering

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab
    from system.upstream.protocol import Framing
    from tests.restoring.scene import Scene

ARRIVAL_TIMEOUT_S = 5.0


def arrive_in_two(
    lab: Lab, path: str, said: Scene, begun: bytes, rest: bytes, framing: Framing, expected: bytes
) -> tuple[bytes, bytes]:
    """What arrived while the upstream held the rest back (as many bytes as expected, at least), and all of it.

    Raises:
        ClauseViolated: The expected bytes did not arrive before the rest was sent.
    """
    script = answering(begun + rest, stream=True, framing=framing, hold_after_bytes=len(begun))
    timeout = httpx.Timeout(30.0, read=ARRIVAL_TIMEOUT_S)
    with lab.upstream.scripted(script) as handle, ExitStack() as opened:
        headers = {"Content-Type": "application/json", **handle.headers}
        with promised("what begins no placeholder is held back", httpx.ReadTimeout):
            # Its headers may be held back as well.
            response = opened.enter_context(
                lab.client.stream("POST", path, content=said.prompt, headers=headers, timeout=timeout)
            )
            pieces = response.iter_raw()
            arrived = b""
            while len(arrived) < len(expected):
                arrived += next(pieces)
        handle.release()
        return arrived, arrived + b"".join(pieces)
