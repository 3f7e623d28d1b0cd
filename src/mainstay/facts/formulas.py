"""Formulas in RDS parameter groups: `{DBInstanceClassMemory/32768}`, `LEAST({DBInstanceClassMemory/9531392},5000)`.

Grammar (RDS User Guide, USER_ParamValuesRef, 2026-11-20): whole numbers; `{Variable*Int/Int…}`, worked off from left
to right in whole numbers; one of GREATEST, LEAST and SUM around such terms, not nested. RDS takes less than the
class's nominal memory for `DBInstanceClassMemory` (`classes.memory_left`): with the nominal one, results are upper
bounds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

VARIABLES: Final = ("AllocatedStorage", "DBInstanceClassMemory", "DBInstanceVCPU", "EndPointPort")
_FUNCTIONS: Final[Mapping[str, Callable[[Iterable[int]], int]]] = {"GREATEST": max, "LEAST": min, "SUM": sum}
_CALL: Final = re.compile(r"([A-Za-z]+)\((.+)\)")
_TERM: Final = re.compile(r"\{([A-Za-z]+)((?:[*/]\d+)*)\}")
_INTEGER: Final = re.compile(r"-?\d+")


def is_formula(text: str) -> bool:
    """Whether a parameter's value is meant as a formula, well formed or not; `%t (%p)` of log_line_prefix is none."""
    return "{" in text or _CALL.fullmatch(text.strip()) is not None


def evaluate(text: str, variables: Mapping[str, int]) -> int | None:
    """The whole number a formula gives; None when it uses a variable whose value is not given.

    Sizes among the variables are bytes. ValueError says what is wrong with the text.
    """
    call = _CALL.fullmatch(text.strip())
    if call is None:
        return _term(text, variables)
    function = _FUNCTIONS.get(call[1].upper())
    if function is None:
        raise ValueError(f"'{call[1]}' is not a function of RDS formulas; use one of {', '.join(_FUNCTIONS)}")
    values = [_term(part, variables) for part in call[2].split(",")]
    known = [value for value in values if value is not None]
    return function(known) if len(known) == len(values) else None


def _term(text: str, variables: Mapping[str, int]) -> int | None:
    text = text.strip()
    if _INTEGER.fullmatch(text):
        return int(text)
    found = _TERM.fullmatch(text)
    if not found:
        raise ValueError(f"'{text}' is not a term of an RDS formula; write it like {{DBInstanceClassMemory/32768}}")
    if found[1] not in VARIABLES:
        raise ValueError(
            f"'{text}' is not a term: '{found[1]}' is not a variable of RDS formulas; use one of {', '.join(VARIABLES)}"
        )
    value = variables.get(found[1])
    return None if value is None else _worked_off(value, found[2])


def _worked_off(value: int, operations: str) -> int:
    for operator, number in re.findall(r"([*/])(\d+)", operations):
        if operator == "*":
            value *= int(number)
        elif int(number) == 0:
            raise ValueError("an RDS formula divides by 0")
        else:
            value //= int(number)
    return value
