"""Waiting times between attempts to connect."""

import random
from typing import Final

FIRST_S: Final = 0.1


class Backoff:
    """Doubles from `FIRST_S` up to a cap; each wait is drawn from the upper half, so that clients spread.

    Args:
        max_s: The cap; no wait is longer.
        rng: Source of the jitter.
    """

    def __init__(self, max_s: float, *, rng: random.Random | None = None) -> None:
        self._max_s = max_s
        self._rng = rng or random.Random()  # noqa: S311  # jitter, not a secret
        self._ceiling_s = min(FIRST_S, max_s)

    def next_wait_s(self) -> float:
        """Draw the next wait in seconds: between half the ceiling and the ceiling, which then doubles."""
        ceiling_s = self._ceiling_s
        self._ceiling_s = min(2 * ceiling_s, self._max_s)
        return self._rng.uniform(ceiling_s / 2, ceiling_s)

    def reset(self) -> None:
        """Begin again with the shortest wait."""
        self._ceiling_s = min(FIRST_S, self._max_s)
