"""RDS formulas: the published ones give the published numbers, and nonsense is refused with a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay import facts

GIB = 2**30


@pytest.mark.parametrize(
    ("formula", "memory_gib", "expected"),
    [
        ("{DBInstanceClassMemory/32768}", 1, 32768),
        ("{DBInstanceClassMemory/32768}", 32, 1048576),
        ("{DBInstanceClassMemory*3/4}", 8, 6 * GIB),
        ("{DBInstanceClassMemory/12582880}", 8, 682),
        ("{DBInstanceClassMemory/63963136*1024}", 8, 134 * 1024),
        ("LEAST({DBInstanceClassMemory/9531392},5000)", 1, 112),
        ("LEAST({DBInstanceClassMemory/9531392},5000)", 64, 5000),
        ("greatest({DBInstanceClassMemory/9531392}, 5000)", 1, 5000),
        ("SUM({DBInstanceClassMemory/32768},-768)", 1, 32000),
        ("4096", 1, 4096),
        ("-1", 1, -1),
    ],
)
def test_known_formulas(formula: str, memory_gib: int, expected: int) -> None:
    assert facts.evaluate(formula, {"DBInstanceClassMemory": memory_gib * GIB}) == expected


def test_a_variable_without_a_value_leaves_it_open() -> None:
    assert facts.evaluate("{AllocatedStorage/2}", {}) is None
    assert facts.evaluate("LEAST({AllocatedStorage},5)", {}) is None


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("{DBInstanceMemory/4}", "not a variable"),
        ("{DBInstanceClassMemory*0.25}", "not a term"),
        ("{DBInstanceClassMemory+1}", "not a term"),
        ("{DBInstanceClassMemory/0}", "divides by 0"),
        ("AVG({DBInstanceClassMemory},1)", "not a function"),
        ("LEAST(LEAST(1,2),3)", "not a term"),
        ("LEAST(1,)", "not a term"),
        ("", "not a term"),
        ("256MB", "not a term"),
    ],
)
def test_what_is_no_formula_is_refused(formula: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        facts.evaluate(formula, {"DBInstanceClassMemory": GIB})


@pytest.mark.parametrize(
    ("text", "expected"), [("{X}", True), ("LEAST(1,2)", True), ("4096", False), ("16MB", False), ("%t (%p)", False)]
)
def test_what_is_meant_as_a_formula(text: str, expected: bool) -> None:
    assert facts.is_formula(text) is expected


@given(st.integers(0, 2**40), st.integers(1, 10**9), st.integers(1, 10**6))
def test_terms_are_worked_off_from_the_left(memory: int, divisor: int, factor: int) -> None:
    formula = f"{{DBInstanceClassMemory/{divisor}*{factor}}}"
    assert facts.evaluate(formula, {"DBInstanceClassMemory": memory}) == memory // divisor * factor
