"""The history keeps order and pairs, and refuses what is no history."""

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fixtures.history import History, MalformedHistory, OpType, WallAnchor


def test_invocations_are_paired_with_their_completions() -> None:
    history = History()
    history.invoke("request", process="a")
    history.invoke("request", process="b")
    history.ok("request", process="b", value={"status": 200})
    history.info("request", process="a")
    history.invoke("request", process="a")
    first, second, third = history.pairs("request")
    assert first.completion is not None
    assert first.completion.type is OpType.INFO
    assert second.ok
    assert third.completion is None
    assert third.elapsed_ns is None


def test_an_observation_is_no_completion() -> None:
    history = History()
    history.invoke("request", process="a")
    history.info("event", process="a")
    assert history.pairs("request")[0].completion is None


def test_a_second_invocation_of_a_busy_process_is_refused() -> None:
    history = History()
    history.invoke("request", process="a")
    history.invoke("request", process="a")
    with pytest.raises(MalformedHistory, match="process 'a' invokes 'request' while"):
        history.pairs()


def test_a_completion_without_an_invocation_is_refused() -> None:
    history = History()
    history.ok("request", process="a")
    with pytest.raises(MalformedHistory, match="without an invocation"):
        history.pairs()


def test_a_completion_belongs_to_the_part_of_its_invocation() -> None:
    history = History()
    history.invoke("request", process="a", time_ns=10)
    history.info("event", process="tap", time_ns=15)
    history.ok("request", process="a", time_ns=25)
    history.invoke("request", process="a", time_ns=26)
    early, late = history.between(0, 20), history.between(20, 100)
    assert [op.time_ns for op in early] == [10, 15, 25]
    assert early.pairs("request")[0].ok
    assert [op.time_ns for op in late] == [26]
    assert [op.time_ns for op in history.after(1)] == [26]


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Threads that take turns as often as the interpreter can, so that a missing lock shows."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager_threads")
def test_many_threads_lose_no_entry_and_share_no_index() -> None:
    history = History()

    def write(name: int) -> None:
        for number in range(500):
            history.info("sample", process=f"p{name}", value={"number": number})

    threads = [threading.Thread(target=write, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [op.index for op in history] == list(range(4000))
    for name in range(8):
        numbers = [op.value["number"] for op in history.ops(process=f"p{name}")]
        assert numbers == list(range(500))


@pytest.fixture
def stored() -> History:
    history = History({"seed": 7})
    history.invoke("request", process="a", value={"text": "ü\n"})
    history.fail("request", process="a", value={"error": "x"})
    history.info("empty", process="b")
    return history


@pytest.mark.parametrize("name", ["history.jsonl", "history.jsonl.gz"])
def test_a_stored_history_reads_back_the_same_however_often(
    tmp_path: Path, stored: History, name: str
) -> None:
    history = stored
    for turn in range(2):
        path = tmp_path / f"{turn}-{name}"
        history.write(path)
        assert (path.read_bytes()[:2] == b"\x1f\x8b") is name.endswith(".gz")
        history = History.read(path)
        assert list(history) == list(stored)
        assert (history.about, history.anchor) == (stored.about, stored.anchor)
        assert history.pairs("request") == stored.pairs("request")
    assert list(history) != list(History())


def test_entries_that_differ_in_their_details_only_differ(tmp_path: Path, stored: History) -> None:
    path = tmp_path / "history.jsonl"
    stored.write(path)
    path.write_text(path.read_text().replace('"error":"x"', '"error":"y"'))
    assert [a == b for a, b in zip(History.read(path), stored, strict=True)] == [True, False, True]


def test_a_history_that_was_stored_while_it_grew_states_no_length(tmp_path: Path, stored: History) -> None:
    path = tmp_path / "history.jsonl"
    stored.write(path)
    path.write_text(path.read_text().replace(',"entries":3', ""))
    assert len(History.read(path)) == 3


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text.partition("\n")[2], "line 1 is not the header"),
        (lambda text: text.replace('"history":1', '"history":9'), "format version 9, this suite reads 1"),
        (lambda text: text.replace('"wall_s":', '"wall":'), "line 1 is not the header.*wall_s"),
        (lambda text: text.replace('"index":0', '"index":1'), "line 2 has index 1, entry 0 is missing"),
        (lambda text: text.replace('"type":"fail"', '"type":"failed"'), "line 3 is not an entry.*failed"),
        (lambda text: text.replace('"value":{}', '"value":[]'), "line 4 is not an entry.*no object"),
        (lambda text: text[:-20], "line 4 is cut off"),
        (lambda text: text[: text.index('{"index":2')], "cut off: 2 of 3 entries"),
        (lambda _text: "", "line 1 is not the header"),
        (lambda _text: "[1]", "line 1 is not the header"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(
    tmp_path: Path, stored: History, spoil: Callable[[str], str], message: str
) -> None:
    path = tmp_path / "history.jsonl"
    stored.write(path)
    path.write_text(spoil(path.read_text()))
    with pytest.raises(MalformedHistory, match=message):
        History.read(path)


@pytest.mark.parametrize("spoil", [lambda data: data[:-12], lambda data: b"{}" + data])
def test_a_broken_compressed_file_is_refused(
    tmp_path: Path, stored: History, spoil: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "history.jsonl.gz"
    stored.write(path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(MalformedHistory, match="broken or cut off"):
        History.read(path)


def test_the_anchor_translates_between_the_clocks() -> None:
    anchor = WallAnchor(wall_s=1_790_000_000.0, monotonic_ns=5_000_000_000)
    assert anchor.wall_of(7_500_000_000) == 1_790_000_002.5
    assert anchor.monotonic_of(1_790_000_002.5) == 7_500_000_000
