"""The origin project's defects that the clauses cover are all among the mutants; the others say why they are not."""

from __future__ import annotations

from tests.mutants_runner.test_mutants import MUTANTS

DEFECTS = {f"O{number}" for number in range(1, 21)}
NOT_COVERED = {
    "O13": "results filled in before any run: of the report, not of the system; tests/report proves that a clause "
    "without evidence is shown as not judged",
    "O14": "costs judged against a baseline that hides them: of a measuring plan, not of the system; what the suite "
    "compares is paired within one run",
}


def test_every_defect_of_the_origin_is_a_mutant_or_says_why_not() -> None:
    covered = {defect for mutant in MUTANTS for defect in mutant.origin}
    assert covered | set(NOT_COVERED) == DEFECTS
    assert covered.isdisjoint(NOT_COVERED)


def test_a_mutant_that_cites_a_defect_is_found_by_it() -> None:
    untagged = {
        mutant.name: defect
        for mutant in MUTANTS
        for defect in sorted(DEFECTS)
        if f"field research {defect})" in mutant.why and defect not in mutant.origin
    }
    assert untagged == {}
