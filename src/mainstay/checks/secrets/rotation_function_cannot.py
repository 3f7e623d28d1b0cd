"""SE003: a rotation function that may not be called, may not write, or does not rotate."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import plan_of
from mainstay.checks.giving import callable_by
from mainstay.checks.grants import lacking
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.policies import InlinePolicy
from mainstay.plan.resources import (
    EventRule,
    Function,
    FunctionPermission,
    Opaque,
    Resource,
    Role,
    RotationSchedule,
    Secret,
)
from mainstay.plan.values import Attr, Join, Ref, is_expression

_SERVICE = "secretsmanager.amazonaws.com"
_STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
_ACTIONS = ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")
_NEEDED = tuple(f"secretsmanager:{name}" for name in _ACTIONS)
# Managed policies that functions wear and that say nothing of secrets.
_HARMLESS = ("AWSLambdaBasicExecutionRole", "AWSLambdaVPCAccessExecutionRole", "AWSXRayDaemonWriteAccess")


def _plan(*resources: Resource) -> Plan:
    schedule = RotationSchedule(key="Rotation", secret=Ref("Secret"), function=Ref("Rotate"), every=Duration.days(30))
    function = Function(key="Rotate", role="arn:aws:iam::123456789012:role/rotate")
    return plan_of(Secret(key="Secret"), function, schedule, *resources)


def _bad() -> Plan:
    """Nobody may call the function"""
    return _plan()


def _good() -> Plan:
    """Secrets Manager may"""
    given = FunctionPermission(key="May", function=Ref("Rotate"), principal=_SERVICE, action="lambda:InvokeFunction")
    return _plan(given)


@rule(
    id="SE003",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="the function cannot rotate",
    source="Secrets Manager User Guide, rotate-secrets_lambda-functions and"
    " rotating-secrets-required-permissions-function (2026-11-20)",
    applies_to=(RotationSchedule,),
    field="code_text",
    bad=_bad,
    good=_good,
)
def faults(schedule: RotationSchedule, scene: Scene) -> Iterator[Fault]:
    """Secrets Manager calls the function four times, with the steps createSecret, setSecret, testSecret and
    finishSecret, and expects it to write the new version itself. A function made for something else answers that all
    is well and rotates nothing; one that may not be called fails the stack.
    """
    function = scene.region.resolve(schedule.function, Function)
    if function is None:
        return
    # One that names its function otherwise than by reference may be about this one.
    permissions = scene.region.of(FunctionPermission)
    callers = [one for one in permissions if one.function == Ref(function.key) or not isinstance(one.function, Ref)]
    if not any(is_expression(one.principal) or one.principal == _SERVICE for one in callers):
        hint = f"add an AWS::Lambda::Permission for {_SERVICE}, with the secret's ARN as its SourceArn"
        mend = (callable_by(function, _SERVICE, schedule.key, _arn(schedule, scene)),)
        yield Fault(function, f"{_SERVICE} may not call {function.key}.", hint, mend=mend)
    text = function.code_text if isinstance(function.code_text, str) and not function.layers else ""
    missing = [step for step in _STEPS if text and step not in text]
    if missing:
        hint = "take AWS's rotation templates, or a function that does all four steps"
        yield Fault(function, f"The code of {function.key} knows no {', '.join(missing)}.", hint)
    role = scene.region.resolve(function.role, Role)
    refused = _refused(role, scene) if role else []
    if role and refused:
        hint = f"allow them on the secret, or attach a policy to {role.key} that does"
        yield Fault(
            role, f"{role.key}, as which {function.key} runs, lacks {', '.join(refused)}.", hint, field="policies"
        )
    if _is_of_something_else(function, callers, scene):
        hint = "give rotation a function of its own"
        detail = f"{function.key} rotates secrets, and is called for something else as well."
        yield Fault(function, detail, hint, Severity.WARNING)


def _arn(schedule: RotationSchedule, scene: Scene) -> Attr | None:
    """The ARN of the secret that is rotated, where it is one of the plan."""
    secret = scene.target_of(schedule)
    return Attr(secret.key, "arn") if secret else None


def _refused(role: Role, scene: Scene) -> list[str]:
    """What the role's policies do not allow; nothing where some of them cannot be seen."""
    apart = any("Policy" in one.type or "_policy" in one.type for one in scene.region.of(Opaque))
    managed = (each.parts[-1] if isinstance(each, Join) else each for each in role.managed_policies)
    is_seen = all(isinstance(each, str) and each.endswith(_HARMLESS) for each in managed)
    if apart or not is_seen or hides(role, "polic") or not all(isinstance(one, InlinePolicy) for one in role.policies):
        return []
    return lacking((one.document for one in role.policies), _NEEDED)


def _is_of_something_else(function: Function, callers: list[FunctionPermission], scene: Scene) -> bool:
    other = (one.principal for one in callers if isinstance(one.function, Ref))
    targets = (target.arn for each in scene.region.of(EventRule) for target in each.targets if hasattr(target, "arn"))
    return any(isinstance(one, str) and one != _SERVICE for one in other) or Attr(function.key, "arn") in targets
