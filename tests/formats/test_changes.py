"""The smallest places in which two documents differ, and their places in a text make the one into the other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mainstay.formats.changes import changes
from mainstay.formats.editing import edited


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("replace", "/a", 2)]),
        ({"a": 1}, {"a": True}, [("replace", "/a", True)]),
        ({"a": 1}, {"b": 2}, [("add", "/b", 2), ("remove", "/a", None)]),
        ({"a": [1, 2]}, {"a": [1, 3]}, [("replace", "/a/1", 3)]),
        ({"a": [1]}, {"a": [1, 2, 3]}, [("add", "/a/1", 2), ("add", "/a/2", 3)]),
        ({"a": [1, 2]}, {"a": [2]}, [("replace", "/a", [2])]),
        ({"a/b": {"c~": 1}}, {"a/b": {"c~": 2}}, [("replace", "/a~1b/c~0", 2)]),
        ({"a": {"Fn::Sub": "x"}}, {"a": {"Fn::Sub": "y"}}, [("replace", "/a", {"Fn::Sub": "y"})]),
        ({"a": {"Fn::Sub": "x"}}, {"a": {"Ref": "y"}}, [("replace", "/a", {"Ref": "y"})]),
        ({"a": {"Ref": "y"}}, {"a": {"Ref": "y"}}, []),
        ({"a": {"b": 1}}, {"a": {"c": 1}}, [("replace", "/a", {"c": 1})]),
        ({"a": {"b": 1}}, {"a": "b"}, [("replace", "/a", "b")]),
    ],
)
def test_the_smallest_places(old: Any, new: Any, said: list[tuple[str, str, object]]) -> None:
    found = list(changes(old, new))
    assert [(one.operation.value, one.pointer, one.value) for one in found] == said
    assert json.loads(edited(json.dumps(old), found)) == new
