"""The layout of JSON: every value comes back, short ones stand on one line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from tests.formats.plans import json_values

from mainstay.formats.layout import laid_out
from mainstay.plan.values import Json


@given(json_values)
def test_what_is_laid_out_is_the_same_json(value: Json) -> None:
    assert json.loads(laid_out(value)) == value


def test_a_line_is_broken_where_it_would_be_too_long() -> None:
    fits: Json = {"a": "x" * 111}
    assert laid_out(fits) == json.dumps(fits)
    assert len(laid_out(fits)) == 120
    assert laid_out({"a": "x" * 112}) == '{\n  "a": "' + "x" * 112 + '"\n}'
    assert laid_out([["x" * 110], ["y"]]) == '[\n  ["' + "x" * 110 + '"],\n  ["y"]\n]'


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        laid_out([float("nan")])
