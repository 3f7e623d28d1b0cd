"""Whether an event fits EventBridge's pattern.

Operators: EventBridge User Guide, eb-create-pattern-operators (not re-read). Those for numbers, addresses and
`$or` are refused by name: a rule that they stand in would never match here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Json = Any  # Any: JSON of a pattern or an event


class PatternFault(ValueError):
    """What is wrong with a pattern."""


def parse(text: str) -> dict[str, Json]:
    """A pattern from its JSON. PatternFault when it is none, or compares in a way that is not known here."""
    try:
        pattern = json.loads(text)
    except ValueError as error:
        raise PatternFault(f"it is no JSON: {error}") from None
    if not isinstance(pattern, dict) or not pattern:
        raise PatternFault("it must be an object with a field at least")
    _check(pattern)
    return pattern


def fits(pattern: Mapping[str, Json], event: Json) -> bool:
    """Whether every field of the pattern fits; an event may have more fields than the pattern."""
    if not isinstance(event, Mapping):
        return False
    return all(
        fits(wanted, event.get(name)) if isinstance(wanted, dict) else _is_any(wanted, event, name)
        for name, wanted in pattern.items()
    )


def _is_any(wanted: list[Json], event: Mapping[str, Json], name: str) -> bool:
    if name not in event:
        return {"exists": False} in wanted
    held = event[name] if isinstance(event[name], list) else [event[name]]
    return any(_is_like(one, value) for one in wanted for value in held)


def _is_like(wanted: Json, value: Json) -> bool:
    if not isinstance(wanted, dict):
        return type(wanted) is type(value) and wanted == value
    operator, operand = next(iter(wanted.items()))
    return _OPERATORS[operator](value, operand)


def _is_other(value: Json, operand: Json) -> bool:
    """None of the listed, or not like the one nested comparison."""
    if isinstance(operand, dict):
        return not _is_like(operand, value)
    return value not in (operand if isinstance(operand, list) else [operand])


def _wildcard(value: Json, operand: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in operand.split("*"))
    return isinstance(value, str) and re.fullmatch(pattern, value, re.DOTALL) is not None


_OPERATORS: Final[Mapping[str, Callable[[Json, Json], bool]]] = {
    "prefix": lambda value, operand: isinstance(value, str) and value.startswith(operand),
    "suffix": lambda value, operand: isinstance(value, str) and value.endswith(operand),
    "equals-ignore-case": lambda value, operand: isinstance(value, str) and value.lower() == operand.lower(),
    "wildcard": _wildcard,
    "anything-but": _is_other,
    "exists": lambda _value, operand: bool(operand),
}


def _check(pattern: Mapping[str, Json]) -> None:
    for name, wanted in pattern.items():
        if isinstance(wanted, dict) and wanted:
            _check(wanted)
        elif isinstance(wanted, list) and wanted and not name.startswith("$"):
            for one in wanted:
                _check_comparison(name, one)
        else:
            raise PatternFault(f"'{name}' must be an object or a non-empty array")


def _check_comparison(name: str, one: Json) -> None:
    if isinstance(one, list):
        raise PatternFault(f"'{name}' holds an array within its array")
    if not isinstance(one, dict):
        return
    if len(one) != 1 or next(iter(one)) not in _OPERATORS:
        raise PatternFault(f"'{name}' compares with {', '.join(one) or 'nothing'}, which is not one known operator")
    operator, operand = next(iter(one.items()))
    if operator == "anything-but" and isinstance(operand, dict):
        _check_comparison(name, operand)
    elif operator not in ("anything-but", "exists") and not isinstance(operand, str):
        raise PatternFault(f"'{operator}' of '{name}' must be text")
