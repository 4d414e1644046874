"""The catalogue's forms as regular expressions for the engine of nginx, and how their matches begin.

What the expressions keep to, so that no text exhausts the stack of an engine without JIT or its match limit:
no repeated groups, and every repetition is bounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from system.kong.catalogue.notation import Choice, Node, Repeat, Run, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from system.kong.catalogue.data import Boundary, Rule

Head = tuple[frozenset[int], ...]
"""How matches begin: a set of characters for each place."""

_HEAD_MAX = 12
_TELLING = 4
"""So many letters that are given tell enough: a head ends before a set that would follow."""
_NARROW = 3
"""Characters of a set that still tells something: a letter in both cases, a separator."""
_ALL = frozenset(range(256))


def character_class(characters: frozenset[int]) -> str:
    """A set of characters as an expression."""
    is_complement = len(characters) > len(_ALL) // 2
    members = sorted(_ALL - characters if is_complement else characters)
    if len(members) == 1 and not is_complement:
        return _escaped(members[0])
    ranges: list[list[int]] = []
    for member in members:
        if ranges and member == ranges[-1][1] + 1:
            ranges[-1][1] = member
        else:
            ranges.append([member, member])
    inner = "".join(_shown(low, high) for low, high in ranges)
    return f"[{'^' if is_complement else ''}{inner}]"


def _shown(low: int, high: int) -> str:
    if low == high:
        return _escaped(low)
    return f"{_escaped(low)}{'' if high == low + 1 else '-'}{_escaped(high)}"


def _escaped(byte: int) -> str:
    character = chr(byte)
    if character.isascii() and (character.isalnum() or character in " _/:@=,;<>%~\"'`!&#"):
        return character
    return f"\\{character}" if 0x20 < byte < 0x7F else f"\\x{byte:02X}"  # noqa: PLR2004  (printable)


def expression(node: Node, *, is_lazy: bool = False) -> str:
    """A node as an expression without captures; a lazy one is tried with as little as possible first."""
    lazy = "?" if is_lazy else ""
    match node:
        case Run(characters, 1, 1):
            return character_class(characters)
        case Run(characters, low, high):
            return f"{character_class(characters)}{{{low if low == high else f'{low},{high}'}}}{lazy}"
        case Sequence(parts):
            return "".join(expression(part, is_lazy=is_lazy) for part in parts)
        case Choice(options):
            return f"(?:{'|'.join(expression(option, is_lazy=is_lazy) for option in options)})"
        case Repeat(part, times):
            inner = expression(part, is_lazy=is_lazy)
            return f"(?:{inner}" * times + f")?{lazy}" * times


def before(boundary: Boundary) -> str:
    """What must not stand before, as an expression of no length."""
    none = "".join(f"(?<!{expression(node)})" for node in boundary.not_before[:1])
    also = "".join(f"(?<!{expression(node)})" for node in boundary.not_before[1:])
    if boundary.escapes:
        spelled = "|".join(f"(?<={expression(node)})" for node in boundary.escapes)
        return f"(?:{none}|{spelled}){also}"
    return none + also


def behind(boundary: Boundary) -> str:
    """What must not stand behind, as an expression of no length."""
    if not boundary.not_behind:
        return ""
    return f"(?!{'|'.join(expression(node) for node in boundary.not_behind)})"


def pattern(rule: Rule) -> str:
    """The expression of a rule; capture 1 is the identifier, which begins as early as its context allows."""
    context = expression(rule.before, is_lazy=True) if rule.before else ""
    ahead = f"(?={expression(rule.behind)})" if rule.behind else ""
    return f"{before(rule.boundary)}{context}({expression(rule.form)}){ahead}{behind(rule.boundary)}"


def more_pattern(rule: Rule) -> str | None:
    """The expression of a further identifier of a list, right behind the one before; None for other rules."""
    if rule.more is None:
        return None
    return f"{expression(rule.more, is_lazy=True)}({expression(rule.form)}){behind(rule.boundary)}"


def heads(rule: Rule) -> tuple[Head, ...]:
    """How the matches of a rule begin, all of one length, or the anchors that they hold."""
    if rule.anchors:
        return tuple(tuple(frozenset({ord(character)}) for character in anchor) for anchor in rule.anchors)
    left = _left(rule.boundary)
    whole = Sequence((*((rule.before,) if rule.before else ()), rule.form))
    found = {head for head, _ in _heads(whole)}
    length = min(len(head) for head in found)
    cut = {(*left, *head[:length]) for head in found}
    return tuple(sorted(cut, key=lambda head: [sorted(characters) for characters in head]))


def is_left_in_heads(rule: Rule) -> bool:
    """Whether the heads of a rule begin with what stands before a match."""
    return not rule.anchors and bool(_left(rule.boundary))


def _left(boundary: Boundary) -> Head:
    """What may stand before a match, where that is one set: long words then begin no match within."""
    match boundary.not_before:
        case (Run(characters, 1, 1),) if not boundary.escapes:
            return (_ALL - characters,)
    return ()


def _heads(node: Node) -> Iterable[tuple[Head, bool]]:
    """How a node may begin, and whether it may go on with what is behind it."""
    match node:
        case Run(characters, low, high):
            yield (characters,) * low, low == high
        case Choice(options):
            for option in options:
                yield from _heads(option)
        case Repeat(part, times):
            yield (), True
            yield from ((head, is_open and times == 1) for head, is_open in _heads(part))
        case Sequence(parts):
            begun: list[tuple[Head, bool]] = [((), True)]
            for part in parts:
                begun = list(_extended(begun, part))
            yield from begun


def _extended(begun: Iterable[tuple[Head, bool]], part: Node) -> Iterable[tuple[Head, bool]]:
    continuations = list(dict.fromkeys(_heads(part)))
    for head, is_open in dict.fromkeys(begun):
        if not is_open:
            yield head, False
            continue
        for continuation, goes_on in continuations:
            longer, is_whole = _cut(head, continuation)
            yield longer, is_whole and goes_on


def _cut(head: Head, continuation: Head) -> tuple[Head, bool]:
    for characters in continuation:
        given = sum(len(known) <= _NARROW for known in head)
        if len(head) == _HEAD_MAX or (given >= _TELLING and len(characters) > _NARROW):
            return head, False
        head = (*head, characters)
    return head, True
