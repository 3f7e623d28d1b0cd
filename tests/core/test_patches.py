"""A patch as it stands in documents, and as it reads in the language of its file."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mainstay.core.findings import Origin
from mainstay.core.patches import Change, Language, Operation, Patch, Replacement, snippet


@pytest.mark.parametrize(
    ("language", "name", "value", "lines"),
    [
        (Language.YAML, "A", True, ["A: true"]),
        (Language.YAML, "A", {"B": ["x"]}, ["A:", "  B:", "  - x"]),
        (Language.YAML, "2", "x", ["- x"]),
        (Language.JSON, "A", "x", ['"A": "x"']),
        (Language.JSON, "2", {"B": 1}, ["{", '  "B": 1', "}"]),
        (Language.TERRAFORM, "a", "x", ['a = "x"']),
        (Language.TERRAFORM, "2", "x", ['"x"']),
    ],
)
def test_the_lines_as_they_should_read(language: Language, name: str, value: object, lines: list[str]) -> None:
    assert snippet(Change(path=("Top", name), value=value), language) == lines


def test_what_goes_has_no_lines() -> None:
    assert snippet(Change(path=("a",), operation=Operation.REMOVE), Language.YAML) == []


def test_a_patch_as_a_document() -> None:
    kept = Change(path=("a", "b"), operation=Operation.ADD, value=[1], subject="Db", origin=Origin("t.yaml", 3))
    gone = Change(path=("c",), operation=Operation.REMOVE)
    assert Patch(language=Language.JSON, changes=(kept, gone)).as_json() == {
        "language": "json",
        "changes": [
            {"op": "add", "path": "/a/b", "subject": "Db", "file": "t.yaml", "line": 3, "value": [1]},
            {"op": "remove", "path": "/c", "subject": "", "file": None, "line": None},
        ],
        "text": '"b": [\n  1\n]',
    }


def test_pieces_of_text_are_found_when_somebody_asks() -> None:
    change = Change(path=("a",))
    pieces: dict[str, tuple[Replacement, ...]] = {"t.yaml": (Replacement(0, 1, "b"),)}
    assert Patch(language=Language.YAML, changes=(change,)).replacements() == {}
    asked: list[object] = []

    def locate(found: Sequence[Change]) -> dict[str, tuple[Replacement, ...]]:
        asked.append(found)
        return pieces

    patch = Patch(language=Language.YAML, changes=(change,), locate=locate)
    assert asked == []
    assert patch.replacements() == pieces
    assert asked == [(change,)]
