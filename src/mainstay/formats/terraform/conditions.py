"""Conditions as locals, and back.

A plan keeps conditions in a template's words (`extras["Conditions"]` of a region). Each is a formula over parameters
and pseudo values, for which Terraform has operators. `counting` says what hangs on them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from mainstay.formats.cloudformation import expressions as intrinsics
from mainstay.formats.cloudformation.intrinsics import parse as parse_intrinsic
from mainstay.formats.cloudformation.scope import Scope as TemplateScope
from mainstay.formats.codec import CannotExpress
from mainstay.formats.scalars import as_text
from mainstay.formats.terraform.expressions import render
from mainstay.formats.terraform.hcl import operand, split, value_of
from mainstay.formats.terraform.names import labels
from mainstay.formats.terraform.scope import Scope
from mainstay.formats.terraform.understanding import Names, parse
from mainstay.formats.terraform.words import Fleeting, Template
from mainstay.plan.plan import RegionPlan
from mainstay.plan.values import Json, Unknown, is_expression

SECTION: Final = "Conditions"
STACK_NAME: Final = "stack_name"
_LOCAL: Final = re.compile(r"local\.([A-Za-z0-9_-]+)")
_MANY: Final = {"Fn::And": "&&", "Fn::Or": "||"}


def conditions_of(region: RegionPlan) -> Mapping[str, Json]:
    """The conditions of a region by name."""
    found = region.extras.get(SECTION, {})
    return found if isinstance(found, dict) else {}


def locals_of(region: RegionPlan) -> Mapping[str, str]:
    """The local that each condition is."""
    return labels(conditions_of(region), (STACK_NAME,))


def write(region: RegionPlan, scope: Scope) -> dict[str, Json]:
    """The locals; CannotExpress names a condition that Terraform has no words for."""
    types = {one.name: one.type for one in region.parameters}
    found: dict[str, Json] = {}
    for name, node in conditions_of(region).items():
        try:
            found[scope.conditions[name]] = Template(f"${{{formula(node, types, scope)}}}")
        except CannotExpress as reason:
            raise CannotExpress(f"the condition '{name}': {reason}") from None
    return found


def expressible(region: RegionPlan) -> dict[str, Json]:
    """The conditions that Terraform has words for, and that hang on no other."""
    kept = dict(conditions_of(region))
    types = {one.name: one.type for one in region.parameters}
    while True:
        scope = Scope(
            conditions={name: name for name in kept},
            parameters={one.name: one.name for one in region.parameters},
            secrets={one.name for one in region.parameters if one.is_secret},
        )
        refused = [name for name, node in kept.items() if not _is_expressible(node, types, scope)]
        if not refused:
            return kept
        kept = {name: node for name, node in kept.items() if name not in refused}


def _is_expressible(node: Json, types: Mapping[str, str], scope: Scope) -> bool:
    try:
        formula(node, types, scope)
    except CannotExpress:
        return False
    return True


def formula(node: Json, types: Mapping[str, str], scope: Scope) -> str:
    """One condition as an expression, for parameters of these types; CannotExpress where it is no such formula."""
    match node:
        case {"Condition": str(name), **rest} if not rest and name in scope.conditions:
            return f"local.{scope.conditions[name]}"
        case {"Fn::Equals": [left, right]}:
            return f"{_side(left, types, scope)} == {_side(right, types, scope)}"
        case {"Fn::Not": [part]}:
            return f"!({formula(part, types, scope)})"
        case {"Fn::And": [*parts]}:
            return f"({' && '.join(formula(part, types, scope) for part in parts)})"
        case {"Fn::Or": [*parts]}:
            return f"({' || '.join(formula(part, types, scope) for part in parts)})"
    raise CannotExpress("it is no formula of Fn::Equals, Fn::And, Fn::Or and Fn::Not")


def _side(node: Json, types: Mapping[str, str], scope: Scope) -> str:
    value = parse_intrinsic(node, TemplateScope(parameters=types))
    if isinstance(value, Unknown) or not (is_expression(value) or isinstance(value, str | int | float)):
        raise CannotExpress("it compares what only CloudFormation can work out")
    written = render(value, scope) if is_expression(value) else as_text(value)
    if isinstance(written, Fleeting):
        raise CannotExpress("it compares a secret, and a plan file would tell the outcome")
    return operand(written)


def read(text: str, names: Names) -> Json:
    """The condition that an expression is, in a template's words; None where it is something else."""
    text = text.strip()
    if text.startswith("!(") and text.endswith(")"):
        inner = read(text[2:-1], names)
        return None if inner is None else {"Fn::Not": [inner]}
    if text.startswith("(") and text.endswith(")"):
        return _read_many(text[1:-1], names)
    if match := _LOCAL.fullmatch(text):
        return {"Condition": names.conditions[match[1]]} if match[1] in names.conditions else None
    sides = [_read_side(side, names) for side in split(text, " == ")]
    return {"Fn::Equals": sides} if len(sides) == 2 and None not in sides else None


def _read_many(text: str, names: Names) -> Json:
    for name, mark in _MANY.items():
        parts = split(text, f" {mark} ")
        if len(parts) > 1:
            found = [read(part, names) for part in parts]
            return None if None in found else {name: found}
    return None


def _read_side(text: str, names: Names) -> Json:
    value = parse(value_of(text), names)
    scope = TemplateScope(parameters=dict.fromkeys(names.parameters.values(), "String"))
    return None if isinstance(value, Unknown | list) else intrinsics.render(value, scope)
