"""Documents that are hard to mask: identifiers and what only looks like them, in any place, spelling and order."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from fixtures.oracle.corpus import made_up
from fixtures.oracle.examples import examples, near_misses
from fixtures.oracle.rules import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lua.modules import Form

# What stands between, before and inside identifiers, as often as there is no space.
JOINTS = [
    *(
        " ",
        "",
        "",
        "-",
        "_",
        ".",
        "/",
        ":",
        ",",
        "=",
        "\n",
        "\t",
        '"',
        "\\",
        "\\n",
        "\\u003d",
        "%2F",
        "%",
        "1",
        "0",
    ),
    *(
        "a",
        "F",
        "\x1b[31m",
        "é",
        "\U0001f600",
        "\x00",
        "' '",
        '": "',
        " and ",
        "=>",
        "(",
        ")",
        "account ",
        " account",
    ),
    *(
        "secret key: ",
        "--bucket ",
        "AWS_",
        "arn:aws:s3:::",
        "s3://",
        "i-",
        "10.",
        ".s3.amazonaws.com",
        "fd00:",
    ),
]
LOOKALIKES = [
    "AWS_EC2_001",
    "AWS_LITERAL_0010",
    "AWS_VPC_ENDPOINT_001",
    "AWS_VPC_001",
    "AWS_EC2_01",
    "AWS_SG_RULE_123456789",
]


@dataclass(frozen=True)
class Document:
    """A body, its form, and the switches that are off."""

    body: bytes
    form: Form
    off: tuple[str, ...]


@cache
def fragments() -> list[str]:
    """Texts that documents are made of: the catalogue's own, made-up ones, look-alikes; cut short and whole."""
    rng = Random("fragments of documents")
    whole = [example.whole for example in examples()] + near_misses() + LOOKALIKES
    for rule in catalogue().rules:
        whole += [made_up(rule, rng).whole.decode("latin-1") for _ in range(6)]
    whole = [text for text in whole if len(text) < 200]
    return (
        whole
        + [text[: rng.randrange(len(text)) + 1] for text in whole[::3]]
        + [text[1:] for text in whole[::7]]
    )


def _spelled(text: str, way: int, rng: Random) -> str:
    """A JSON string's inside: plain, ASCII only, escaped throughout, or by chance."""
    if way == 0:
        return json.dumps(text, ensure_ascii=False)[1:-1]
    if way == 1:
        return json.dumps(text).replace("/", "\\/")[1:-1]
    share = 1.0 if way == 2 else 0.3
    return "".join(
        "".join(f"\\u{unit.hex()}" for unit in _utf16(character))
        if rng.random() < share
        else _plain(character)
        for character in text
    )


def _utf16(character: str) -> list[bytes]:
    units = character.encode("utf-16-be", "surrogatepass")
    return [units[at : at + 2] for at in range(0, len(units), 2)]


def _plain(character: str) -> str:
    return json.dumps(character, ensure_ascii=False)[1:-1]


def _json(texts: list[str], way: int, rng: Random) -> str:
    strings = iter([f'"{_spelled(text, way, rng)}"' for text in texts])
    payload = base64.b64encode(rng.randbytes(12)).decode()
    frames: list[Callable[[str], str]] = [
        lambda s: s,
        lambda s: f'{{"content":{s}}}',
        lambda s: f"[{s}, 1.0e+5, null]",
        lambda s: f"{{ {s} : {next(strings, '[]')} }}",
        lambda s: f'{{"type":"thinking","thinking":{s},"signature":"AWS_EC2_001"}}',
        lambda s: f'{{"type":"base64","data":"{payload}","note":{s}}}',
        lambda s: f'{{"type":"base64","data":{s}}}',
        lambda s: f'{{"SecretAccessKey":{s}}}',
        lambda s: f'{{"Bucket":{s},"accountId":{next(strings, "[]")}}}',
        lambda s: f'{{"type":"redacted_thinking","data":{s}}}',
        lambda s: f'{{"StackName":{s}}}',
    ]
    parts = [rng.choice(frames)(string) for string in strings]
    return f'{{"messages":[{",".join(parts)}]}}'


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document of up to some hundred bytes."""
    pool = fragments()
    pieces = draw(
        st.lists(
            st.lists(
                st.tuples(st.integers(0, len(pool) - 1), st.integers(0, len(JOINTS) - 1)),
                min_size=1,
                max_size=3,
            ),
            min_size=1,
            max_size=3,
        )
    )
    texts = ["".join(JOINTS[joint] + pool[number] for number, joint in text) for text in pieces]
    way = draw(st.integers(0, 7))
    rng = Random(draw(st.integers(0, 2**32)))
    off = (draw(st.sampled_from(catalogue().switches)),) if draw(st.integers(0, 9)) == 0 else ()
    if way <= 3:
        return Document(_json(texts, way, rng).encode("utf-8", "surrogatepass"), "json", off)
    text = rng.choice(JOINTS).join(texts).encode()
    if way <= 5:
        return Document(text + bytes(rng.choices(range(256), k=2)), "plain", off)
    percent = "".join(chr(b) if rng.random() < 0.7 and b < 0x80 else f"%{b:02x}" for b in text).encode()
    return Document(percent, "percent_encoded", off)
