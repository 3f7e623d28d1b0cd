"""SE005: a client that was handed the password when it was deployed, while the password is rotated."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, is_password, leaves
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Function, Instance, Resource, RotationSchedule, Secret
from mainstay.plan.values import Attr, Ref, SecretField, Value

_ROTATOR = "arn:aws:lambda:us-east-1:123456789012:function:rotate"


def _plan(value: Value[str]) -> Plan:
    schedule = RotationSchedule(key="Rotation", secret=Ref("Secret"), function=_ROTATOR, every=Duration.days(30))
    app = Function(key="App", role="arn:aws:iam::123456789012:role/app", environment={"LOGIN": value})
    return plan_of(Secret(key="Secret"), schedule, app)


def _bad() -> Plan:
    """A function with the password of a rotated secret in its environment"""
    return _plan(SecretField(Ref("Secret"), "password"))


def _good() -> Plan:
    """The same with the secret's ARN, from which it reads the password when it needs it"""
    return _plan(Attr("Secret", "arn"))


@rule(
    id="SE005",
    severity=Severity.ERROR,
    harm=Harm.OUTAGE,
    summary="a client keeps a rotated password",
    source="CloudFormation User Guide, dynamic-references (resolved when the stack is created or updated) (2026-11-20)",
    applies_to=(Function, Instance),
    field="environment",
    bad=_bad,
    good=_good,
)
def faults(resource: Resource, scene: Scene) -> Iterator[Fault]:
    """A reference is resolved when the stack is deployed. The first rotation changes the password, and the client goes
    on with the old one until somebody deploys it again: the outage comes at night, a month later.
    """
    settings = _settings(resource)
    for schedule in scene.region.of(RotationSchedule):
        secret = scene.target_of(schedule)
        for name, value in settings.items() if secret else ():
            held = [leaf for leaf in leaves(value) if isinstance(leaf, SecretField)]
            if secret and any(leaf.secret == Ref(secret.key) and is_password(leaf.field) for leaf in held):
                yield Fault(
                    resource,
                    f"{resource.key} holds in {name} the password of {secret.key}, which {schedule.key} rotates.",
                    "hand over the secret's ARN and read it at each new connection, or log in by IAM",
                )


def _settings(resource: Resource) -> dict[str, object]:
    if isinstance(resource, Instance):
        return {"its user data": resource.user_data}
    return dict(resource.environment) if isinstance(resource, Function) else {}
