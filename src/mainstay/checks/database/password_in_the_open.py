"""DB032: a password that whoever reads the template, its parameters or a function's settings has, too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, leaves
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Parameter, Plan
from mainstay.plan.resources import DbInstance, Function, Instance, Resource, Secret
from mainstay.plan.values import Param, Ref, SecretField

_NAMED_PASSWORD = re.compile(r"(?i)(password|passwd|pwd)$")
_MANAGED = "let RDS manage it (ManageMasterUserPassword), or generate it in a secret and refer to that"


def _bad() -> Plan:
    """The password stands in the template"""
    return plan_of(database(password="correct-horse-battery"))  # noqa: S106  # what the rule is about


def _good() -> Plan:
    """The template refers to a field of a secret"""
    return plan_of(database(password=SecretField(Ref("Secret"), "password")), Secret(key="Secret"))


@rule(
    id="DB032",
    severity=Severity.ERROR,
    harm=Harm.SECURITY,
    summary="a password stands in the open",
    source="CloudFormation User Guide, security-best-practices (creds) and parameters-section-structure, NoEcho"
    " (2026-11-21)",
    applies_to=(DbInstance, Secret, Function, Instance),
    field="password",
    bad=_bad,
    good=_good,
)
def faults(resource: Resource, scene: Scene) -> Iterator[Fault]:
    """A template lies in a repository, in a bucket and in the stack's own record; a parameter without NoEcho is shown
    by every console and call; a function's settings can be read by whoever may describe it.
    """
    match resource:
        case DbInstance():
            yield from _of_database(resource, scene)
        case Secret():
            if _holds_password(resource.extras.get("SecretString")):
                hint = "generate the password (GenerateSecretString)"
                yield Fault(resource, f"{resource.key} has its password written out in the template.", hint)
        case Function():
            yield from _of_settings(resource, resource.environment, scene)
        case _:
            yield from _of_settings(resource, {"its user data": getattr(resource, "user_data", None)}, scene)


def _of_database(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    declared = {parameter.name: parameter for parameter in scene.region.parameters}
    for leaf in leaves(db.password):
        if isinstance(leaf, str) and leaf:
            yield Fault(db, f"The master password of {db.key} is written out in the template.", _MANAGED)
        parameter = declared.get(leaf.name) if isinstance(leaf, Param) else None
        if parameter is not None and not parameter.is_secret:
            detail = f"The master password of {db.key} is the parameter {parameter.name}, which is shown (no NoEcho)."
            yield Fault(db, detail, f"set NoEcho on {parameter.name}, or better {_MANAGED}")
        elif parameter is not None and _has_default(parameter):
            detail = f"The master password of {db.key} has a default: that of the parameter {parameter.name}."
            yield Fault(db, detail, f"take the default out, or better {_MANAGED}")


def _has_default(parameter: Parameter) -> bool:
    return bool(parameter.default) and not parameter.type.startswith("AWS::SSM::")


def _holds_password(node: object) -> bool:
    """Whether a secret's text is an object with a password in it that is written out."""
    try:
        value = json.loads(node) if isinstance(node, str) and "{{resolve:" not in node else None
    except ValueError:
        return False
    members = value.items() if isinstance(value, dict) else ()
    return any(_NAMED_PASSWORD.search(name) and isinstance(text, str) and text for name, text in members)


def _of_settings(resource: Resource, settings: Mapping[str, object], scene: Scene) -> Iterator[Fault]:
    passwords = {leaf for db in scene.region.of(DbInstance) for leaf in leaves(db.password) if isinstance(leaf, Param)}
    for name, value in settings.items():
        found = list(leaves(value))
        is_literal = bool(_NAMED_PASSWORD.search(name)) and len(found) == 1 and isinstance(value, str) and value
        if is_literal or passwords & {leaf for leaf in found if isinstance(leaf, Param)}:
            hint = "hand over the secret's ARN instead, and read it when it is needed"
            yield Fault(resource, f"{resource.key} is given a password in {name}.", hint)
