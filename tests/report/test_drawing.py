"""Plots drawn beside the tests are those that would be drawn at the end."""

import os
import threading

import pytest

from fixtures.report import drawing
from fixtures.report.drawing import Drawings
from fixtures.report.evidence import MemoryPlot
from fixtures.report.plots import svg


def plot(title: str) -> MemoryPlot:
    return MemoryPlot(title=title, times_s=(0.0, 1.0), rss_mib=(("worker 1", (30.0, 31.0)),))


def test_a_plot_is_the_same_whoever_draws_it() -> None:
    begun, other = plot("begun"), plot("never begun")
    drawings = Drawings()
    drawings.begin(begun)
    drawings.end()
    assert [drawings.of(begun), drawings.of(other)] == [svg(begun), svg(other)]


def test_what_is_not_drawn_at_the_end_is_drawn_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    held, drawers = threading.Event(), []

    def draw(one: MemoryPlot) -> str:
        drawers.append(threading.current_thread())
        if one.title == "first":
            assert held.wait(timeout=10)
        return one.title

    monkeypatch.setattr(drawing, "svg", draw)
    plots = [plot("first"), plot("second"), plot("third")]
    drawings = Drawings()
    for one in plots:
        drawings.begin(one)
        drawings.begin(one)
    ending = threading.Thread(target=drawings.end)
    ending.start()
    held.set()
    ending.join(timeout=10)
    assert [drawings.of(one) for one in plots] == ["first", "second", "third"]
    assert len(drawers) == len(plots)


def test_it_is_drawn_at_the_lowest_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        drawing, "svg", lambda _plot: str(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    )
    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    begun = plot("begun")
    drawings = Drawings()
    drawings.begin(begun)
    assert drawings.of(begun) == "19"  # waits for it
    drawings.end()
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


def test_a_plot_that_cannot_be_drawn_says_so_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(_plot: MemoryPlot) -> str:
        raise ValueError("no room")

    monkeypatch.setattr(drawing, "svg", draw)
    begun = plot("begun")
    drawings = Drawings()
    drawings.begin(begun)
    drawings.end()
    with pytest.raises(ValueError, match="no room"):
        drawings.of(begun)
