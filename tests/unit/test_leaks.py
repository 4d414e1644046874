"""The oracle finds a planted leak in every encoding and every kind of sink, and nothing else."""

import base64
import json
import random
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.canaries import Canaries, Canary
from fixtures.encodings import encodings, unescaped
from fixtures.failures import LeakFound
from fixtures.leaks import LeakOracle, Sink

CANARIES = Canaries("leaks")
EACH = CANARIES.one_of_each()
ORACLE = LeakOracle(CANARIES)


def labels(*sinks: Sink) -> set[str]:
    return {leak.canary for leak in ORACLE.search(sinks)}


@pytest.mark.parametrize("canary", EACH, ids=lambda canary: canary.form)
def test_every_part_is_found_in_every_encoding_and_never_shown(canary: Canary) -> None:
    for part in canary.parts:
        for encoding, planted in encodings(part).items():
            leaks = ORACLE.search([Sink("log", f'{{"message": "x={planted}"}}'.encode())])
            assert canary.label in {leak.canary for leak in leaks}, encoding
            assert part.lower() not in str(leaks).lower(), encoding
            assert planted.lower() not in str(leaks).lower(), encoding


@pytest.mark.parametrize("canary", EACH, ids=lambda canary: canary.form)
def test_redacted_text_holds_no_identifier_in_any_encoding(canary: Canary) -> None:
    for encoding, planted in encodings(canary.identifier).items():
        redacted = ORACLE.redact(f"before {planted} after")
        assert planted not in redacted, encoding
        assert redacted.startswith("before "), encoding
        assert redacted.endswith(" after"), encoding
        assert labels(Sink("redacted", redacted.encode())) == set(), encoding


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_mixture_of_json_escapes_is_found(data: st.DataObject) -> None:
    canary = data.draw(st.sampled_from(EACH))
    part = canary.parts[0]
    escaped = "".join(
        data.draw(st.sampled_from([character, f"\\u{ord(character):04x}", f"%{ord(character):02X}"]))
        for character in part
    )
    assert canary.label in labels(Sink("plain", escaped.encode()))
    nested = escaped
    for depth in range(1, 5):
        nested = json.dumps({"body": nested})
        assert canary.label in labels(Sink("nested", nested.encode())), depth


def test_escapes_of_different_kinds_are_undone_one_after_the_other() -> None:
    part = EACH[0].parts[0]
    percent = "".join(f"%{ord(character):02x}" for character in part)
    html = "".join(f"&#{ord(character)};" for character in percent)
    unicode = "".join(f"\\u{ord(character):04x}" for character in html)
    assert EACH[0].label in labels(Sink("log", unicode.encode()))


@given(st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_base64_is_found_wherever_the_identifier_stands_in_the_bytes(before: int, after: int) -> None:
    part = EACH[0].parts[0]
    data = base64.b64encode(b"\xff" * before + part.encode() + b"\x00" * after)
    assert EACH[0].label in labels(Sink("base64", data))


def test_a_leak_is_found_in_bytes_files_and_pieces_cut_anywhere(tmp_path: Path) -> None:
    part = EACH[0].parts[0].encode()
    data = b"a" * 100 + part + b"b" * 100
    path = tmp_path / "sink.log"
    path.write_bytes(data)
    for content in (data, path, [data[:105], data[105:]], (data[at : at + 1] for at in range(len(data)))):
        (leak,) = ORACLE.search([Sink("sink", content)])
        assert (leak.sink, leak.kind, leak.offset, leak.encoding) == ("sink", "ec2", 100, "plain")


@pytest.mark.parametrize("encoding", ["plain", "json_twice", "base64_1", "hex_upper"])
def test_a_leak_across_the_border_of_two_chunks_is_found(encoding: str) -> None:
    chunk = 4 * 1024 * 1024
    planted = encodings(EACH[0].parts[0])[encoding].encode()
    for cut in (1, len(planted) // 2, len(planted) - 1):
        data = b"." * (chunk - cut) + planted + b"." * 5000
        assert labels(Sink("border", data)) == {EACH[0].label}


def test_every_leaking_canary_of_many_is_named() -> None:
    text = "\n".join(canary.text for canary in EACH).encode()
    assert labels(Sink("all", text)) == {canary.label for canary in EACH}


def test_longer_words_and_identifiers_of_others_are_no_leak() -> None:
    address = next(canary for canary in EACH if canary.form == "private_ip_10").identifier
    account = next(canary for canary in EACH if canary.kind == "account").identifier
    innocent = [f"1{address}", f"{address}1", f"{account}0", f"7{account}", "i-0123456789abcdef0", "10.0.0.1"]
    assert labels(Sink("log", " ".join(innocent).encode())) == set()
    assert len(labels(Sink("log", f"({address}),[{account}]".encode()))) == 2


def test_random_data_raises_no_alarm() -> None:
    noise = random.Random(1).randbytes(2_000_000)
    assert labels(Sink("bytes", noise), Sink("hex", noise.hex().encode())) == set()


def test_a_registered_identifier_is_found_and_an_allowed_canary_is_not_reported() -> None:
    canaries = Canaries("own")
    oracle = LeakOracle(canaries)
    canaries.register("i-1234567890abcdef0", "example")
    off = canaries.issue("s3")
    sink = [Sink("log", f"i-1234567890ABCDEF0 {off.text}".encode())]
    assert [leak.kind for leak in oracle.search(sink)] == ["example", "s3"]
    canaries.allow(off, "the family is switched off on this route")
    assert [leak.kind for leak in oracle.search(sink)] == ["example"]


def test_a_leak_fails_with_its_sinks_and_without_the_identifier() -> None:
    with pytest.raises(LeakFound) as failure:
        ORACLE.require_none([Sink("clean", b"nothing"), Sink("gateway.error", EACH[3].text.encode())])
    assert "gateway.error" in str(failure.value)
    assert "clean" not in failure.value.title
    assert EACH[3].identifier not in str(failure.value)
    ORACLE.require_none([Sink("clean", b"nothing")])


def test_canaries_issued_by_other_threads_are_found() -> None:
    canaries = Canaries("threads")
    oracle = LeakOracle(canaries)
    issued: list[Canary] = []
    threads = [
        threading.Thread(target=lambda: issued.extend(canaries.issue("ec2") for _ in range(200)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = oracle.search([Sink("log", " ".join(canary.identifier for canary in issued).encode())])
    assert len({leak.canary for leak in found}) == len(issued) == 800


def test_five_thousand_canaries_cost_no_more_than_a_few() -> None:
    line = (
        b'{"level": "info", "message": "request \\"7\\" took 1.25 ms", "path": "/a%20b", "ip": "127.0.0.1"}\n'
    )
    data = line * (3_000_000 // len(line))

    def search_s(count: int) -> float:
        canaries = Canaries(f"many {count}")
        for number in range(count):
            canaries.issue(canaries.kinds[number % len(canaries.kinds)])
        began_s = time.process_time()
        assert LeakOracle(canaries).search([Sink("log", data)]) == []
        return time.process_time() - began_s

    few_s, many_s = search_s(50), search_s(5000)
    # The work is the same; the factor leaves room for caches and a busy machine, and a search per canary
    # would take a hundred times as long.
    assert many_s < 5 * few_s


@given(st.text(st.characters(codec="ascii"), max_size=60))
def test_unescaping_never_fails_and_undoes_json(text: str) -> None:
    unescaped(text.encode())
    letters = "".join(character for character in text if character.isalnum())
    assert unescaped(json.dumps(letters).encode()).strip(b'"') == letters.encode()
