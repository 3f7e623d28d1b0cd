"""The parts of the house style that a machine can read."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from tests.conftest import LONGEST
from tests.measuring import ONCE_MORE, WITH_CHILDREN

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "mainstay"
FILES = sorted(SOURCE.rglob("*.py"))
VAGUE = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}


def public_without_docstring(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    missing = [] if ast.get_docstring(tree) else ["(the file itself)"]
    promised = {id(node) for node in _top_and_methods(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            hidden = node.name.startswith("_") or any(
                isinstance(d, ast.Name) and d.id == "overload" for d in node.decorator_list
            )
            if not hidden and not ast.get_docstring(node) and id(node) in promised:
                missing.append(node.name)
    return missing


def _top_and_methods(tree: ast.Module) -> list[ast.AST]:
    """A function inside a function is no promise to anybody."""
    owners: list[ast.Module | ast.ClassDef] = [tree, *(n for n in ast.walk(tree) if isinstance(n, ast.ClassDef))]
    return [node for owner in owners for node in owner.body]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_everything_public_says_what_it_is(path: Path) -> None:
    assert public_without_docstring(path) == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path in FILES if path.stem in VAGUE] == []


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    long = {str(path.relative_to(SOURCE)): n for path in FILES if (n := len(path.read_text().splitlines())) > 400}
    assert long == {}


SUPPRESSION = re.compile(
    r"# (?:noqa(?:: [A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)*)?|type: ignore(?:\[[^]]*\])?|pragma: no cover)(.*)"
)


def test_every_suppression_carries_its_reason() -> None:
    found = [
        (f"{path.relative_to(SOURCE)}:{number}", match[1])
        for path in FILES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := SUPPRESSION.search(line))
    ]
    assert found
    assert [place for place, reason in found if len(reason.strip(" -#").split()) < 2] == []


def test_what_begins_first_is_there() -> None:
    assert [name for name in LONGEST if not (ROOT / "tests" / name).is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)


def test_what_is_not_measured_is_there() -> None:
    places = [name.split("::") for name in (*ONCE_MORE, *WITH_CHILDREN)]
    assert [place for place, *_ in places if not (ROOT / "tests" / place).exists()] == []
    texts = {tuple(name): (ROOT / "tests" / name[0]).read_text(encoding="utf-8") for name in places if name[1:]}
    assert [name for name, text in texts.items() if f"def {name[1]}(" not in text] == []
    assert texts
