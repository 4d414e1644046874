"""Text without identifiers: prose and code of installed packages, and made-up texts of what looks similar."""

from __future__ import annotations

import base64
import hashlib
import sysconfig
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE_MAX = 16_000_000
"""Bytes of a corpus of files at most; the first files by name."""
LINES = 10_000
"""Lines of a corpus that is made up."""


@dataclass(frozen=True)
class Corpus:
    """A kind of text.

    Attributes:
        name: For the report.
        source: Where it comes from.
        text: All of it.
    """

    name: str
    source: str
    text: bytes


def _files(name: str, source: str, paths: list[Path]) -> Corpus:
    texts, size = [], 0
    for path in paths:
        if size >= SIZE_MAX:
            break
        if path.is_file():
            texts.append(path.read_bytes())
            size += len(texts[-1])
    return Corpus(name, source, b"\n".join(texts))


def prose() -> Corpus:
    """Licences and statements of copyright of the machine's packages."""
    files = sorted(Path("/usr/share/common-licenses").iterdir()) + sorted(
        Path("/usr/share/doc").glob("*/copyright")
    )
    return _files("prose", "/usr/share/common-licenses, /usr/share/doc/*/copyright", files)


def code() -> Corpus:
    """The standard library of Python, without its tests."""
    library = Path(sysconfig.get_path("stdlib"))
    files = [
        path
        for path in sorted(library.rglob("*.py"))
        if not {"test", "tests", "site-packages"} & set(path.parts)
    ]
    return _files("code", "the modules of Python's standard library, without tests", files)


def _octets(rng: Random) -> str:
    """A public address."""
    first = rng.choice([8, 13, 23, 34, 52, 54, 81, 93, 104, 151, 185, 203])
    return ".".join(str(part) for part in (first, *rng.choices(range(256), k=3)))


def _moment(rng: Random) -> datetime:
    return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(
        seconds=rng.randrange(200_000_000), microseconds=rng.randrange(10**6)
    )


def _log_line(rng: Random) -> str:
    path = "/".join(rng.choices(["api", "v1", "orders", "items", "static", "app.js", "health"], k=3))
    return (
        f'{_octets(rng)} - - [{_moment(rng):%d/%b/%Y:%H:%M:%S} +0000] "GET /{path}?page={rng.randrange(99)} HTTP/1.1" '
        f'{rng.choice([200, 301, 404, 500])} {rng.randrange(10**6)} "-" "Mozilla/5.0 (X11; rv:{rng.randrange(140)}.0)" '
        f"pid={rng.randrange(99999)} took {rng.random():.3f}s"
    )


_MADE_UP: dict[str, Callable[[Random], str]] = {
    "logs": _log_line,
    "UUIDs": lambda rng: (
        f"request {uuid.UUID(int=rng.getrandbits(128))} of {uuid.UUID(int=rng.getrandbits(128))}"
    ),
    "hashes": lambda rng: (
        f"{hashlib.sha256(rng.randbytes(8)).hexdigest()}  commit {hashlib.sha256(rng.randbytes(8)).hexdigest()[:40]} "
        f"sha512-{base64.b64encode(rng.randbytes(64)).decode()}"
    ),
    "dates and times": lambda rng: (
        f"{_moment(rng).isoformat()} {_moment(rng):%Y%m%d%H%M%S} {_moment(rng).timestamp():.0f}"
    ),
    "version numbers": lambda rng: (
        f"package-{rng.randrange(30)}.{rng.randrange(40)}.{rng.randrange(20)}.{rng.randrange(9)}-rc{rng.randrange(9)} "
        f">=1.{rng.randrange(99)}.{rng.randrange(99)},<{rng.randrange(9)}.0 v{rng.randrange(99)}.{rng.randrange(99)}"
    ),
    "MAC addresses": lambda rng: ":".join(f"{byte:02x}" for byte in rng.randbytes(6)),
    "public addresses": lambda rng: (
        f"{_octets(rng)}:{rng.randrange(65536)} 2001:db8:{rng.randrange(65536):x}::{rng.randrange(65536):x}"
    ),
    "order numbers": lambda rng: (
        f"order {rng.randrange(10**11, 10**12)} ORD-{rng.randrange(10**8):08d} invoice #{rng.randrange(10**12)} "
        f"tel. +49 {rng.randrange(10**9, 10**10)}"
    ),
    "base64": lambda rng: base64.b64encode(rng.randbytes(120)).decode(),
}


def made_up() -> list[Corpus]:
    """Texts of what looks similar, from a fixed seed."""
    corpora = []
    for name, line in _MADE_UP.items():
        rng = Random(f"corpus of {name}")
        corpora.append(Corpus(name, "made up", "\n".join(line(rng) for _ in range(LINES)).encode()))
    return corpora
