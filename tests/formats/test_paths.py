"""Paths: names that could be mistaken come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.formats.codec import CannotExpress
from mainstay.formats.paths import below, name_of, put, segment
from mainstay.plan.values import Json


@given(st.text(st.sampled_from("ab.~@0123"), max_size=6))
def test_a_name_survives_its_segment(name: str) -> None:
    part = segment(name)
    assert "." not in part
    assert part
    assert not part.startswith("@")
    assert not part.isdecimal()
    assert name_of(part) == name


def test_a_path_grows_to_the_right() -> None:
    assert below("", "A") == "A"
    assert below("A.0", "B") == "A.0.B"


def test_put_makes_mappings_and_lists_on_its_way() -> None:
    root: dict[str, Json] = {}
    put(root, "A.0.B", 1)
    put(root, "A.0.C~1D", 2)
    put(root, "A.1", 3)
    assert root == {"A": [{"B": 1, "C.D": 2}, 3]}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("A", "set twice"),
        ("A.0", "set twice"),
        ("A.5", "has 1"),
        ("A.x", "has 1"),
        ("B.c", "through a value"),
    ],
)
def test_put_refuses_what_is_in_the_way(path: str, reason: str) -> None:
    with pytest.raises(CannotExpress, match=reason):
        put({"A": ["x"], "B": 5}, path, 1)
