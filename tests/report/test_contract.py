"""The contract is read from its document."""

from __future__ import annotations

import pytest

from fixtures.clauses import CONTRACT, MalformedContract, UnknownClause, contract, parse


def test_the_contract_has_every_clause_of_every_group() -> None:
    sizes = {"M": 12, "U": 7, "E": 6, "S": 3, "B": 5, "F": 5, "C": 5, "A": 3, "K": 6, "P": 4, "L": 2}
    assert list(contract()) == [
        f"{group}{number}" for group, size in sizes.items() for number in range(1, size + 1)
    ]


def test_a_clause_has_title_text_and_group() -> None:
    clause = contract()["B3"]
    assert clause.title == "A partial batch does not wait for company"
    assert clause.text == "It leaves within `event_flush_interval`, also when nothing follows."
    assert clause.group == "Batches"


def test_no_text_runs_into_the_next_group() -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    assert all(
        "#" not in clause.text and clause.text in " ".join(text.split())
        for clause in map(contract().__getitem__, contract())
    )


def test_an_unknown_id_names_its_near_misses() -> None:
    with pytest.raises(UnknownClause, match=r"'F11' is no clause .*did you mean F1"):
        contract()["F11"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no clause found"),
        ("## F · Fire\n### F1 without a dot\ntext", "2: '### F1 without a dot' is not of the form"),
        ("## F · Fire\n### C1 · Wrong group\ntext", "2: clause C1 stands outside a group '## C · name'"),
        ("### F1 · No group\ntext", "1: clause F1 stands outside a group"),
        ("## F · Fire\n### F1 · Once\ntext\n### F1 · Twice\ntext", "4: clause F1 is there twice"),
        ("## F · Fire\n### F1 · Empty\n\n### F2 · Full\ntext", "2: clause F1 has no text"),
    ],
)
def test_a_malformed_contract_is_refused_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(MalformedContract) as refused:
        parse(text, source="contract.md")
    assert problem in str(refused.value)
    assert str(refused.value).startswith("contract.md:")
