"""Every rule and every switch of the catalogue, through the gateway."""

import json
from random import Random
from typing import Any

import pytest

from fixtures.gateway_config import MASKING_SWITCHES, MaskerConfig
from fixtures.lab.exchange import Exchange
from fixtures.lab.lab import Lab, LabRoute
from fixtures.lab.prompts import conversation
from fixtures.oracle.corpus import MadeUp, made_up
from fixtures.oracle.examples import Example, examples, near_misses
from fixtures.oracle.masking import Mapping, mask_json, mask_plain
from fixtures.oracle.rules import Rule, catalogue

EXAMPLES = examples()
PUBLISHED = "the catalogue's examples are published; what became of them is looked at below"
# No context reaches over these words from one text into the next.
BETWEEN = {"type": "text", "text": "and then, after some time had passed,"}

# The family whose identifiers hold those of the rules that have no examples.
COVERING = "mask_arns"
MADE_UP_PER_RULE = 20


def _sent_together(lab: Lab, route: LabRoute, texts: list[str]) -> tuple[Exchange, list[str]]:
    """Sends texts as blocks of one prompt; what the upstream read in their places."""
    blocks = [block for text in texts for block in ({"type": "text", "text": text}, BETWEEN)]
    body: dict[str, Any] = conversation("x") | {"messages": [{"role": "user", "content": blocks}]}
    exchange = lab.post(route, body, without_canary=PUBLISHED)
    assert exchange.status == 200
    received = json.loads(exchange.upstream.body)["messages"][0]["content"]
    return exchange, [block["text"] for block in received[::2]]


def _leaves(example: Example, text: str) -> list[str]:
    return [identifier for identifier in example.identifiers if identifier in text]


@pytest.mark.no_clause("keeps the lists of switches together")
def test_the_catalogue_the_suite_and_the_plugin_have_the_same_switches() -> None:
    assert sorted(catalogue().switches) == sorted(MASKING_SWITCHES)


@pytest.mark.no_clause("keeps the cases here complete")
def test_every_rule_has_near_misses_and_all_but_those_of_two_families_have_examples() -> None:
    # Where a longer identifier of another rule begins earlier or together, the rule shows with that one off: below.
    covered = [rule.title for rule in catalogue().rules if not rule.examples]
    assert [rule.title for rule in catalogue().rules if not rule.near_misses] == []
    for rule in catalogue().rules:
        if rule.title in covered:
            assert rule.before is not None
    assert len(covered) < len(catalogue().rules) / 8


@pytest.mark.clause("M10", "M1", "U1")
def test_every_example_of_the_catalogue_is_masked_and_comes_back(lab: Lab) -> None:
    exchange, received = _sent_together(lab, lab.route(), [example.whole for example in EXAMPLES])
    left = [example.whole for example, text in zip(EXAMPLES, received, strict=True) if _leaves(example, text)]
    assert left == []
    alone = [mask_plain(example.whole.encode(), Mapping()).decode() for example in EXAMPLES]
    kinds = [name for name in catalogue().names.values() if name != "LITERAL"]
    for example, text, expected in zip(EXAMPLES, received, alone, strict=True):
        assert text.count("AWS_") == expected.count("AWS_"), example.whole
    assert exchange.reply_text.count(BETWEEN["text"]) == len(EXAMPLES)
    assert [example.whole for example in EXAMPLES if example.whole not in exchange.reply_text] == []
    lab.evidence.figure("examples", len(EXAMPLES))
    lab.evidence.figure("rules", len(catalogue().rules))
    lab.evidence.figure("kinds", len(kinds))


def _found_by_one_rule(rule: Rule, rng: Random) -> MadeUp:
    """A text with an identifier that this rule finds, and no other of a family that is on."""
    while True:
        made = made_up(rule, rng)
        span = len(made.before), len(made.before) + len(made.identifier)
        others = [other for other in catalogue().rules if other is not rule and other.switch != COVERING]
        if made.whole.isascii() and not any(span in other.find(made.whole) for other in others):
            return made


@pytest.mark.clause("M10", "M1")
def test_every_rule_without_examples_masks_where_the_family_that_covers_it_is_off(lab: Lab) -> None:
    without = [rule for rule in catalogue().rules if not rule.examples]
    made = [
        (rule, _found_by_one_rule(rule, Random(f"{rule.title} {number}")))
        for rule in without
        for number in range(MADE_UP_PER_RULE)
    ]
    route = lab.route(**{COVERING: False})
    exchange, received = _sent_together(lab, route, [text.whole.decode() for _, text in made])
    left = [
        (rule.title, text.whole)
        for (rule, text), masked in zip(made, received, strict=True)
        if text.identifier.decode() in masked or f"AWS_{catalogue().names[rule.kind]}_" not in masked
    ]
    assert left == []
    assert exchange.upstream.body == mask_json(exchange.sent, Mapping(), off=[COVERING])
    lab.evidence.figure("rules without examples", len(without))
    lab.evidence.figure("identifiers made up for each", MADE_UP_PER_RULE)


@pytest.mark.clause("M10")
def test_every_kind_of_resource_id_is_masked_in_both_lengths(lab: Lab) -> None:
    kinds = {prefix: kind for rule in catalogue().rules for prefix, kind in rule.kinds.items()}
    texts = [f"{prefix}-{digits}" for prefix in kinds for digits in ("0a1b2c3d", "0123456789abcdef0")]
    _, received = _sent_together(lab, lab.route(), texts)
    wrong = [
        text
        for text, masked in zip(texts, received, strict=True)
        if masked.rpartition("_")[0] != f"AWS_{catalogue().names[kinds[text.rpartition('-')[0]]]}"
    ]
    assert wrong == []
    lab.evidence.figure("prefixes of resource ids", len(kinds))


@pytest.mark.clause("M10", "M5")
def test_no_near_miss_of_the_catalogue_is_touched(lab: Lab) -> None:
    texts = near_misses()
    _, received = _sent_together(lab, lab.route(), texts)
    assert [(sent, got) for sent, got in zip(texts, received, strict=True) if sent != got] == []
    lab.evidence.figure("near misses", len(texts))


@pytest.mark.long
@pytest.mark.clause("M9")
def test_each_switch_of_the_catalogue_turns_exactly_its_family_off(lab: Lab) -> None:
    switches = catalogue().switches
    fields: list[dict[str, Any]] = [{switch: False} for switch in switches]
    routes = lab.add_routes(*(MaskerConfig(**only) for only in fields))
    for switch, route in zip(switches, routes, strict=True):
        exchange, received = _sent_together(lab, route, [example.whole for example in EXAMPLES])
        in_clear = {
            example.switch for example, text in zip(EXAMPLES, received, strict=True) if _leaves(example, text)
        }
        assert in_clear == {switch}
        assert exchange.upstream.body == mask_json(exchange.sent, Mapping(), off=[switch])
    lab.evidence.figure("switches", len(switches))
