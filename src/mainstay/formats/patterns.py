"""Event patterns: typed matches as EventBridge's nested JSON.

A pattern that compares otherwise than `plan.patterns` can say is kept as it was written (EventBridge User Guide,
eb-create-pattern-operators, checked 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast, get_args

from mainstay.core.records import dataclass
from mainstay.formats.codec import CannotExpress, Dialect, Foreign, Reading
from mainstay.formats.scalars import text
from mainstay.plan.patterns import EventPattern, Like, Match, Operator
from mainstay.plan.values import Json, Unknown, Value

_OPERATORS: Final = get_args(Operator)


@dataclass(frozen=True)
class PatternCodec:
    """A pattern; one without matches is written as nothing."""

    absent: object = EventPattern(())

    def is_silent(self, value: EventPattern) -> bool:
        """Whether there is nothing to write."""
        return not value.matches

    def write(self, value: EventPattern, dialect: Dialect) -> Json:
        """The nested mapping, fields in the order of the matches."""
        root: dict[str, Json] = {}
        for match in value.matches:
            _put(root, match, dialect)
        return root

    def read(self, node: Json, reading: Reading) -> EventPattern:
        """The pattern; Foreign when it is an expression, or compares in a way that a plan cannot say."""
        return EventPattern(tuple(_matches(node, (), reading)))


def _put(root: dict[str, Json], match: Match, dialect: Dialect) -> None:
    here = root
    for name in match.path[:-1]:
        deeper = here.setdefault(name, {})
        if not isinstance(deeper, dict):
            raise CannotExpress(f"a pattern looks at '{'.'.join(match.path)}' and at a field above it")
        here = deeper
    if not match.path or match.path[-1] in here:
        raise CannotExpress(f"a pattern looks at '{'.'.join(match.path)}' twice")
    here[match.path[-1]] = [_write(value, dialect) for value in match.values]


def _write(value: Value[str] | Like, dialect: Dialect) -> Json:
    if isinstance(value, Like):
        return {value.operator: text.write(value.value, dialect)}
    return text.write(value, dialect)


def _matches(node: Json, path: tuple[str, ...], reading: Reading) -> Iterator[Match]:
    match node:
        case dict() if node and not any(name.startswith(("Fn::", "$")) or name == "Ref" for name in node):
            for name, child in node.items():
                yield from _matches(child, (*path, name), reading)
        case list() if node and path:
            yield Match(path, tuple(_read(one, reading) for one in node))
        case _:
            raise Foreign


def _read(node: Json, reading: Reading) -> Value[str] | Like:
    match node:
        case {**members} if len(members) == 1 and (operator := next(iter(members))) in _OPERATORS:
            return Like(cast("Operator", operator), _text(members[operator], reading))
        case str() | {"Ref": _} | {"Fn::GetAtt": _} | {"Fn::Sub": _} | {"Fn::Join": _}:
            return _text(node, reading)
    raise Foreign


def _text(node: Any, reading: Reading) -> Value[str]:  # Any: the value of a member that was just matched
    if not isinstance(node, str | dict):
        raise Foreign
    value = text.read(node, reading)
    if value is None or isinstance(value, Unknown):
        raise Foreign
    return cast("Value[str]", value)


event_pattern = PatternCodec()
