"""Parameters as variables, with validations for whatever CloudFormation would have refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from mainstay.core.records import dataclass
from mainstay.formats.codec import CannotExpress
from mainstay.formats.terraform.blocks import ASIDE, Doc
from mainstay.formats.terraform.names import key_of
from mainstay.formats.terraform.region import is_list
from mainstay.formats.terraform.scope import Scope
from mainstay.formats.terraform.words import Template
from mainstay.plan.plan import Parameter, RegionPlan
from mainstay.plan.resources import DbInstance
from mainstay.plan.rewriting import rewritten
from mainstay.plan.values import Json, Param

EXPLANATION: Final = "ConstraintDescription"
"""What a template tells who gives a value that it does not take; one text for all of a parameter's bounds."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound of a parameter that a template can state: its name there, and the condition that says it here."""

    name: str
    before: str
    operator: str

    def condition(self, subject: str, value: Json) -> str:
        """The condition; `subject` is the variable, or one element of it."""
        return f"{self.before.format(subject)} {self.operator} {_number(self.name, value)}"


_BOUNDS: Final = (
    Bound("MinLength", "length({})", ">="),
    Bound("MaxLength", "length({})", "<="),
    Bound("MinValue", "tonumber({})", ">="),
    Bound("MaxValue", "tonumber({})", "<="),
)
# RE2, which Terraform has, knows no look-around, no atomic groups, no possessive quantifiers and no back references
# (RE2's syntax page, 2026-11-21); CloudFormation's patterns are Java's.
_NOT_RE2: Final = re.compile(r"(?<!\\)(?:\\\\)*(?:\(\?(?:[=!>]|<[=!])|\\[1-9k]|[*+?}]\+)")
_EACH: Final = re.compile(r"\$\{alltrue\(\[for one in var\.[A-Za-z0-9_-]+ : (.*)\]\)\}", re.DOTALL)


def variables(region: RegionPlan, scope: Scope) -> Doc:
    """`variables.tf.json`; empty when nothing can be set."""
    shown = _shown(region)
    members = {
        name: write_variable(one, name, is_stored=one.name in shown)
        for one in region.parameters
        for name in [scope.parameters.get(one.name)]
        if name is not None
    }
    return {"variable": members} if members else {}


def _shown(region: RegionPlan) -> set[str]:
    """Parameters that are a login's name: sensitive perhaps, but no provider takes a name by a write-only argument."""
    found: set[str] = set()

    def look(value: Any, path: str) -> Any:  # Any: any value of a plan
        if isinstance(value, Param):
            found.add(value.name)
        return value

    for one in region.of(DbInstance):
        rewritten(one.username, look)
    return found


def write_variable(one: Parameter, name: str, *, is_stored: bool = False) -> Doc:
    """A variable of that name; CannotExpress when it says what only CloudFormation understands.

    A secret is ephemeral, so that neither a plan file nor the state holds it, unless it `is_stored`.
    """
    aside: Doc = {} if key_of(name) == one.name else {"key": one.name}
    if one.type != "String":
        aside["type"] = one.type
    if EXPLANATION in one.extras:
        aside[EXPLANATION] = Template(one.extras[EXPLANATION])  # a comment is no template either
    body: Doc = {ASIDE: aside} if aside else {}
    body["type"] = Template("list(string)" if is_list(one) else "string")
    if one.description:
        body["description"] = Template(one.description)  # a description is no template
    if one.default is not None:
        body["default"] = Template(one.default) if not is_list(one) else _items(one.default)
    if one.is_secret:
        body |= {"sensitive": True} if is_stored else {"sensitive": True, "ephemeral": True}
    checks = list(_validations(one, name))
    if checks:
        body["validation"] = checks
    return body


def _items(default: str) -> Json:
    return [Template(item.strip()) for item in default.split(",")]


def _validations(one: Parameter, name: str) -> Iterator[Json]:
    rest = {key: value for key, value in one.extras.items() if key != EXPLANATION}
    if one.allowed:
        yield _validation(one, name, f"be one of: {', '.join(one.allowed)}", lambda it: _allowed(one.allowed, it))
    if one.pattern is not None:
        if _NOT_RE2.search(one.pattern):
            raise CannotExpress(f"the pattern of the parameter '{one.name}' is one that only Java's expressions know")
        whole = json.dumps(f"^(?:{one.pattern})$")
        yield _validation(one, name, f"match {one.pattern}", lambda it: f"can(regex({whole}, {it}))")
    for bound in _BOUNDS:
        if bound.name in rest:
            value = rest.pop(bound.name)
            told = f"keep to {bound.name} {value}"
            yield _validation(one, name, told, lambda it, by=bound, to=value: by.condition(it, to))  # type: ignore[misc]  # its default is its type
    if rest:
        raise CannotExpress(f"the parameter '{one.name}' has {', '.join(rest)}, which belong to CloudFormation")


def _validation(one: Parameter, name: str, told: str, condition: Callable[[str], str]) -> Json:
    """One check; of a list, of each of its elements, as CloudFormation does."""
    said = one.extras.get(EXPLANATION)
    holds = f"alltrue([for one in var.{name} : {condition('one')}])" if is_list(one) else condition(f"var.{name}")
    return {
        "condition": Template(f"${{{holds}}}"),
        "error_message": str(said) if said else f"{name} has to {told}.",
    }


def _allowed(values: tuple[str, ...], subject: str) -> str:
    return f"contains({json.dumps(list(values), ensure_ascii=False)}, {subject})"


def _number(name: str, value: Json) -> str:
    try:
        return f"{float(str(value)):g}" if "." in str(value) else str(int(str(value)))
    except ValueError:
        raise CannotExpress(f"{name} of a parameter is {json.dumps(value)}, which is no number") from None


def read_variable(name: str, body: Mapping[str, Json]) -> Parameter:
    """A parameter; whatever has no field there is among its extras."""
    rest = dict(body)
    written = rest.pop(ASIDE, {})
    aside = written if isinstance(written, dict) else {}
    rest.pop("type", None)
    rest.pop("ephemeral", None)
    checks = rest.pop("validation", [])
    default = rest.pop("default", None)
    fields: dict[str, Any] = {"allowed": (), "pattern": None}
    bounds: dict[str, Json] = {EXPLANATION: aside[EXPLANATION]} if EXPLANATION in aside else {}
    listed = checks if isinstance(checks, list) else [checks]
    kept = [one for one in listed if not _read_check(one, fields, bounds)]
    if kept:
        rest["validation"] = kept
    return Parameter(
        name=str(aside.get("key", key_of(name))),
        type=str(aside.get("type", "String")),
        default=",".join(map(str, default)) if isinstance(default, list) else None if default is None else str(default),
        description=str(rest.pop("description", "")),
        is_secret=rest.pop("sensitive", False) is True,
        extras=rest | bounds,
        **fields,
    )


def _read_check(node: Json, fields: dict[str, Any], bounds: dict[str, Json]) -> bool:
    condition = node.get("condition") if isinstance(node, dict) else None
    if not isinstance(condition, str):
        return False
    each = _EACH.fullmatch(condition)
    text = each[1] if each else condition.removeprefix("${").removesuffix("}")
    return _read_bound(text, bounds) or _read_words(text, fields)


def _read_bound(text: str, bounds: dict[str, Json]) -> bool:
    for bound in _BOUNDS:
        subject = re.escape(bound.before).replace(r"\{\}", r"(?:one|var\.[A-Za-z0-9_-]+)")
        found = re.fullmatch(rf"{subject} {bound.operator} (-?[0-9]+)(\.[0-9]+)?", text)
        if found:
            bounds[bound.name] = float(found[1] + found[2]) if found[2] else int(found[1])
            return True
    return False


def _read_words(text: str, fields: dict[str, Any]) -> bool:
    for start, name in (("contains(", "allowed"), ("can(regex(", "pattern")):
        if text.startswith(start):
            try:
                value, _ = json.JSONDecoder().raw_decode(text, len(start))
            except ValueError:
                return False
            if name == "allowed":
                fields[name] = tuple(value)
            elif value.startswith("^(?:") and value.endswith(")$"):
                fields[name] = value[4:-2]
            else:
                return False
            return True
    return False
