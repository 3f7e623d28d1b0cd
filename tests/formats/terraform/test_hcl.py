"""Values as operands of an expression, and back."""

from __future__ import annotations

from typing import Any

import pytest

from mainstay.formats.codec import CannotExpress
from mainstay.formats.terraform.hcl import operand, settled, split, value_of
from mainstay.formats.terraform.words import Perhaps, Template

PAIRS: list[tuple[Any, str]] = [
    ("a", '"a"'),
    ('say "a" \\ ${b}\n', '"say \\"a\\" \\\\ $${b}\\n"'),
    ("é\b\f", '"é\\u0008\\u000c"'),
    (Template("${var.a}"), "var.a"),
    (Template('a-${split(":", var.a)[0]}-$${b}'), '"a-${split(":", var.a)[0]}-$${b}"'),
    (Template("${local.c ? 1 : 2}"), "(local.c ? 1 : 2)"),
    (Template(""), '""'),
    (["a", 1, True, 0.5], '["a", 1, true, 0.5]'),
    ([], "[]"),
    (-5, "-5"),
]


@pytest.mark.parametrize(("node", "text"), PAIRS, ids=[text for _, text in PAIRS])
def test_a_value_is_an_operand_and_comes_back(node: Any, text: str) -> None:
    assert operand(node) == text
    assert settled(node) == value_of(text)


def test_nothing_is_null_and_a_block_is_no_value() -> None:
    assert operand(None) == "null"
    with pytest.raises(CannotExpress, match="a block hangs on a condition"):
        operand({"a": 1})


@pytest.mark.parametrize("text", ['"a" + "b"', '"a', '"\\q"', '["a" b, "c", "d"e]'])
def test_what_is_no_operand_is_none(text: str) -> None:
    assert value_of(text) is None


def test_only_marks_at_the_top_part_a_text() -> None:
    text = 'f(a, "x, y"), [b, {c, d}], e'
    assert split(text, ", ") == ['f(a, "x, y")', "[b, {c, d}]", "e"]
    assert split('"never, ended', ", ") == ['"never, ended']


def test_what_may_be_nothing_is_left_out_of_a_list() -> None:
    maybe = Perhaps("${local.c ? 1 : null}")
    assert settled(["a", maybe]) == '${compact(["a", (local.c ? 1 : null)])}'
