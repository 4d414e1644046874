"""Loss and repetition, found from the numbers that each source gives its events.

Each source (node, worker, boot) numbers its events 1, 2, 3 … . A number that never came is a lost event; so
a subscriber that joins late counts what it missed, and says separately how much of it lay before the first
event that it saw. What a source lost at its very end is not visible: no later number follows.
"""

import time
from bisect import bisect_right
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final, NamedTuple

GAPS_PER_SOURCE_MAX: Final = 256
"""Open gaps that a source keeps; older ones stay counted as lost, and a late event no longer closes them."""

SOURCES_MAX: Final = 1_024
"""Sources that are followed; the one that was silent longest makes room for a new one."""

RECENT_GAPS_MAX: Final = 64


class SourceKey(NamedTuple):
    """One counter's life."""

    node: str
    worker: int
    boot: str

    @property
    def label(self) -> str:
        """A short name without the node's own, which on AWS is an address (`ip-10-0-0-1`)."""
        digest = sha256(f"{self.node} {self.boot}".encode()).hexdigest()
        return f"worker-{self.worker}-{digest[:8]}"


class Arrival(StrEnum):
    """How an event's number relates to those before it."""

    NEW = "new"
    LATE = "late"
    DUPLICATED = "duplicated"
    UNPLACED = "unplaced"


class Gap(NamedTuple):
    """Numbers that did not come, both ends included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many numbers it spans."""
        return self.last - self.first + 1


class SequenceTracker:
    """The numbers of one source: which came, which are missing. Memory is bounded by `gaps_max`."""

    def __init__(self, *, gaps_max: int = GAPS_PER_SOURCE_MAX) -> None:
        self._gaps_max = gaps_max
        self._next = 1
        self._gaps: list[Gap] = []
        self._forgotten_to = 0
        self._leading_to = 0
        self.lost = 0
        self.lost_before_first = 0

    def observe(self, seq: int) -> tuple[Arrival, Gap | None]:
        """Take note of a number.

        Returns:
            How it relates to those before, and the gap that it opened, if any.
        """
        if seq < self._next:
            return self._observe_past(seq), None
        opened = Gap(self._next, seq - 1) if seq > self._next else None
        if opened is not None:
            self._open(opened)
        self._next = seq + 1
        return Arrival.NEW, opened

    def _open(self, gap: Gap) -> None:
        self.lost += gap.size
        if gap.first == 1:
            self._leading_to = gap.last
            self.lost_before_first = gap.size
        self._gaps.append(gap)
        if len(self._gaps) > self._gaps_max:
            self._forgotten_to = self._gaps.pop(0).last

    def _observe_past(self, seq: int) -> Arrival:
        if seq <= self._forgotten_to:
            return Arrival.UNPLACED
        index = bisect_right(self._gaps, seq, key=lambda gap: gap.first) - 1
        if index < 0 or seq > self._gaps[index].last:
            return Arrival.DUPLICATED
        first, last = self._gaps[index]
        rest = [Gap(*ends) for ends in ((first, seq - 1), (seq + 1, last)) if ends[0] <= ends[1]]
        self._gaps[index : index + 1] = rest
        if len(self._gaps) > self._gaps_max:
            self._forgotten_to = self._gaps.pop(0).last
        self.lost -= 1
        if seq <= self._leading_to:
            self.lost_before_first -= 1
        return Arrival.LATE


@dataclass(frozen=True, slots=True)
class FoundGap:
    """A gap at the moment it was found; `found_at` is in seconds since the epoch."""

    source: str
    gap: Gap
    found_at: float


class Sources:
    """All sources that were heard, bounded by `sources_max`, with the sums over all that ever were."""

    def __init__(
        self, *, sources_max: int = SOURCES_MAX, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self._sources_max = sources_max
        self._wall_clock = wall_clock
        self._trackers: OrderedDict[SourceKey, SequenceTracker] = OrderedDict()
        self.evicted = 0
        self.lost = 0
        self.lost_before_first = 0
        self.recent_gaps: deque[FoundGap] = deque(maxlen=RECENT_GAPS_MAX)

    def __len__(self) -> int:
        return len(self._trackers)

    def observe(self, key: SourceKey, seq: int) -> Arrival:
        """Take note of one event's number."""
        tracker = self._trackers.get(key)
        if tracker is None:
            tracker = self._trackers[key] = SequenceTracker()
            if len(self._trackers) > self._sources_max:
                self._trackers.popitem(last=False)
                self.evicted += 1
        else:
            self._trackers.move_to_end(key)
        lost, lost_before_first = tracker.lost, tracker.lost_before_first
        arrival, opened = tracker.observe(seq)
        self.lost += tracker.lost - lost
        self.lost_before_first += tracker.lost_before_first - lost_before_first
        if opened is not None:
            self.recent_gaps.append(FoundGap(key.label, opened, self._wall_clock()))
        return arrival
