"""The catalogue as Lua modules of the plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from system.kong.catalogue import pcre

if TYPE_CHECKING:
    from system.kong.catalogue.data import Catalogue, Rule

HEADER = """\
-- Generated from system/kong/catalogue/catalogue.toml by `python -m system.kong.catalogue`: change that file.
"""


def rules(catalogue: Catalogue) -> str:
    """`catalogue_rules.lua`: all rules but those of resource ids."""
    lines = [
        HEADER + "-- What the fields mean stands in catalogue.lua.",
        "-- luacheck: no max line length",
        "return {",
    ]
    for family in catalogue.families:
        for rule in family.rules:
            if rule.kind:
                lines += _rule(rule, family.switch)
    return "\n".join([*lines, "}", ""])


def _rule(rule: Rule, switch: str) -> list[str]:
    heads = ", ".join(
        _quoted("".join(_symbol(characters) for characters in head)) for head in pcre.heads(rule)
    )
    place = ""
    if rule.anchors:
        place = ', place = "host"'
    elif pcre.is_left_in_heads(rule):
        place = ', place = "behind"'
    more = pcre.more_pattern(rule)
    return [
        f"  -- {rule.title}",
        f'  {{ switch = "{switch}", kind = "{rule.kind}"{place},',
        f"    pattern = {_long(pcre.pattern(rule))},",
        *([f"    more = {_long(more)},"] if more else []),
        f"    heads = {{ {heads} }} }},",
    ]


def ids(catalogue: Catalogue) -> str:
    """`catalogue_ids.lua`: resource ids, whose prefix tells the kind."""
    lines = [
        HEADER + "-- Resource ids: a prefix, a hyphen and hexadecimal digits. The prefix tells the kind.",
        "-- luacheck: no max line length",
        "return {",
    ]
    for family in catalogue.families:
        for rule in family.rules:
            if rule.kinds:
                lines += [
                    f'  {{ switch = "{family.switch}",',
                    f"    pattern = {_long(pcre.pattern(rule))},",
                    "    kinds = {",
                ]
                lines += [f'      ["{prefix}"] = "{kind}",' for prefix, kind in rule.kinds.items()]
                lines += ["    } },"]
    return "\n".join([*lines, "}", ""])


def families(catalogue: Catalogue) -> str:
    """`catalogue_families.lua`: the switches, and the names of kinds in placeholders."""
    lines = [HEADER.rstrip(), "return {", "  switches = {"]
    lines += [
        f'    {{ name = "{family.switch}",\n      description = "{family.description}" }},'
        for family in catalogue.families
    ]
    lines += [
        "  },",
        "",
        "  -- Kind → name in the placeholder, where it is not the kind in capitals",
        "  short_names = {",
    ]
    lines += [f'    {kind} = "{name}",' for kind, name in catalogue.short_names.items()]
    return "\n".join([*lines, "  },", "}", ""])


def _symbol(characters: frozenset[int]) -> str:
    """One place of a head: the character, or all that may stand there in brackets, `^` in front of all others."""
    if len(characters) == 1 and chr(next(iter(characters))) not in "[]^":
        return chr(next(iter(characters)))
    if len(characters) > 128:  # noqa: PLR2004  (the shorter way to write it)
        return f"[^{''.join(map(chr, sorted(frozenset(range(256)) - characters)))}]"
    return f"[{''.join(map(chr, sorted(characters)))}]"


def _quoted(text: str) -> str:
    escaped = "".join(
        f"\\{c}" if c in '"\\' else c if c.isascii() and c.isprintable() else f"\\{ord(c):03d}" for c in text
    )
    return f'"{escaped}"'


def _long(text: str) -> str:
    level = "=" if "]]" in text or text.endswith("]") else ""
    return f"[{level}[{text}]{level}]"
