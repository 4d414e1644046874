"""The catalogue as a page of the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from system.kong.catalogue.data import Catalogue, Family, Rule

HEAD = """\
<!-- Generated from system/kong/catalogue/catalogue.toml by `python -m system.kong.catalogue`: change that file. -->

# The catalogue

What the plugin takes for an AWS identifier. Each family has a switch, by default on. The identifier is what is
replaced; the context around it stays. Where a bare name could not be told from a word, the context says what it is,
and without that context the name stays.

How to read the forms: `{hex:8|17}` is 8 or 17 characters of the alphabet `hex`, `(a|b)` one of both, `[a]` it or
nothing, `<a>5` up to five times, `{~word}` the word in any case; names in braces are defined at the head of
[the catalogue's file](../system/kong/catalogue/catalogue.toml). Of several ways to match, the longest counts.
Text that looks like a placeholder (`AWS_EC2_001`) is masked whatever the switches say, as kind `literal`.

"""


def page(catalogue: Catalogue) -> str:
    """`docs/catalogue.md`."""
    return HEAD + "\n".join(_family(family) for family in catalogue.families)


def _family(family: Family) -> str:
    lines = [f"## {family.title}: `{family.switch}`", ""]
    rows = [rule for rule in family.rules if rule.kind]
    for rule in family.rules:
        if rule.kinds:
            kinds = ", ".join(f"`{prefix}-` {kind}" for prefix, kind in rule.kinds.items())
            form = f"a prefix and `{rule.form_text}`, {rule.boundary.text}"
            lines += [f"{rule.title}, {form} ([source]({rule.source})): {kinds}.", ""]
    if rows:
        lines += [
            "| kind | what | identifier | context | boundary | example |",
            "|---|---|---|---|---|---|",
            *(_row(rule) for rule in rows),
            "",
        ]
    return "\n".join(lines)


def _row(rule: Rule) -> str:
    example = next(iter(rule.examples), "")
    context = " … ".join(text for text in (rule.before_text, rule.behind_text) if text)
    cells = [
        f"`{rule.kind}`",
        f"[{_cell(rule.title)}]({rule.source})",
        _code(rule.form_text),
        _code(context),
        rule.boundary.text,
        _code(example),
    ]
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    shown = "".join(c if c.isprintable() else " " for c in text)
    return f"<code>{_cell(shown)}</code>" if text else ""


def _cell(text: str) -> str:
    escapes = {
        "|": "&#124;",
        "<": "&lt;",
        ">": "&gt;",
        "*": "&#42;",
        "_": "&#95;",
        "`": "&#96;",
        "{": "&#123;",
        "\\": "&#92;",
    }
    return "".join(escapes.get(character, character) for character in text.replace("&", "&amp;"))
