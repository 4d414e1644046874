"""Generated mutants: what the operators make, that a sample repeats itself, and that a judgement goes stale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.mutants.generated.judged import BadJudgement, Equivalent, load_judgements, require_fresh
from fixtures.mutants.generated.lua import lua_sites, parses
from fixtures.mutants.generated.python import python_sites
from fixtures.mutants.generated.sample import sample, stages_for
from tests.mutants_runner.small import ROOT

if TYPE_CHECKING:
    from pathlib import Path

JUDGED = ROOT / "tests" / "mutants" / "judged" / "equivalent.toml"


def made(source: str) -> set[str]:
    return {site.mutated.strip() for site in lua_sites("system/x.lua", source)}


@pytest.mark.parametrize(
    ("source", "mutants"),
    [
        ("return a <= b", {"return a < b", "return a > b"}),
        ("return a - b", {"return a + b"}),
        ("return -a", {"return a"}),
        ("return not a and b", {"return  a and b", "return not a or b"}),
        ("return 7, true", {"return 8, true", "return 7, false"}),
        ("return f(a, b(c, d))", {"return f(b(c, d), a)", "return f(a, b(d, c))"}),
        ("x.y = 'z'\nreturn x", {"return x"}),
        ("if a then return b end\nreturn c", {"if a then  end\nreturn c"}),
        ("local function f(a, b) end\nreturn f", set()),
    ],
)
def test_lua_is_changed_by_every_operator_where_it_fits(source: str, mutants: set[str]) -> None:
    assert made(source) == mutants
    assert all(parses(mutant) for mutant in mutants)


def test_python_is_changed_by_cosmic_ray_and_by_two_operators_more() -> None:
    source = "if a < b:\n    f(a, c)\n"
    mutants = {site.mutated for place in python_sites("system/x.py", source) if (site := place())}
    assert {
        "if a <= b:\n    f(a, c)\n",
        "if a < b:\n    f(c, a)\n",
        "if a < b:\n    pass\n",
    } <= mutants


def test_a_sample_is_repeated_by_its_seed() -> None:
    names = [site.name for site in sample(ROOT, 5, 7)]
    assert names == [site.name for site in sample(ROOT, 5, 7)]
    assert len(set(names)) == 5
    assert names != [site.name for site in sample(ROOT, 5, 8)]


def test_only_tests_of_the_contract_and_of_single_modules_judge_a_mutant() -> None:
    path = "system/kong/plugins/aws-masker/destination.lua"
    site = next(iter(lua_sites(path, (ROOT / path).read_text(encoding="utf-8"))))
    stages = list(stages_for(site, ROOT, []))
    assert [list(stage.tests) for stage in stages] == [["tests/event_modules"], ["tests"], ["tests"]]
    assert all(stage.arguments[1].startswith("clause and ") for stage in stages[1:])


def test_every_judgement_is_of_a_line_that_stands() -> None:
    require_fresh(load_judgements(JUDGED), ROOT)


def test_a_judgement_of_a_line_that_changed_is_stale(tmp_path: Path) -> None:
    (tmp_path / "system").mkdir()
    (tmp_path / "system" / "x.lua").write_text("  local a = 1\n", encoding="utf-8")
    judgement = Equivalent(file="system/x.lua", line="local a = 1", change="1 → 2", reason="why not")
    require_fresh([judgement], tmp_path)
    (tmp_path / "system" / "x.lua").write_text("  local a = 3\n", encoding="utf-8")
    with pytest.raises(BadJudgement, match=r"system/x\.lua: the line 'local a = 1' is judged"):
        require_fresh([judgement], tmp_path)


def test_a_judgement_of_a_line_that_stands_twice_says_which(tmp_path: Path) -> None:
    source = "local function f()\n  return 1\nend\n\nlocal function g()\n  -- why\n  return 1\nend\n"
    (tmp_path / "system").mkdir()
    (tmp_path / "system" / "x.lua").write_text(source, encoding="utf-8")
    broad = Equivalent(file="system/x.lua", line="return 1", change="1 → 2", reason="why not")
    with pytest.raises(BadJudgement, match="stands there 2 times; say which one with within="):
        require_fresh([broad], tmp_path)
    narrow = broad.model_copy(update={"within": "local function g()"})
    require_fresh([narrow], tmp_path)
    judged = [site.line_number for site in lua_sites("system/x.lua", source) if narrow.is_of(site)]
    assert judged == [7]
