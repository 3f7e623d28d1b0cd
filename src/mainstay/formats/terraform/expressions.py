"""A plan's expressions as Terraform's, each shape in one form."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Final

from mainstay.formats.codec import CannotExpress
from mainstay.formats.terraform.blocks import NOWHERE
from mainstay.formats.terraform.hcl import operand
from mainstay.formats.terraform.scope import Scope
from mainstay.formats.terraform.words import Fleeting, Perhaps, Template, escaped
from mainstay.plan.values import Attr, If, Import, Join, Json, Param, Part, Pseudo, SecretField, Unknown, Zone

# Version 6 of the provider calls a region's name `region` (its upgrade guide, "data source aws_region", 2026-11-21).
PSEUDO: Final = {
    "account": ("aws_caller_identity", "account_id"),
    "region": ("aws_region", "region"),
    "partition": ("aws_partition", "partition"),
    "url_suffix": ("aws_partition", "dns_suffix"),
}
ZONES: Final = "aws_availability_zones"
EXPORT: Final = "aws_cloudformation_export"
LOOKED_UP: Final = "aws_ssm_parameter"
SECRET_READ: Final = "aws_secretsmanager_secret_version"  # noqa: S105  # the type of a block


def render(value: object, scope: Scope) -> Json:  # noqa: PLR0911  # one line a shape
    """An expression as a template; a literal is returned as it is. CannotExpress says what has no form."""
    match value:
        case Unknown(_, source):
            return _unresolved(source)
        case Join(parts):
            return _joined(parts, scope)
        case SecretField(secret, field):
            read = f"ephemeral.{SECRET_READ}.{_label(secret.key, scope)}.secret_string"
            return Fleeting(f"${{jsondecode({read})[{json.dumps(field)}]}}")
        case Param(name) if name in scope.secrets:
            return Fleeting(f"${{{bare(value, scope)}}}")
        case Attr() | Param() | Pseudo() | Zone() | Part() | Import():
            return Template(f"${{{bare(value, scope)}}}")
        case If():
            return choice(value, render(value.when_true, scope), render(value.when_false, scope), scope)
    return value  # type: ignore[return-value]  # a literal


def choice(value: If, when_true: Json, when_false: Json, scope: Scope) -> Template:
    """One of two written values; nothing is null. CannotExpress for a condition that the region does not have."""
    if value.condition not in scope.conditions:
        raise CannotExpress(f"it hangs on the condition '{value.condition}', which the region does not have")
    text = f"${{local.{scope.conditions[value.condition]} ? {operand(when_true)} : {operand(when_false)}}}"
    if isinstance(when_true, Fleeting) or isinstance(when_false, Fleeting):
        return Fleeting(text)
    return Perhaps(text) if when_true is None or when_false is None else Template(text)


def bare(value: object, scope: Scope) -> str:  # noqa: PLR0911  # one line a shape
    """An expression without the marks of a template around it."""
    match value:
        case Attr(key, name):
            return reference(key, name, scope)
        case Param(name) if name in scope.sources:
            return scope.sources[name]
        case Param(name):
            if name not in scope.parameters:
                raise CannotExpress(f"the plan has no parameter '{name}'")
            return _variable(name, scope)
        case Pseudo("stack_name"):
            return f"local.{scope.prefix}stack_name"
        case Pseudo(name) if name in PSEUDO:
            type_name, attribute = PSEUDO[name]
            return f"data.{type_name}.{scope.here}.{attribute}"
        case Zone(index):
            return f"data.{ZONES}.{scope.here}.names[{index}]"
        case Part(of, separator, index):
            return f"split({json.dumps(escaped(separator))}, {bare(of, scope)})[{index}]"
        case Import(name):
            return f"data.{EXPORT}.{export_label(name)}.value"
    raise CannotExpress(f"{value!r} has no form in Terraform")


def _variable(name: str, scope: Scope) -> str:
    """A variable, or what Systems Manager holds under the name that it gives."""
    if name not in scope.looked_up:
        return f"var.{scope.parameters[name]}"
    # `value` counts as a secret, `insecure_value` is for those that are none (provider documentation, data source
    # aws_ssm_parameter, 2026-11-21); CloudFormation takes no SecureString for a parameter either.
    found = f"data.{LOOKED_UP}.{scope.parameters[name]}.insecure_value"
    return f'split(",", {found})' if name in scope.lists else found


def reference(key: str, attribute: str, scope: Scope) -> str:
    """An attribute of a block, by the plan's name for it."""
    if key not in scope.tables:
        raise CannotExpress(f"it points at '{key}', which is not in this region of the plan")
    table = scope.tables[key]
    if table is None:
        raise CannotExpress(f"it points at '{key}', which is of a type that Terraform's tables do not know")
    theirs = table.attributes.get(attribute, attribute)
    if theirs == NOWHERE:
        raise CannotExpress(f"the provider does not show the {attribute} of a {table.kind.__name__}")
    return f"{table.type_name}.{scope.labels[key]}.{theirs}"


def export_label(name: str) -> str:
    """The label of the data block that reads an export: a letter, then letters and digits."""
    return "export_" + "".join(one if one.isascii() and one.isalnum() else f"_{ord(one):x}_" for one in name)


def _label(key: str, scope: Scope) -> str:
    if key not in scope.labels:
        raise CannotExpress(f"it points at '{key}', which is not in this region of the plan")
    return scope.labels[key]


def _unresolved(source: Json) -> Json:
    if source is None:
        return None
    if isinstance(source, str) and "${" in source:
        return Template(source)
    raise CannotExpress(f"{json.dumps(source)} was written for another tool, and could not be resolved")


def _joined(parts: tuple[object, ...], scope: Scope) -> Template:
    written = []
    for part in parts:
        piece = render(part, scope)
        if isinstance(piece, Fleeting):
            raise CannotExpress("a secret inside a longer text would be stored in the state")
        if not isinstance(piece, str):
            raise CannotExpress(f"{part!r} has no form inside a text")
        written.append(str(piece) if isinstance(piece, Template) else escaped(piece))
    # A `$` before a part's own `${` would be read as its escape.
    for before, after in pairwise(written):
        if before.endswith(("$", "%")) and after.startswith(("${", "%{")):
            raise CannotExpress("a '$' right before an expression has no form in Terraform's templates")
    return Template("".join(written))
