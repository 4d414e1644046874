"""Evidence as tests record it."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest

from fixtures.checkers.base import Figure as Measured
from fixtures.checkers.base import conclude
from fixtures.report.evidence import (
    Band,
    BatchPlot,
    EventsPlot,
    Item,
    LatencyPlot,
    MemoryPlot,
    Plot,
    SamplingPlot,
    from_json,
    to_json,
)
from fixtures.report.plots import svg
from fixtures.report.recorder import Evidence
from fixtures.report.series import POINTS_MAX, thin, thin_arrivals

PLOTS: list[Plot] = [
    LatencyPlot(
        title="l",
        times_s=(0.0, 1.0),
        latencies_ms=(1.0, 2.0),
        failed=(1,),
        bands=(Band(start_s=0, end_s=1, label="b"),),
    ),
    EventsPlot(title="e", received_s=(0.5,), ledger_s=(0.0, 1.0), ledger=(("sampled", (0.0, 1.0)),)),
    SamplingPlot(title="s", rates=(0.1,), observed=(0.2,), lower=(0.09,), upper=(0.11,), requests=(10,)),
    BatchPlot(title="b", sizes=(3.0,), waits_s=(0.1,), size_limit=10),
    MemoryPlot(title="m", times_s=(0.0, 1.0), rss_mib=(("worker", (40.0, 41.0)),), bound_mib=50.0),
]
EMPTY: list[Plot] = [
    LatencyPlot(title="l", times_s=(), latencies_ms=()),
    EventsPlot(title="e", received_s=()),
    SamplingPlot(title="s", rates=(), observed=(), lower=(), upper=(), requests=()),
    BatchPlot(title="b", sizes=(), waits_s=(), size_limit=1, wait_limit_s=1.0),
    MemoryPlot(title="m", times_s=(), rss_mib=()),
]


@pytest.mark.parametrize(
    ("value", "bounds", "words", "holds"),
    [
        (3, {"at_most": 3}, "≤ 3", True),
        (3, {"below": 3}, "< 3", False),
        (3.5, {"at_least": 3, "at_most": 4}, "≤ 4, ≥ 3", True),
        (5, {"at_least": 3, "at_most": 4}, "≤ 4, ≥ 3", False),
        ("OK", {"equals": "OK"}, "= OK", True),
        (7, {"bound": "a prime", "holds": True}, "a prime", True),
        (7, {}, "", None),
        (np.float64(2.5), {"at_most": np.float64(2.0)}, "≤ 2", False),
        (np.int64(2), {"equals": 2}, "= 2", True),
    ],
)
def test_a_figure_says_what_it_is_held_against(
    value: float | str, bounds: dict[str, object], words: str, holds: bool | None
) -> None:
    figure = Evidence().figure("f", value, "ms", **bounds)  # type: ignore[arg-type]
    assert (figure.bound, figure.holds) == (words, holds)
    json.dumps(to_json(figure))


@pytest.mark.parametrize(
    ("value", "options"),
    [
        (1, {"bound": "x"}),
        (1, {"holds": True}),
        ("text", {"at_most": 3}),
        (math.nan, {"at_most": 3}),
        (1, {"at_most": math.nan}),
        (1, {"clause": "F2"}),
    ],
)
def test_a_figure_that_cannot_be_judged_is_refused(value: float | str, options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"figure 'f'|clause='F2' is not named by this test, which names F1"):
        Evidence(["F1"]).figure("f", value, **options)  # type: ignore[arg-type]


def test_everything_survives_the_trip_through_json() -> None:
    evidence = Evidence(["F1"])
    evidence.figure("p99", 3.5, "ms", below=4, clause="F1", command="scripts/run")
    evidence.verdict(conclude("gaps", [Measured("lost", 1, bound="0", holds=False)], ["seq 7"]), clause="F1")
    evidence.note("note")
    evidence.invalid("reason")
    evidence.table("t", ["a", "b"], [[1, "x"], [2.5, True]])
    for plot in PLOTS:
        evidence.plot(plot)
    items: tuple[Item, ...] = evidence.take()
    assert len(items) == 10
    assert tuple(from_json(json.loads(json.dumps(to_json(item)))) for item in items) == items
    assert evidence.take() == ()


def test_a_table_with_a_ragged_row_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit the columns"):
        Evidence().table("t", ["a", "b"], [[1]])


def test_series_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="series of 1 values does not fit 2 abscissae"):
        Evidence().plot(LatencyPlot(title="l", times_s=(0, 1), latencies_ms=(1,)))


@pytest.mark.parametrize("plot", [*PLOTS, *EMPTY], ids=lambda plot: type(plot).__name__)
def test_a_plot_is_one_small_svg_element_without_outside_resources(plot: Plot) -> None:
    drawn = svg(plot)
    assert drawn.startswith("<svg")
    assert drawn.rstrip().endswith("</svg>")
    assert drawn.count("<svg") == 1
    assert 'href="http' not in drawn
    assert len(drawn) < 40_000


def test_thinning_keeps_ends_and_extremes() -> None:
    values = [1.0] * 100_000
    values[40_321], values[70_007] = 99.0, -5.0
    kept = thin(values, values)
    assert len(kept) <= POINTS_MAX + 2
    assert {0, 40_321, 70_007, 99_999} <= set(kept)
    assert kept == sorted(kept)
    assert thin([1, 2, 3], [4, 5, 6]) == [0, 1, 2]


def test_thinned_arrivals_keep_both_ends_of_a_gap() -> None:
    times = [*(index / 1000 for index in range(5000)), *(20 + index / 1000 for index in range(5000))]
    kept = thin_arrivals(times)
    assert len(kept) <= POINTS_MAX
    assert max(times[b] - times[a] for a, b in itertools.pairwise(kept)) == pytest.approx(20 - 4.999)
    assert kept[-1] == 9999
    assert thin_arrivals([5.0] * 10_000) == [0, 9999]
