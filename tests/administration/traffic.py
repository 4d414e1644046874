"""Traffic for as long as a block runs, where it matters that there is some, not how much."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fixtures.workload.burst import burst
from fixtures.workload.sender import status_is_200

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.lab.lab import Lab
    from fixtures.workload.sender import Build, Check

AT_ONCE = 4
# Between two handfuls, so that the traffic leaves the machine to what is tested: 100 to 300 requests a second.
PAUSE_S = 0.01


@contextmanager
def traffic(lab: Lab, build: Build, *, check: Check = status_is_200) -> Iterator[None]:
    """Sends a handful of requests at once, over fresh connections, again and again; ends with the last answer.

    Unlike `fixtures.workload.load` it states no rate, so that a busy machine makes it slower instead of invalid.

    Args:
        lab: Its history gets the requests.
        build: Makes a request.
        check: Says what is wrong with a reply.
    """
    stopping = threading.Event()
    errors: list[BaseException] = []

    def send() -> None:
        try:
            while not stopping.wait(PAUSE_S):
                url = lab.stack.addresses.gateway_url
                burst(lab.history, base_url=url, build=build, count=AT_ONCE, check=check, name="traffic")
        except BaseException as error:  # noqa: BLE001  (raised again in the test's thread)
            errors.append(error)

    thread = threading.Thread(target=send, name="traffic", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
    if errors:
        raise errors[0]
