"""The limit of event lines."""

import time
from collections import deque
from collections.abc import Callable


class SlidingWindow:
    """Grants at most `limit` permits in any span of `window_s`, wherever the span begins.

    A fixed window would let twice the limit pass around its edge; this keeps the times of the last `limit`
    permits and grants the next one only when the oldest of them is at least `window_s` old. Any half-open
    span [t, t + window_s) therefore holds at most `limit` permits.

    Args:
        limit: Permits per span; 0 grants none.
        window_s: Length of the span in seconds.
        clock: Seconds, never running backwards.
    """

    def __init__(
        self, limit: int, *, window_s: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._granted_at: deque[float] = deque(maxlen=limit)
        self._limit = limit
        self._window_s = window_s
        self._clock = clock

    def permit(self) -> bool:
        """Take one permit if there is one."""
        if self._limit == 0:
            return False
        now = self._clock()
        if len(self._granted_at) == self._limit and now - self._granted_at[0] < self._window_s:
            return False
        self._granted_at.append(now)
        return True
