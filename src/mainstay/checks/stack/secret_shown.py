"""ST004: a secret in an output, or in the settings of a function or host, where everybody with read access finds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, is_password, leaves
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Output, Plan
from mainstay.plan.resources import KINDS, DbInstance, Function, Instance, Resource, RotationSchedule, Secret
from mainstay.plan.values import Attr, Param, Ref, SecretField, Value


def _plan(value: Value[str]) -> Plan:
    plan = plan_of(database(password=SecretField(Ref("Secret"), "password")), Secret(key="Secret"))
    return replace(plan, regions=(replace(plan.primary, outputs=(Output(name="Login", value=value),)),))


def _bad() -> Plan:
    """An output with the password"""
    return _plan(SecretField(Ref("Secret"), "password"))


def _good() -> Plan:
    """An output with the secret's ARN"""
    return _plan(Attr("Secret", "id"))


@rule(
    id="ST004",
    severity=Severity.ERROR,
    harm=Harm.SECURITY,
    summary="a secret is shown",
    source="CloudFormation User Guide, outputs-section-structure and dynamic-references (2026-11-20)",
    applies_to=KINDS,
    field="environment",
    bad=_bad,
    good=_good,
)
def faults(resource: Resource, scene: Scene) -> Iterator[Fault]:
    """Outputs are not redacted: the console, `describe-stacks` and every build log show them, NoEcho or not. What a
    function has in its environment is shown by `get-function-configuration`, and what a host is started with by
    `describe-instance-attribute`.
    """
    if scene.is_first(resource):
        for output in scene.region.outputs:
            if any(_is_secret(leaf, scene) for leaf in leaves(output.value)):
                detail = f"The output {output.name} shows a password."
                yield Fault(scene.whole, detail, "put out the secret's ARN instead")
    if isinstance(resource, Instance) and any(_is_secret(leaf, scene) for leaf in leaves(resource.user_data)):
        detail = f"The user data of {resource.key} holds a password."
        yield Fault(resource, detail, "read the secret on the host, by the role of its instance profile")
    if isinstance(resource, Function):
        targets = [scene.target_of(one) for one in scene.region.of(RotationSchedule)]
        rotated = {secret.key for secret in targets if secret}
        for name, value in resource.environment.items():
            held = [leaf for leaf in leaves(value) if isinstance(leaf, SecretField) and is_password(leaf.field)]
            # Of a secret that is rotated, SE005 speaks.
            if None not in targets and any(leaf.secret.key not in rotated for leaf in held):
                detail = f"{resource.key} has a password in its environment, in {name}."
                yield Fault(
                    resource, detail, "hand over the secret's ARN, and read it in the function", Severity.WARNING
                )


def _is_secret(leaf: object, scene: Scene) -> bool:
    if isinstance(leaf, SecretField):
        return is_password(leaf.field)
    if not isinstance(leaf, Param):
        return False
    hidden = {parameter.name for parameter in scene.region.parameters if parameter.is_secret}
    return leaf.name in hidden or any(leaf in list(leaves(db.password)) for db in scene.region.of(DbInstance))
