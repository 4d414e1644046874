"""The report of a night is one file that needs nothing else, draws in a browser, and says what changed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.judging.judge import judge
from fixtures.report.night.store import Nights, night_of
from fixtures.report.night.timeline import timeline
from fixtures.report.night.write import write_night
from tests.judging.made import REDIS_STOP, Run, made

if TYPE_CHECKING:
    from pathlib import Path

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDTHS = {"desktop": 1280, "phone": 390}
IDENTIFIER = "i-0123456789abcdef0"
# Asks the page itself, when it has drawn: does it fit its window, what did each canvas get, did a script fail?
# A window cannot be as narrow as a phone, a frame can.
FRAMES = """<!DOCTYPE html><body><script>
const found = {}
addEventListener('message', ({ data }) => {
  found[data.width] = data
  document.body.dataset.probe = JSON.stringify(found)
})
</script>
"""
PROBE = """
<script>
addEventListener('load', () => setTimeout(() => {
  const painted = [...document.querySelectorAll('canvas')].map((canvas) => {
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
    return pixels.reduce((sum, value, at) => sum + (at % 4 === 3 && value > 0), 0)
  })
  const root = document.documentElement
  parent.postMessage({
    wide: root.scrollWidth - root.clientWidth, width: root.clientWidth, painted,
    lines: document.querySelectorAll('#lines p').length, title: document.getElementById('moment-title').textContent
  }, '*')
}, 100))
</script>
"""


@pytest.fixture(scope="module")
def run() -> Run:
    run = made(chaos_s=20)
    text = f"[aws-masker] </script><b>{IDENTIFIER}"
    run.note(REDIS_STOP.at_s + 0.2, "log", "logs",
             {"component": "gateway", "level": "notice", "pid": 1, "characters": 9, "text": text})  # fmt: skip
    return run


@pytest.fixture(scope="module")
def page(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("night")
    history = run.history()
    write_night(history, judge(history), directory / "night.html", store=Nights(directory))
    return directory / "night.html"


def test_the_page_needs_nothing_from_outside_and_quotes_no_identifier(page: Path) -> None:
    text = page.read_text()
    assert re.findall(r"""(?:src|href)=["']?(?!#)[^"'\s>]+|@import|url\(""", text) == []
    assert IDENTIFIER not in text
    assert text.count("</script>") == 2
    assert "Run it again" in text


def test_the_timeline_has_everything_the_history_tells(run: Run) -> None:
    drawn = timeline(run.history(), shown=str)
    bins = drawn["bins"]
    assert (drawn["width_s"], bins) == (1.0, 41)
    lanes = {
        lane["title"]: {series["name"]: series["values"] for series in lane["series"]}
        for lane in drawn["lanes"]
    }
    assert all(len(values) == bins for lane in lanes.values() for values in lane.values())
    assert sum(lanes["Requests"]["as it should be"]) == 5200
    assert 2 < lanes["Latency"]["p99"][3] < 10
    at = int(REDIS_STOP.at_s)
    assert lanes["Events"]["received"][at + 1] == 0
    assert max(lanes["Waiting events"]["waiting"][at : at + 4]) > 150
    assert lanes["Redis connections"]["of the gateway"][at + 1] is None
    assert 115 < lanes["Memory"]["gateway"][2] < 135
    assert [(band["fault"], band["from"], band["to"]) for band in drawn["bands"]] == [
        ("redis_stop", 20.0, 24.0)
    ]
    assert [phase["phase"] for phase in drawn["phases"]] == [
        "steady",
        "chaos",
        "heal",
        "recovery",
        "final",
        "end",
    ]
    assert len(drawn["lines"]) == 3


def test_a_long_run_has_wider_bins_and_no_more_of_them() -> None:
    run = Run()
    run.note(0.0, "phase", "engine", {"phase": "steady"})
    run.note(86_400.0, "phase", "engine", {"phase": "end", "reason": "complete"})
    drawn = timeline(run.history(), shown=str)
    assert (drawn["width_s"], drawn["bins"]) == (24.0, 3600)


def test_nights_are_compared_with_those_before_them(tmp_path: Path, run: Run) -> None:
    store = Nights(tmp_path)
    history = run.history()
    tonight = night_of(history, judge(history))
    assert store.compare(tonight).previous is None
    for day, healthy in ((1, 4.0), (2, 6.0)):
        figures = {**tonight.figures, "latency: healthy p99 [ms]": healthy}
        clauses = {**tonight.clauses, "F3": "failed"}
        fields = {name: getattr(tonight, name) for name in ("commit", "stack", "state")}
        store.add(type(tonight)(id=f"2026-01-0{day}", clauses=clauses, figures=figures, **fields))
    store.add(tonight)
    store.add(tonight)
    kept = tmp_path / "nights.jsonl"
    kept.write_text(kept.read_text() + '{"torn')
    assert [night.id for night in store.all()] == ["2026-01-01", "2026-01-02", tonight.id]
    found = store.compare(tonight)
    assert found.previous is not None
    assert found.previous.id == "2026-01-02"
    assert found.clauses == [("F3", "failed", "passed")]
    change = next(change for change in found.figures if change.name == "latency: healthy p99 [ms]")
    assert (change.usual, change.before, change.nights) == (5.0, 6.0, 2)


@pytest.fixture(scope="module")
def probes(page: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the page says of itself in a browser, by the width of its window."""
    if BROWSER is None:
        pytest.skip("no Chromium here; apt-get install chromium")
    directory = tmp_path_factory.mktemp("browser")
    (directory / "probed.html").write_text(page.read_text().replace("</body>", PROBE + "</body>"))
    frames = "".join(
        f'<iframe src="probed.html" style="width:{width}px;height:1600px;border:0"></iframe>'
        for width in WIDTHS.values()
    )
    (directory / "frames.html").write_text(FRAMES + frames)
    done = subprocess.run(
        [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
         f"--user-data-dir={directory}/profile", "--window-size=1800,1700", "--virtual-time-budget=5000",
         "--dump-dom", (directory / "frames.html").as_uri()],
        capture_output=True, text=True, check=True, timeout=100,
    )  # fmt: skip
    found = re.search(r'data-probe="([^"]*)"', done.stdout)
    assert found, f"the page's script did not come to its end: {done.stderr[-500:]}"
    probed: dict[str, Any] = json.loads(found[1].replace("&quot;", '"'))
    return probed


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_page_fits_its_window_and_every_lane_is_drawn(probes: dict[str, Any], width: int) -> None:
    found = probes[str(width)]
    assert found["wide"] == 0, f"{found['wide']} pixels wider than the window"
    assert len(found["painted"]) == 7
    assert min(found["painted"]) > 300, found["painted"]
    assert found["lines"] == 3
    assert "redis_stop" in found["title"]
