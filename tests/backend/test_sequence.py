"""Loss, repetition and lateness, found from sequence numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system.backend.sequence import Arrival, Gap, SequenceTracker, SourceKey, Sources

pytestmark = pytest.mark.clause("K5")

KEY = SourceKey("ip-10-0-0-12", 0, "boot-a")


def arrivals(seqs: list[int], **options: int) -> tuple[list[Arrival], SequenceTracker]:
    tracker = SequenceTracker(**options)
    return [tracker.observe(seq)[0] for seq in seqs], tracker


@pytest.mark.clause("K5")
@given(st.lists(st.integers(1, 60), min_size=1, max_size=120))
def test_what_is_counted_as_lost_is_exactly_what_did_not_come(seqs: list[int]) -> None:
    kinds, tracker = arrivals(seqs)
    seen: set[int] = set()
    expected: list[Arrival] = []
    for seq in seqs:
        late = bool(seen) and seq < max(seen)
        expected.append(Arrival.DUPLICATED if seq in seen else Arrival.LATE if late else Arrival.NEW)
        seen.add(seq)
    absent = set(range(1, max(seen))) - seen
    assert kinds == expected
    assert tracker.lost == len(absent)
    assert tracker.lost_before_first == len([seq for seq in absent if seq < seqs[0]])


@given(st.lists(st.integers(1, 60), min_size=1, max_size=120), st.integers(1, 3))
def test_with_few_gaps_remembered_nothing_is_called_lost_that_came_in_order(
    seqs: list[int], gaps_max: int
) -> None:
    kinds, tracker = arrivals(seqs, gaps_max=gaps_max)
    absent = set(range(1, max(seqs))) - set(seqs)
    assert tracker.lost >= len(absent)
    assert tracker.lost - len(absent) <= kinds.count(Arrival.UNPLACED)


def test_a_gap_is_reported_when_it_opens() -> None:
    tracker = SequenceTracker()
    assert [tracker.observe(seq)[1] for seq in (1, 2, 5, 6)] == [None, None, Gap(3, 4), None]


def test_each_source_counts_for_itself_and_a_restarted_worker_begins_anew() -> None:
    sources = Sources()
    for key, seq in [
        (KEY, 1),
        (KEY._replace(worker=1), 1),
        (KEY, 2),
        (KEY._replace(boot="boot-b"), 1),
        (KEY._replace(node="other"), 1),
    ]:
        assert sources.observe(key, seq) is Arrival.NEW
    assert sources.lost == 0


def test_the_number_of_sources_is_bounded_and_the_most_silent_one_makes_room() -> None:
    sources = Sources(sources_max=2)
    for boot, seq in [("a", 1), ("b", 1), ("a", 2), ("c", 1), ("a", 3)]:
        sources.observe(KEY._replace(boot=boot), seq)
    assert (len(sources), sources.evicted, sources.lost) == (2, 1, 0)
    sources.observe(KEY._replace(boot="a"), 5)
    assert sources.lost == 1


def test_losses_of_sources_that_made_room_stay_counted() -> None:
    sources = Sources(sources_max=1)
    for number in range(10):
        sources.observe(KEY._replace(boot=f"boot-{number}"), 3)
    assert (sources.lost, sources.lost_before_first) == (20, 20)


def test_the_label_of_a_source_does_not_show_its_node() -> None:
    assert "10-0-0-12" not in KEY.label
    assert KEY.label.startswith("worker-0-")
    assert KEY.label != KEY._replace(boot="boot-b").label
