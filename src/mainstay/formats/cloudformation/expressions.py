"""A plan's expressions as CloudFormation's intrinsic functions: each shape is written in one form.

A concatenation becomes `Fn::Sub` where it holds only texts, parameters, pseudo parameters, attributes and secret
fields, because that is what people read best; otherwise `Fn::Join`.
"""

from __future__ import annotations

import re
from typing import Final

from mainstay.formats.cloudformation.scope import Scope
from mainstay.formats.codec import CannotExpress
from mainstay.plan.values import Attr, If, Import, Join, Json, Param, Part, Pseudo, SecretField, Unknown, Zone

PSEUDO: Final = {
    Pseudo("account"): "AWS::AccountId",
    Pseudo("region"): "AWS::Region",
    Pseudo("partition"): "AWS::Partition",
    Pseudo("url_suffix"): "AWS::URLSuffix",
    Pseudo("stack_name"): "AWS::StackName",
    Pseudo("stack_id"): "AWS::StackId",
}
NO_VALUE: Final[Json] = {"Ref": "AWS::NoValue"}

# `${Name}` is what Fn::Sub replaces and `${!Name}` what it turns into `${Name}` (CloudFormation User Guide,
# intrinsic-function-reference-sub, checked 2026-11-20). Any other `${` goes through Fn::Join.
_NAMED: Final = re.compile(r"\$\{(?=[A-Za-z0-9_.:@%#/,=\- ]+\})")


def render(value: object, scope: Scope) -> Json:  # noqa: PLR0911  # one line a shape
    """An expression in CloudFormation's form; a literal is returned as it is."""
    match value:
        case Unknown(_, source):
            return NO_VALUE if source is None else source
        case Param(name):
            return {"Ref": name}
        case Pseudo():
            return {"Ref": PSEUDO[value]}
        case Attr(key, name):
            return _attribute(key, name, scope)
        case Zone(index):
            return {"Fn::Select": [index, {"Fn::GetAZs": ""}]}
        case Part(attribute, separator, index):
            return {"Fn::Select": [index, {"Fn::Split": [separator, render(attribute, scope)]}]}
        case Import(name):
            return {"Fn::ImportValue": name}
        case Join(parts):
            return _concatenation(parts, scope)
        case SecretField():
            return _concatenation((value,), scope)
        case If(condition, when_true, when_false):
            return choice(condition, render(when_true, scope), render(when_false, scope))
    return literal(value)


def choice(condition: str, when_true: Json, when_false: Json) -> Json:
    """Fn::If between two written values; nothing is AWS::NoValue."""
    return {"Fn::If": [condition, *(NO_VALUE if side is None else side for side in (when_true, when_false))]}


def literal(value: object) -> Json:
    """A literal that JSON can hold."""
    if value is None or isinstance(value, str | int | float | list | dict):
        return value
    raise CannotExpress(f"{value!r} has no form in a template")


def _attribute(key: str, name: str, scope: Scope) -> Json:
    return {"Ref": key} if name == "id" else {"Fn::GetAtt": [key, scope.their_attribute(key, name)]}


def _concatenation(parts: tuple[object, ...], scope: Scope) -> Json:
    pieces = [_substitution(part, scope) for part in parts]
    known = [piece for piece in pieces if piece is not None]
    if len(known) == len(pieces):
        return {"Fn::Sub": "".join(known)}
    return {"Fn::Join": ["", [render(part, scope) for part in parts]]}


def _substitution(part: object, scope: Scope) -> str | None:
    """A part inside the text of Fn::Sub; None where it has no place there."""
    match part:
        case str():
            escaped, count = _NAMED.subn("${!", part)
            # A `$` before the next part's `${` would be read together with it.
            return escaped if count == part.count("${") and not part.endswith("$") else None
        case Param(name):
            return f"${{{name}}}"
        case Pseudo():
            return f"${{{PSEUDO[part]}}}"
        case Attr(key, name):
            return f"${{{key}}}" if name == "id" else f"${{{key}.{scope.their_attribute(key, name)}}}"
        case SecretField(secret, name):
            return f"{{{{resolve:secretsmanager:${{{secret.key}}}:SecretString:{name}}}}}"
    return None
