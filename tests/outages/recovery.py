"""Whether events flow again in time after a fault (clause F3), or cannot be told to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.checkers.base import Figure, Verdict, conclude, unknown
from fixtures.checkers.requests import CONTROL, requests_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.history import History

NAME = "recovery"
RECOVERY_BOUND_S = 5.0
GREETING_TIMEOUT_S = 2.0
"""The plugin's own bound (`connection.lua`), which a shorter timeout of the route lowers."""


def check_recovery(
    history: History, recovery_s: Mapping[str, float | None], *, gone_ns: int, redis_timeout_s: float
) -> Verdict:
    """Judges that events flow again within the bound.

    A worker that needs longer than the timeout to answer a request past the plugin hears of Redis' replies no sooner:
    then its connections time out although Redis is well, and nobody can tell what the plugin would have done.

    Args:
        history: With the control requests.
        recovery_s: Seconds until events came back, by whose they are; None when they did not.
        gone_ns: When the fault was seen to be gone.
        redis_timeout_s: How long the gateway waits for Redis' greeting.
    """
    measured = [
        Figure(
            f"recovery_s of {name}",
            "none seen" if seconds is None else seconds,
            "s",
            bound=f"at most {RECOVERY_BOUND_S:g}",
            holds=seconds is not None and seconds <= RECOVERY_BOUND_S,
        )
        for name, seconds in recovery_s.items()
    ]
    slowest_s = _slowest_control_s(history, gone_ns, gone_ns + round(RECOVERY_BOUND_S * 1e9))
    measured.append(Figure("slowest request past the plugin meanwhile", slowest_s, "s"))
    verdict = conclude(NAME, measured)
    if not verdict.valid and slowest_s > redis_timeout_s:
        return unknown(NAME, f"the machine served nobody for {slowest_s:.1f} s; {verdict.reason}", measured)
    return verdict


def _slowest_control_s(history: History, from_ns: int, until_ns: int) -> float:
    waits = (
        (control.end_ns - control.start_ns) / 1e9
        for control in requests_of(history, CONTROL)
        if control.start_ns < until_ns and control.end_ns > from_ns
    )
    return max(waits, default=0.0)
