"""ST002: a fixed name that a second environment, or a replacement, collides with."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    Alarm,
    Bucket,
    DbInstance,
    EventSubscription,
    InstanceProfile,
    KeyAlias,
    ParameterGroup,
    Resource,
    Role,
    Secret,
    SubnetGroup,
    Topic,
)

# The kinds whose names are unique in an account and region (or wider), by the field that holds the name.
_NAMED: dict[type[Resource], str] = {
    DbInstance: "identifier",
    **dict.fromkeys(
        (Alarm, Bucket, EventSubscription, InstanceProfile, KeyAlias, ParameterGroup, Role, Secret, SubnetGroup, Topic),
        "name",
    ),
}
# What templates call the parameter that says which environment they make.
_ENVIRONMENT = frozenset({"env", "envname", "environment", "environmentname", "stage", "stagename"})
_INTENT = Intent(name="shop", environment="dev", protects_stack=True)


def _bad() -> Plan:
    """The identifier shop-database in the environment dev"""
    return plan_of(database(identifier="shop-database"), intent=_INTENT)


def _good() -> Plan:
    """The identifier shop-dev in the environment dev"""
    return plan_of(database(identifier="shop-dev"), intent=_INTENT)


@rule(
    id="ST002",
    severity=Severity.WARNING,
    harm=Harm.REJECTED,
    summary="a fixed name collides",
    source="CloudFormation resource schemas in cfn-lint 1.58.0, createOnlyProperties (2026-10-20)",
    applies_to=tuple(_NAMED),
    bad=_bad,
    good=_good,
)
def faults(resource: Resource, scene: Scene) -> Iterator[Fault]:
    """A physical name exists once in an account and region. The second environment fails with `already exists`; so
    does a change that replaces the resource, because CloudFormation creates the new one before it deletes the old.
    """
    name = literal(getattr(resource, _NAMED[type(resource)]), str)
    if not name:
        return
    environment = scene.plan.intent.environment
    if environment and environment.lower() not in name.lower():
        yield Fault(
            resource,
            f"{resource.key} is named '{name}' in every environment; a second one beside '{environment}' fails.",
            f"put the environment into the name, such as {name}-{environment}, or leave the name to CloudFormation",
        )
    elif not environment and (chosen := _parameter_of_environment(scene)):
        yield Fault(
            resource,
            f"{resource.key} is named '{name}' whatever the parameter {chosen} says; a second environment in the same"
            " account and region fails.",
            f"put ${{{chosen}}} into the name, or leave the name to CloudFormation",
        )
    family = literal(resource.family, str) if isinstance(resource, ParameterGroup) else None
    if family and family.lstrip("abcdefghijklmnopqrstuvwxyz").replace(".", "") not in name.replace(".", ""):
        yield Fault(
            resource,
            f"{resource.key} is named '{name}' whatever its family ({family}), which can only change by replacement:"
            f" the next major upgrade fails with 'already exists'.",
            f"put the family into the name, such as {name}-{family.replace('.', '')}, or leave it to CloudFormation",
            Severity.INFO,
        )


def _parameter_of_environment(scene: Scene) -> str:
    """The parameter by which a template is deployed once an environment, empty when it has none."""
    names = (parameter.name for parameter in scene.region.parameters)
    return next((name for name in names if name.replace("_", "").lower() in _ENVIRONMENT), "")
