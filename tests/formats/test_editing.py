"""An edit says what was asked for, and every other byte stays; what cannot be told exactly is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.core.patches import Change, Operation, Replacement
from mainstay.formats.editing import CannotEdit, applied, edited, replacements

TEXT = """\
# on top
name: shop # its name
storage:
  size: "100GiB"   # enough
  names:
  - one
  - two
# about tags
tags: {owner: me, codes: [1, 2]}
empty:
none: {}
list: []
note: |
  several
  lines
"""
ADD, REPLACE, REMOVE = Operation.ADD, Operation.REPLACE, Operation.REMOVE


def change(path: str, value: object = None, operation: Operation = REPLACE) -> Change:
    return Change(path=tuple(path.split("/")), value=value, operation=operation)


@pytest.mark.parametrize(
    ("path", "operation", "value", "before", "after"),
    [
        ("name", REPLACE, "store", "name: shop # its", "name: store # its"),
        ("storage/size", REPLACE, "200GiB", '"100GiB"', '"200GiB"'),
        ("storage/type", ADD, "gp3", "  - two\n", "  - two\n  type: gp3\n"),
        ("storage/kind/of", ADD, ["a"], "  - two\n", "  - two\n  kind:\n    of:\n    - a\n"),
        ("storage/names/2", ADD, "three", "  - two\n", "  - two\n  - three\n"),
        ("storage/names/0", REMOVE, None, "  - one\n", ""),
        ("storage/names/1", REPLACE, {"a": 1}, "- two", "- {a: 1}"),
        ("storage/names", REPLACE, ["x"], "  - one\n  - two\n", "  - x\n"),
        ("storage/names", REPLACE, [], "names:\n  - one\n  - two\n", "names: []\n"),
        ("storage/size", REMOVE, None, '  size: "100GiB"   # enough\n', ""),
        ("storage", REPLACE, 7, 'storage:\n  size: "100GiB"   # enough\n  names:\n  - one\n  - two\n', "storage: 7\n"),
        ("name", REPLACE, {"a": 1}, "name: shop #", "name:\n  a: 1 #"),
        ("tags/owner", REMOVE, None, "owner: me, ", ""),
        ("tags/codes", REMOVE, None, ", codes: [1, 2]", ""),
        ("tags/codes/2", ADD, 3, "[1, 2]", "[1, 2, 3]"),
        ("tags/codes/0", REMOVE, None, "[1, 2]", "[2]"),
        ("tags/codes", REPLACE, [3], "[1, 2]", "[3]"),
        ("tags/new/one", ADD, True, "[1, 2]}", "[1, 2], new: {one: true}}"),
        ("empty", REPLACE, "on", "empty:\n", "empty: 'on'\n"),
        ("empty/inner/most", ADD, 1, "empty:\n", "empty:\n  inner:\n    most: 1\n"),
        ("none/some", ADD, 1, "none: {}", "none: {some: 1}"),
        ("list/0", ADD, "a", "list: []", "list: [a]"),
        ("note", REPLACE, "short", "note: |\n  several\n  lines\n", "note: short\n"),
        ("note", REMOVE, None, "note: |\n  several\n  lines\n", ""),
        ("further", ADD, 1, "name: shop", "further: 1\nname: shop"),
    ],
)
def test_one_place_changes_and_the_rest_stays(
    path: str, operation: Operation, value: object, before: str, after: str
) -> None:
    assert TEXT.count(before) == 1
    assert edited(TEXT, [change(path, value, operation)]) == TEXT.replace(before, after)


@pytest.mark.parametrize(
    ("text", "path", "operation", "value", "after"),
    [
        ("a: 1", "b", ADD, 2, "a: 1\nb: 2"),
        ("a: 'x'\n", "a", REPLACE, "it's", "a: 'it''s'\n"),
        ("- a: 1\n  b: 2\n", "0/a", REMOVE, None, "- b: 2\n"),
        ("- a: 1\n  b: 2\n", "0/c", ADD, 3, "- a: 1\n  b: 2\n  c: 3\n"),
        ("a: {b: 1}\n", "a/b", REMOVE, None, "a: {}\n"),
        ("a: [1]\n", "a/0", REMOVE, None, "a: []\n"),
        ("a: !Ref X # r\n", "a", REPLACE, True, "a: true # r\n"),
        ("a: 1\nb: 2", "b", REMOVE, None, "a: 1\n"),
        ('{"a": 1}', "b", ADD, {"c": [1]}, '{"a": 1, "b": {"c": [1]}}'),
        ('{\n  "a": 1\n}\n', "b", ADD, "x", '{\n  "a": 1,\n  "b": "x"\n}\n'),
        ('{"a": {}}', "a/b", ADD, None, '{"a": {"b": null}}'),
        ('{"a": ["x", "y"]}', "a", REPLACE, {"z": 1}, '{"a": {"z": 1}}'),
        ("{a: {b: 1}}", "a", REPLACE, [1], "{a: [1]}"),
    ],
)
def test_other_forms(text: str, path: str, operation: Operation, value: object, after: str) -> None:
    assert edited(text, [change(path, value, operation)]) == after


@pytest.mark.parametrize(
    ("text", "path", "operation", "why"),
    [
        ("a: &x {b: 1}\nc: *x\n", "c/b", REPLACE, "alias"),
        ("a: &x 1\nc: [*x]\n", "c/0", REPLACE, "alias"),
        ("a: &x 1\nc: {d: *x}\n", "c/e", ADD, "alias"),
        ("a: &x {b: 1}\nc: {<<: *x}\n", "c/b", REPLACE, "merged"),
        ("a: 1\n", "a/b", ADD, "on the way"),
        ("a: 1\n", "b", REMOVE, "not there"),
        ("a: [1]\n", "a/5", ADD, "on the way"),
        ("a: 1\n", "b/0/c", ADD, "no such list"),
        ("a:\n- |\n  text\n", "a/1", ADD, "several lines"),
        ("a: [\n", "a", REPLACE, "single document"),
        ("", "a", ADD, "empty"),
    ],
)
def test_what_cannot_be_told_exactly_is_refused(text: str, path: str, operation: Operation, why: str) -> None:
    with pytest.raises(CannotEdit, match=why):
        edited(text, [change(path, 1, operation)])


def test_the_whole_is_no_place() -> None:
    with pytest.raises(CannotEdit, match="whole"):
        edited(TEXT, [Change(path=())])


def test_pieces_of_several_changes_have_their_lines() -> None:
    found = replacements(TEXT, [change("storage/a", 1, ADD), change("name", "x"), change("storage/b", 2, ADD)])
    assert [(one.first, one.last, one.text) for one in found] == [
        ((2, 7), (2, 11), "x"),
        ((7, 8), (7, 8), "\n  a: 1\n  b: 2"),
    ]
    assert applied(TEXT, found) == edited(TEXT, [change("name", "x"), change("storage/a", 1), change("storage/b", 2)])
    assert applied("abc", [Replacement(0, 1, "x"), Replacement(2, 3, "z")]) == "xbz"


def test_several_items_come_behind_each_other() -> None:
    added = [change("storage/names/2", "a", ADD), change("storage/names/3", "b", ADD), change("tags/codes/2", 3, ADD)]
    found = applied(TEXT, replacements(TEXT, added))
    assert found == TEXT.replace("  - two\n", "  - two\n  - a\n  - b\n").replace("[1, 2]", "[1, 2, 3]")


def test_changes_that_meet_are_one_piece() -> None:
    gone = [change("tags/owner", None, REMOVE), change("tags/codes", None, REMOVE)]
    (piece,) = replacements(TEXT, gone)
    assert (piece.first, piece.text) == ((9, 8), "")
    assert applied(TEXT, [piece]) == TEXT.replace("tags: {owner: me, codes: [1, 2]}", "tags: {}")
    assert replacements("a: {b: 1}\n", [change("a/b", None, REMOVE), change("a/c", 2, ADD)])[0].text == "c: 2"


def test_behind_one_line_what_belongs_deepest_comes_first() -> None:
    text = "a:\n  b:\n    c: 1\n"
    added = [change("d", 4, ADD), change("a/b/e", 2, ADD), change("a/f", 3, ADD)]
    assert applied(text, replacements(text, added)) == "a:\n  b:\n    c: 1\n    e: 2\n  f: 3\nd: 4\n"


SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab '\":,#\n", max_size=5)
TREES: Any = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcy", min_size=1, max_size=3), inner),
    max_leaves=8,
)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.text("abcy", min_size=1, max_size=3), TREES, min_size=1), TREES, st.data())
def test_an_edited_document_says_what_was_meant(tree: dict[str, Any], value: Any, data: st.DataObject) -> None:
    paths: list[tuple[str, ...]] = [("new",)]

    def walk(node: Any, path: tuple[str, ...]) -> None:
        members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for name, item in members:
            paths.append((*path, str(name)))
            walk(item, paths[-1])

    walk(tree, ())
    path = data.draw(st.sampled_from(paths))
    form = data.draw(st.sampled_from(["block", "flow", "json"]))
    text = (
        json.dumps(tree, indent=data.draw(st.sampled_from([None, 2])))
        if form == "json"
        else yaml.safe_dump(tree, default_flow_style=form == "flow", sort_keys=False)
    )
    meant = json.loads(json.dumps(tree))
    here = meant
    for part in path[:-1]:
        here = here[int(part)] if isinstance(here, list) else here[part]
    here[int(path[-1]) if isinstance(here, list) else path[-1]] = value
    try:
        found = edited(text, [Change(path=path, value=value)])
    except CannotEdit:
        return
    assert yaml.safe_load(found) == meant
