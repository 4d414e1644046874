"""The catalogue's file, what is generated from it, and the two readings of it."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

import pytest

from fixtures.oracle.corpus import made_up
from fixtures.oracle.rules import catalogue
from system.kong.catalogue import pcre
from system.kong.catalogue.__main__ import stale
from system.kong.catalogue.data import FILE, CatalogueError, Rule, load
from system.kong.catalogue.notation import NotationError, Reader

if TYPE_CHECKING:
    from pathlib import Path

ALPHABETS = {"digit": "0-9", "hex": "0-9a-f", "no-digit": "^0-9"}


def test_what_is_generated_is_up_to_date() -> None:
    assert stale(load()) == []


@pytest.mark.parametrize(
    ("form", "expression"),
    [
        ("i-{hex:8|17}", r"i\-(?:[0-9a-f]{8}|[0-9a-f]{17})"),
        ("{digit:1-3}[.{digit}]", r"[0-9]{1,3}(?:\.[0-9])?"),
        ("<:{hex}>2", "(?::[0-9a-f](?::[0-9a-f])?)?"),
        ("<{hex}>=2", "[0-9a-f][0-9a-f]"),
        ("{~ok}({no-digit}|)", "[Oo][Kk](?:[^0-9]|)"),
        ("\\<\\\\", r"<\\"),
    ],
)
def test_forms_become_expressions(form: str, expression: str) -> None:
    assert pcre.expression(Reader(ALPHABETS, {}).read(form)) == expression


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("{hax}", "'hax' is no alphabet and no piece"),
        ("(a", r"'\(' at 0 is not closed"),
        ("a)", r"'\)' at 1 opens nothing"),
        ("<a>", "a number must stand behind"),
        ("{", "no reference at 0"),
    ],
)
def test_a_form_that_cannot_be_read_is_named(form: str, message: str) -> None:
    with pytest.raises(NotationError, match=message):
        Reader(ALPHABETS, {}).read(form)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "rds"', 'kynd = "rds"', "mask_rds_instances, 'Endpoint of .*unknown field kynd"),
        ('source = "RDS"', 'source = "RDX"', "mask_rds_instances, .*RDX"),
        (
            'kind = "direct_connect"\n',
            "",
            "mask_vpc_resources, 'Direct Connect': must have either kind or kinds",
        ),
    ],
)
def test_a_broken_rule_is_named(old: str, new: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text(FILE.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=message):
        load(file)


def test_both_readings_of_the_catalogue_mean_the_same_forms() -> None:
    rng = Random("both readings")
    expressions = [re.compile(pcre.pattern(rule).encode()) for rule in _text_rules()]
    rules = [rule for rule in catalogue().rules if rule.kind]
    assert len(rules) == len(expressions)
    for rule, expression in zip(rules, expressions, strict=True):
        for _ in range(20):
            sample = made_up(rule, rng)
            found = expression.search(b" " + sample.whole + b"'")
            assert found is not None, (rule.title, sample)


def _text_rules() -> list[Rule]:
    return [rule for family in load().families for rule in family.rules if rule.kind]
