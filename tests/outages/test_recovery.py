"""A late recovery is the plugin's unless the machine served nobody."""

from __future__ import annotations

import pytest

from fixtures.checkers.base import State
from fixtures.history import History
from tests.outages.recovery import check_recovery

pytestmark = pytest.mark.no_clause("a judge of these tests, on made histories")

SECOND_NS = 1_000_000_000
GONE_NS = 100 * SECOND_NS


def state_of(recovery_s: float | None, *, control_s: float, control_at_s: float = 1.0) -> State:
    history = History()
    start_ns = GONE_NS + round(control_at_s * SECOND_NS)
    history.invoke("control", process="control/1", value={}, time_ns=start_ns)
    history.ok(
        "control", process="control/1", value={"status": 200}, time_ns=start_ns + round(control_s * SECOND_NS)
    )
    by_worker = {"worker 0": 0.3, "worker 1": recovery_s}
    return check_recovery(history, by_worker, gone_ns=GONE_NS, redis_timeout_s=0.6).state


@pytest.mark.parametrize(
    ("recovery_s", "control_s", "state"),
    [
        (4.9, 0.01, State.VALID),
        (4.9, 3.0, State.VALID),  # in time all the same
        (5.1, 0.01, State.INVALID),
        (None, 0.5, State.INVALID),
        (17.7, 0.7, State.UNKNOWN),
        (None, 7.0, State.UNKNOWN),
    ],
)
def test_a_late_recovery_is_judged_where_workers_could_hear_redis(
    recovery_s: float | None, control_s: float, state: State
) -> None:
    assert state_of(recovery_s, control_s=control_s) is state


def test_a_stall_of_another_time_excuses_nothing() -> None:
    assert state_of(17.7, control_s=3.0, control_at_s=-3.5) is State.INVALID
    assert state_of(17.7, control_s=3.0, control_at_s=5.5) is State.INVALID
