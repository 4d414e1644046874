"""The notation in which the catalogue writes forms and contexts; explained at the head of `catalogue.toml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

_SPECIAL = "{}()[]<>|\\"
_REFERENCE = re.compile(r"\{(?P<any_case>~)?(?P<name>[^:}]+)(?::(?P<lengths>[0-9|-]+))?\}")
_TIMES = re.compile("(?P<exact>=)?(?P<count>[0-9]+)")
_ESCAPED_BYTE = re.compile(r"\\x([0-9A-F]{2})")


@dataclass(frozen=True)
class Run:
    """So many characters of a set in a row; `high` at most, `low` at least."""

    characters: frozenset[int]
    low: int = 1
    high: int = 1


@dataclass(frozen=True)
class Sequence:
    """One part behind the other; nothing at all when there are none."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """One of several."""

    options: tuple[Node, ...]


@dataclass(frozen=True)
class Repeat:
    """A part up to so many times in a row, or not at all."""

    part: Node
    times: int


Node: TypeAlias = Run | Sequence | Choice | Repeat


class NotationError(ValueError):
    """A form that cannot be read; the message says which and where."""


def alphabet(text: str) -> frozenset[int]:
    """The characters that such as `A-Za-z0-9_-` names; `^` at the beginning: all others."""
    text = _ESCAPED_BYTE.sub(lambda found: chr(int(found[1], 16)), text)
    is_complement = text.startswith("^")
    characters: set[int] = set()
    at = int(is_complement)
    while at < len(text):
        if at + 2 < len(text) and text[at + 1] == "-":
            characters.update(range(ord(text[at]), ord(text[at + 2]) + 1))
            at += 3
        else:
            characters.add(ord(text[at]))
            at += 1
    return frozenset(range(256)) - characters if is_complement else frozenset(characters)


class Reader:
    """Reads forms.

    Args:
        alphabets: Name → its characters, as `alphabet` reads them.
        pieces: Name → form.
    """

    def __init__(self, alphabets: Mapping[str, str], pieces: Mapping[str, str]) -> None:
        self._alphabets = {name: alphabet(text) for name, text in alphabets.items()}
        self._pieces = pieces

    def read(self, form: str) -> Node:
        """The parts of a form.

        Raises:
            NotationError: It cannot be read.
        """
        node, at = self._choice(form, 0)
        if at != len(form):
            raise NotationError(f"form={form!r}: {form[at]!r} at {at} opens nothing or closes nothing")
        return node

    def _choice(self, form: str, at: int) -> tuple[Node, int]:
        options = []
        while True:
            option, at = self._sequence(form, at)
            options.append(option)
            if not form.startswith("|", at):
                return (options[0] if len(options) == 1 else Choice(tuple(options))), at
            at += 1

    def _sequence(self, form: str, at: int) -> tuple[Node, int]:
        parts: list[Node] = []
        while at < len(form) and form[at] not in ")]>|}":
            character = form[at]
            if character == "{":
                part, at = self._reference(form, at)
            elif character in "([<":
                part, at = self._group(form, at)
            else:
                if character == "\\":
                    at += 1
                    character = form[at]
                part, at = Run(frozenset({ord(character)})), at + 1
            parts.append(part)
        return (parts[0] if len(parts) == 1 else Sequence(tuple(parts))), at

    def _group(self, form: str, at: int) -> tuple[Node, int]:
        opening, closing = form[at], {"(": ")", "[": "]", "<": ">"}[form[at]]
        inner, behind = self._choice(form, at + 1)
        if not form.startswith(closing, behind):
            raise NotationError(f"form={form!r}: {opening!r} at {at} is not closed")
        behind += 1
        if opening == "(":
            return inner, behind
        if opening == "[":
            return Repeat(inner, 1), behind
        times = _TIMES.match(form, behind)
        if times is None:
            raise NotationError(f"form={form!r}: a number must stand behind {closing!r} at {behind - 1}")
        count = int(times["count"])
        return (Sequence((inner,) * count) if times["exact"] else Repeat(inner, count)), times.end()

    def _reference(self, form: str, at: int) -> tuple[Node, int]:
        found = _REFERENCE.match(form, at)
        if found is None:
            raise NotationError(f"form={form!r}: no reference at {at}")
        name = found["name"]
        if found["any_case"]:
            letters = (Run(frozenset({ord(c.lower()), ord(c.upper())})) for c in name)
            return Sequence(tuple(letters)), found.end()
        if name in self._alphabets:
            return _run(self._alphabets[name], found["lengths"] or "1"), found.end()
        if name in self._pieces and found["lengths"] is None:
            return self.read(self._pieces[name]), found.end()
        raise NotationError(f"form={form!r}: {name!r} is no alphabet and no piece")


def _run(characters: frozenset[int], lengths: str) -> Node:
    runs = []
    for length in lengths.split("|"):
        low, _, high = length.partition("-")
        runs.append(Run(characters, int(low), int(high or low)))
    return runs[0] if len(runs) == 1 else Choice(tuple(runs))
