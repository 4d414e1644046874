"""A schedule keeps what it states, whatever it is drawn from, and an impossible one is told in one line."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.chaos.schedule import Offered, Schedule, Shape, draw_schedule
from fixtures.errors import OptionError

TARGETS = ("redis", "wire", "upstream", "gateway", "backend")
OFFER = [
    Offered(name=f"{target}_{number}", target=target, draw=lambda rng: {"share": rng.random()})
    for target in TARGETS
    for number in range(3)
]

shapes = st.builds(
    lambda at_once_max, calm_s, shortest_s, more_s: Shape(
        at_once_max=at_once_max, calm_s=calm_s, lasts_s=(shortest_s, shortest_s + more_s)
    ),
    at_once_max=st.integers(1, 4),
    calm_s=st.integers(0, 20),
    shortest_s=st.sampled_from([0.25, 1.0, 5.0]),
    more_s=st.sampled_from([0.0, 0.1, 20.0]),
)
# Other tests run beside: how long one example takes says nothing.
untimed = settings(deadline=None)
offers = st.lists(st.sampled_from(OFFER), min_size=1, max_size=6, unique_by=lambda fault: fault.name)


def drawn(offer: list[Offered], shape: Shape, seed: int, extra_s: int) -> Schedule:
    duration_s = 1.0 + shape.calm_s + shape.lasts_s[0] + extra_s
    return draw_schedule(offer, seed=seed, duration_s=duration_s, shape=shape)


@untimed
@given(offers, shapes, st.integers(0, 2**31), st.integers(0, 120))
def test_a_drawn_schedule_keeps_what_it_states(
    offer: list[Offered], shape: Shape, seed: int, extra_s: int
) -> None:
    schedule = drawn(offer, shape, seed, extra_s)
    assert schedule.faults
    moments = sorted({fault.at_s for fault in schedule.faults})
    for moment in moments:
        there = [fault for fault in schedule.faults if fault.at_s <= moment < fault.end_s]
        assert len(there) <= shape.at_once_max
        assert len({fault.side for fault in there}) == len(there)
    for before, after in pairwise(schedule.episodes()):
        assert after[0].at_s - max(fault.end_s for fault in before) >= shape.calm_s - 1e-6
    assert all(fault.end_s <= schedule.duration_s for fault in schedule.faults)


@untimed
@given(offers, shapes, st.integers(0, 2**31), st.integers(0, 120))
def test_the_same_seed_gives_the_same_schedule_also_when_stored(
    offer: list[Offered], shape: Shape, seed: int, extra_s: int
) -> None:
    schedule = drawn(offer, shape, seed, extra_s)
    assert schedule == drawn(offer, shape, seed, extra_s)
    stored = json.loads(json.dumps(schedule.model_dump(mode="json")))
    assert Schedule.parse(stored, source="a file") == schedule


@untimed
@given(offers, shapes, st.integers(0, 2**31), st.integers(0, 120), st.data())
def test_a_part_of_a_schedule_keeps_what_overlaps_and_is_shorter(
    offer: list[Offered], shape: Shape, seed: int, extra_s: int, data: st.DataObject
) -> None:
    schedule = drawn(offer, shape, seed, extra_s)
    numbers = data.draw(st.lists(st.sampled_from([fault.number for fault in schedule.faults]), unique=True))
    part = schedule.with_only(numbers)
    assert [fault.fault for fault in part.faults] == [
        schedule.faults[number].fault for number in sorted(numbers)
    ]
    assert [fault.lasts_s for fault in part.faults] == [
        schedule.faults[number].lasts_s for number in sorted(numbers)
    ]
    if not numbers:
        assert part.duration_s == pytest.approx(1.0)


def test_every_fault_comes_before_any_comes_again() -> None:
    schedule = draw_schedule(OFFER, seed=5, duration_s=600.0, shape=Shape(at_once_max=1))
    names = [fault.fault for fault in schedule.faults]
    assert set(names[: len(OFFER)]) == {fault.name for fault in OFFER}


def test_a_weight_says_how_often_a_fault_is_drawn() -> None:
    offer = [Offered(name="often", target="redis", weight=3), Offered(name="seldom", target="redis")]
    names = [fault.fault for fault in draw_schedule(offer, seed=5, duration_s=2000.0).faults]
    assert names.count("often") > 2.5 * names.count("seldom")


def test_faults_overlap_now_and_then() -> None:
    schedule = draw_schedule(OFFER, seed=5, duration_s=600.0, shape=Shape(at_once_max=2))
    assert {len(episode) for episode in schedule.episodes()} == {1, 2}


@pytest.mark.parametrize(
    ("shape", "duration_s", "said"),
    [
        (Shape(), 5.0, "seconds of chaos=5: must be 10 or more: 2 s for a fault, 7 s of calm"),
        (Shape(at_once_max=0), 60.0, "faults at once=0: must be 1 or more"),
        (Shape(lasts_s=(4.0, 2.0)), 60.0, "a fault's seconds=4 to 2: must be 0 < shortest <= longest"),
        (Shape(calm_s=-1.0), 60.0, "calm of 0 or more"),
    ],
)
def test_an_impossible_shape_is_told_in_one_line(shape: Shape, duration_s: float, said: str) -> None:
    with pytest.raises(OptionError, match=said) as caught:
        draw_schedule(OFFER, seed=1, duration_s=duration_s, shape=shape)
    assert "\n" not in str(caught.value)


def test_nothing_offered_is_told() -> None:
    with pytest.raises(OptionError, match="at least one fault has to be offered"):
        draw_schedule([], seed=1, duration_s=60.0)


def fault(number: int, at_s: float, lasts_s: float, target: str = "redis") -> dict[str, object]:
    return {"number": number, "fault": f"{target}_x", "target": target, "at_s": at_s, "lasts_s": lasts_s}


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ([fault(0, 50, 20)], r"fault 0 \(redis_x\) ends at 70 s, after the phase's 60 s"),
        ([fault(0, 20, 5), fault(1, 1, 5)], "fault 1 .* begins before fault 0"),
        ([fault(0, 1, 9), fault(1, 5, 2, "wire")], r"fault 0 .* overlaps with fault 1 \(wire_x\) on events"),
        (
            [fault(0, 1, 9), fault(1, 2, 2, "gateway"), fault(2, 3, 2, "upstream")],
            "fault 2 .* one of 3 at once, at most 2",
        ),
        ([fault(0, 1, 5), fault(1, 8, 5)], "2 s of calm before fault 1 .*, at least 7 s are stated"),
        ([fault(3, 1, 5)], "fault 0 .* has number 3, must be 0"),
    ],
)
def test_a_stored_schedule_that_contradicts_itself_is_told_in_one_line(
    faults: list[dict[str, object]], said: str
) -> None:
    data = {"seed": 1, "duration_s": 60, "at_once_max": 2, "calm_s": 7, "faults": faults}
    with pytest.raises(OptionError, match=said) as caught:
        Schedule.parse(data, source="run.jsonl")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("run.jsonl: schedule")


def test_a_field_of_the_wrong_kind_is_named() -> None:
    data = {"seed": 1, "duration_s": "long", "at_once_max": 2, "calm_s": 7}
    with pytest.raises(OptionError, match="schedule duration_s=long"):
        Schedule.parse(data, source="run.jsonl")
