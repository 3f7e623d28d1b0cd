"""JSON with the places of some members, and without what no document may have."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.core.errors import InputRefused
from mainstay.formats import json_text
from mainstay.formats.json_text import ANY

TEXT = '{\n  "a": {"b": 1},\n  "c": [{"b": 2}],\n  "d": {\n    "e": {"f": {"g": 1}, "h": 2},\n    "i": 3\n  }\n}\n'


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ((), {}),
        ((ANY,), {("a",): (2, 3), ("c",): (3, 3), ("d",): (4, 3)}),
        (("d", ANY), {("d", "e"): (5, 5), ("d", "i"): (6, 5)}),
        (("c", ANY), {}),
        ((ANY, "b"), {("a", "b"): (2, 9)}),
        (("d", ANY, ANY), {("d", "e", "f"): (5, 11), ("d", "e", "h"): (5, 26)}),
    ],
)
def test_members_are_found_again_by_the_steps_to_them(
    steps: tuple[str | None, ...], found: dict[tuple[str, ...], json_text.Place]
) -> None:
    root, offsets = json_text.load(TEXT, file="t", steps=steps)
    assert root == {"a": {"b": 1}, "c": [{"b": 2}], "d": {"e": {"f": {"g": 1}, "h": 2}, "i": 3}}
    assert json_text.places(TEXT, offsets) == found


def test_members_within_one_are_found_when_somebody_asks() -> None:
    _, offsets = json_text.load(TEXT, file="t", steps=("d", ANY))
    offset = offsets["d", "e"]
    assert json_text.places_within(TEXT, offset, 5) == {"f": (5, 11), "h": (5, 26)}
    assert json_text.places_within(TEXT, offset, 5, "f") == {"f": (5, 11), "h": (5, 26), "g": (5, 17)}
    assert json_text.places_within(TEXT, offsets["d", "i"], 6) == {}


@pytest.mark.parametrize("steps", [(), ("d", ANY)])
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": 1, "a": 2}', "t:1:10: 'a' stands on line 1 already"),
        ('{"d": {"a": 1,\n"b": ["a", "a", {"x": "a"}], "a": 2}}', "t:2:30: 'a' stands on line 1 already"),
        ('{"d": {"x": "a, \\"a\\": {", "a": 1, "\\u0061": 2}}', "'a' stands on line 1 already"),
        ('{"d": {"n": NaN}}', "an impossible number: t: NaN is not a number"),
        ('{"d": -Infinity}', "-Infinity is not a number"),
        ('{"d": 1e400}', "1e400 is beyond every number"),
        ('{"d": ' + "1" * 41 + "}", "has 41 digits"),
        ("[" * 100_000, "nested too deeply"),
        ('{"d": {"e": ' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_what_no_document_may_have_is_refused(text: str, says: str, steps: tuple[str | None, ...]) -> None:
    with pytest.raises(InputRefused) as refused:
        json_text.load(text, file="t", steps=steps)
    assert says in f"{refused.value.summary}: {refused.value.detail}"
    assert refused.value.hint


def test_the_longest_number_is_read() -> None:
    assert json_text.load("1" * 40, file="t")[0] == int("1" * 40)
    assert json_text.load("1e308", file="t")[0] == 1e308


@pytest.mark.parametrize("text", ["", "{", '{"d" 1}', '{"d": 1,}', '{"d": 1} 2', "{1: 2}", '{"d": {"e": 1]}', "tru"])
def test_what_is_not_json_has_a_place(text: str) -> None:
    with pytest.raises(json_text.NotJson) as refused:
        json_text.load(text, file="t", steps=("d", ANY))
    assert refused.value.reason
    assert (refused.value.line, refused.value.column) >= (1, 1)


_nodes = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=25, deadline=None)
@given(_nodes)
def test_it_says_what_the_standard_decoder_says(node: object) -> None:
    for text in (json.dumps(node), json.dumps(node, indent=2, ensure_ascii=False)):
        assert json_text.load(text, file="t", steps=(ANY, ANY))[0] == node
