"""The queue is bounded, keeps the order, and accounts for every event, whatever is in flight."""

from collections import deque
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.event_modules.modules import run


def queue_of(capacity: int, *, batch_size: int = 1, flush_interval_ms: int = 1000) -> dict[str, Any]:
    return {
        "queue_key": "queue",
        "channel": "channel",
        "batch_size": batch_size,
        "flush_interval_ms": flush_interval_ms,
        "queue_size": capacity,
    }


def run_steps(capacity: int, steps: list[dict[str, Any]], **options: int) -> list[dict[str, Any]]:
    destination = queue_of(capacity, **options)
    trace: list[dict[str, Any]] = run([{"operation": "queue", "destination": destination, "steps": steps}])[0]
    return trace


def model(capacity: int, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a bounded queue does that drops the oldest waiting event, else the new one."""
    waiting: deque[int] = deque()
    flying: list[int] = []
    seq = 0
    trace = []
    for step in steps:
        seen: dict[str, Any] = {}
        if step["step"] == "push":
            seq += 1
            seen["dropped"] = int(len(waiting) + len(flying) >= capacity)
            if not seen["dropped"]:
                waiting.append(seq)
            elif waiting:
                waiting.popleft()
                waiting.append(seq)
        elif step["step"] == "take":
            taken = [waiting.popleft() for _ in range(min(step["n"], len(waiting)))]
            flying += taken
            seen["seqs"] = " ".join(map(str, taken))
        else:
            kept = flying[max(0, len(flying) - step["n"]) :]
            waiting.extendleft(reversed(kept))
            flying = []
        idle = not waiting and not flying
        trace.append({**seen, "count": len(waiting), "in_flight": len(flying), "idle": idle})
    return trace


STEPS = st.lists(
    st.one_of(
        st.just({"step": "push", "at_ms": 0}),
        st.builds(lambda n: {"step": "take", "n": n}, st.integers(0, 4)),
        st.builds(lambda n: {"step": "land", "n": n}, st.integers(0, 4)),
    ),
    min_size=1,
    max_size=60,
)


# a failure is shown as found: to shrink it would start nginx hundreds of times
@settings(max_examples=15, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.lists(st.tuples(st.integers(1, 6), STEPS), min_size=20, max_size=40))
def test_it_behaves_like_its_model(cases: list[tuple[int, list[dict[str, Any]]]]) -> None:
    # many cases per nginx: starting it costs more than running them
    calls = [
        {"operation": "queue", "destination": queue_of(capacity), "steps": steps} for capacity, steps in cases
    ]
    for trace, (capacity, steps) in zip(run(calls), cases, strict=True):
        assert trace == model(capacity, steps)


def test_the_oldest_makes_room() -> None:
    steps: list[dict[str, Any]] = [{"step": "push", "at_ms": 0}] * 5 + [{"step": "take", "n": 3}]
    trace = run_steps(3, steps)
    assert [seen.get("dropped") for seen in trace] == [0, 0, 0, 1, 1, None]
    assert trace[-1]["seqs"] == "3 4 5"


def test_whole_batches_leave_at_once_and_the_rest_within_the_interval() -> None:
    pushes = [{"step": "push", "at_ms": 1000}] * 7
    ready: list[dict[str, Any]] = [
        {"step": "ready", "at_ms": 1000},
        {"step": "take", "n": 5},
        {"step": "ready", "at_ms": 1899},
        {"step": "ready", "at_ms": 1900},
        {"step": "ready", "at_ms": 1000, "hurry": True},
    ]
    trace = run_steps(100, [*pushes, *ready], batch_size=5, flush_interval_ms=1000)
    assert [seen["ready"] for seen in trace if "ready" in seen] == [5, 0, 2, 2]
