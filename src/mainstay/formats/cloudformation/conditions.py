"""Which conditions of a template are settled by the parameters that are known."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from mainstay.formats.cloudformation.intrinsics import parse
from mainstay.formats.cloudformation.scope import Scope
from mainstay.plan.values import Json


def decide(conditions: Mapping[str, Json], scope: Scope) -> dict[str, bool]:
    """The conditions whose outcome is known; those that hang on something unknown are left out."""
    outcomes: dict[str, bool | None] = {}
    for name in conditions:
        try:
            _named(name, conditions, scope, outcomes)
        except RecursionError:  # each needs the next, a thousand times over: nobody writes that to be understood
            outcomes[name] = None
    return {name: outcome for name, outcome in outcomes.items() if outcome is not None}


def _named(name: object, conditions: Mapping[str, Json], scope: Scope, outcomes: dict[str, bool | None]) -> bool | None:
    if not isinstance(name, str) or name not in conditions:
        return None
    if name not in outcomes:
        # Unknown while it is being decided, so that a condition that needs itself ends.
        outcomes[name] = None
        outcomes[name] = _outcome(conditions[name], conditions, scope, outcomes)
    return outcomes[name]


def _outcome(node: Json, conditions: Mapping[str, Json], scope: Scope, outcomes: dict[str, bool | None]) -> bool | None:
    def among(parts: list[Json]) -> list[bool | None]:
        return [_outcome(part, conditions, scope, outcomes) for part in parts]

    match node:
        case {"Condition": name, **rest} if not rest:
            return _named(name, conditions, scope, outcomes)
        case {"Fn::Equals": [left, right]}:
            return _equal(left, right, dataclasses.replace(scope, decisions=_settled(outcomes)))
        case {"Fn::Not": [part]}:
            (outcome,) = among([part])
            return None if outcome is None else not outcome
        case {"Fn::And": [*parts]}:
            found = among(parts)
            return False if False in found else None if None in found else True
        case {"Fn::Or": [*parts]}:
            found = among(parts)
            return True if True in found else None if None in found else False
    return None


def _settled(outcomes: Mapping[str, bool | None]) -> dict[str, bool]:
    return {name: outcome for name, outcome in outcomes.items() if outcome is not None}


def _equal(left: Json, right: Json, scope: Scope) -> bool | None:
    sides = [parse(side, scope) for side in (left, right)]
    if all(isinstance(side, str | int | float) for side in sides):
        first, second = (_text(side) for side in sides)
        return first == second
    return None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
