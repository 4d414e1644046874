"""Reads `catalogue.toml` and says what is wrong with it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from system.kong.catalogue.notation import Choice, Node, Reader, Run, Sequence

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).with_name("catalogue.toml")

_RULE_FIELDS = {
    "title", "kind", "kinds", "alphabet", "lengths", "form", "before", "behind", "boundary", "more", "anchor",
    "examples", "near_misses", "source",
}  # fmt: skip


class CatalogueError(ValueError):
    """The catalogue is not as its head says; the message names the rule."""


@dataclass(frozen=True, kw_only=True)
class Boundary:
    """What must not touch an identifier, each a node of few characters."""

    name: str
    text: str
    not_before: tuple[Node, ...]
    not_behind: tuple[Node, ...]
    escapes: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How one kind of identifier, or the kinds of one table of prefixes, are written.

    Attributes:
        kinds: Prefix → kind, for rules whose identifiers tell their kind by it; otherwise empty.
        kind: The kind; empty where `kinds` is not.
        before, behind, more: Contexts; None when there is none.
        form_text, before_text, behind_text: As the catalogue writes them.
        anchors: Literals that every match holds, for rules that begin where a host name does.
    """

    title: str
    kind: str
    kinds: Mapping[str, str]
    form: Node
    before: Node | None
    behind: Node | None
    more: Node | None
    form_text: str
    before_text: str
    behind_text: str
    boundary: Boundary
    anchors: tuple[str, ...]
    examples: tuple[str, ...]
    near_misses: tuple[str, ...]
    source: str


@dataclass(frozen=True, kw_only=True)
class Family:
    """What one switch turns on."""

    switch: str
    title: str
    description: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All of it."""

    families: tuple[Family, ...]
    short_names: Mapping[str, str]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind, in alphabetical order."""
        rules = [rule for family in self.families for rule in family.rules]
        return tuple(sorted({kind for rule in rules for kind in (rule.kind, *rule.kinds.values()) if kind}))


def _literal(text: str) -> Node:
    return Sequence(tuple(Run(frozenset({ord(character)})) for character in text))


class _Loader:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self._alphabets: Mapping[str, str] = document["alphabet"]
        self._sources: Mapping[str, str] = document["source"]
        self._reader = Reader(self._alphabets, document["piece"])
        escapes = tuple(self._reader.read(form) for form in document["escapes"]["forms"])
        self._boundaries = {
            name: self._boundary(name, fields, escapes) for name, fields in document["boundary"].items()
        }

    def _boundary(self, name: str, fields: Mapping[str, Any], escapes: tuple[Node, ...]) -> Boundary:
        return Boundary(
            name=name,
            text=fields["text"],
            not_before=tuple(self._reader.read(form) for form in fields.get("not_before", ())),
            not_behind=tuple(self._reader.read(form) for form in fields.get("not_behind", ())),
            escapes=escapes if fields.get("escapes") else (),
        )

    def rule(self, fields: Mapping[str, Any], switch: str) -> Rule:
        where = f"{switch}, {fields.get('title', 'a rule without title')!r}"
        if unknown := set(fields) - _RULE_FIELDS:
            raise CatalogueError(f"{where}: unknown field {', '.join(sorted(unknown))}")
        if ("kind" in fields) == ("kinds" in fields):
            raise CatalogueError(f"{where}: must have either kind or kinds")
        try:
            return self._rule(fields)
        except (KeyError, ValueError) as error:
            raise CatalogueError(f"{where}: {error}") from error

    def _rule(self, fields: Mapping[str, Any]) -> Rule:
        kinds: Mapping[str, str] = fields.get("kinds", {})
        if kinds:
            lengths = sorted(fields["lengths"], reverse=True)
            form_text = f"-{{{fields['alphabet']}:{'|'.join(map(str, lengths))}}}"
            # A prefix that begins another one comes behind it.
            prefixes = Choice(tuple(_literal(prefix) for prefix in sorted(kinds, reverse=True)))
            form: Node = Sequence((prefixes, self._reader.read(form_text)))
        else:
            form_text = fields["form"]
            form = self._reader.read(form_text)
        contexts = {
            name: self._reader.read(fields[name]) if name in fields else None
            for name in ("before", "behind", "more")
        }
        anchors = fields.get("anchor", ())
        return Rule(
            title=fields["title"],
            kind=fields.get("kind", ""),
            kinds=kinds,
            form=form,
            form_text=form_text,
            before_text=fields.get("before", ""),
            behind_text=fields.get("behind", ""),
            boundary=self._boundaries[fields.get("boundary", "word")],
            anchors=(anchors,) if isinstance(anchors, str) else tuple(anchors),
            examples=tuple(fields["examples"]),
            near_misses=tuple(fields["near_misses"]),
            source=self._sources[fields["source"]],
            **contexts,
        )


def load(file: Path = FILE) -> Catalogue:
    """Reads the catalogue.

    Raises:
        CatalogueError: A rule is not as the file's head says.
    """
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    loader = _Loader(document)
    families = tuple(
        Family(
            switch=family["switch"],
            title=family["title"],
            description=family["description"],
            rules=tuple(loader.rule(rule, family["switch"]) for rule in family["rule"]),
        )
        for family in document["family"]
    )
    return Catalogue(families=families, short_names=document["short_names"])
