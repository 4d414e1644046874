"""What a stack may lack is asked for in one way, so that a test which needs it is skipped, not failed."""

import ast
import inspect
from pathlib import Path

import pytest

from fixtures.stack import base

ROOT = Path(__file__).resolve().parents[2]

# They test drivers and faults themselves, and know what they have made.
HARNESS = ("stack", "docker", "unit", "house")

ABILITIES = {
    name
    for name, found in vars(base).items()
    if inspect.isclass(found) and getattr(found, "_is_runtime_protocol", False)
}


def wrong_ways(source: str) -> list[int]:
    """Lines that assert or cast an ability, or hide a stack's type, instead of asking with `able`."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt | ast.expr) and _wrong(node)
    ]


def _wrong(node: ast.stmt | ast.expr) -> bool:
    match node:
        case ast.Assert(test=ast.Call(func=ast.Name(id="isinstance"), args=[_, ability])):
            return bool(_names(ability) & ABILITIES)
        case ast.Call(func=ast.Name(id="cast"), args=[ability, _]):
            return bool(_names(ability) & ABILITIES)
        case ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(id="Any")):
            return "stack" in name
    return False


def _names(node: ast.expr) -> set[str]:
    """Names in an expression, also in a string of a type."""
    return {
        part.id
        if isinstance(part, ast.Name)
        else part.attr
        if isinstance(part, ast.Attribute)
        else str(part.value)
        for part in ast.walk(node)
        if isinstance(part, ast.Name | ast.Attribute | ast.Constant)
    }


def test_the_abilities_are_known() -> None:
    assert {"Stoppable", "HasFigures", "ReachesTests"} <= ABILITIES


def test_tests_ask_for_abilities_in_the_way_that_skips() -> None:
    files = [
        path
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if path.relative_to(ROOT).parts[1] not in HARNESS
    ]
    assert len(files) > 50
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: use fixtures.stack.abilities.able"
        for path in files
        for line in wrong_ways(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "source",
    [
        "assert isinstance(lab.stack, HasFigures)",
        "assert isinstance(stack, base.Reloadable)",
        "assert isinstance(stack, (Stoppable, Killable))",
        "cast('Pausable', stack).pause(Component.REDIS)",
        "stack: Any = make_stack()",
    ],
)
def test_every_wrong_way_is_seen(source: str) -> None:
    assert wrong_ways(source) == [1]


@pytest.mark.parametrize(
    "source", ["able(stack, HasFigures).figures(c)", "assert isinstance(block, TextBlock)", "value: Any = 1"]
)
def test_the_right_way_is_left_alone(source: str) -> None:
    assert wrong_ways(source) == []
