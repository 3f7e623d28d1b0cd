"""SE004: a schedule of rotation that Secrets Manager does not take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, is_shown, literal, misread
from mainstay.core.findings import Harm, Severity
from mainstay.core.schedules import Cron, Rate
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Resource, RotationSchedule, Secret
from mainstay.plan.values import Ref

_FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:rotate"
_DAY, _LEAST_GAP = 86_400, 4 * 3_600
_HOSTED = "HostedRotationLambda"


def _plan(every: Duration) -> Plan:
    schedule = RotationSchedule(key="Rotation", secret=Ref("Secret"), function=_FUNCTION, every=every)
    return plan_of(Secret(key="Secret"), schedule)


def _bad() -> Plan:
    """Every 1,001 days"""
    return _plan(Duration.days(1001))


def _good() -> Plan:
    """Every 1,000 days"""
    return _plan(Duration.days(1000))


@rule(
    id="SE004",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="the rotation is refused",
    source="botocore Secrets Manager model, RotationRulesType; cdk-preflight rules, reproduced against AWS"
    " (2026-11-20)",
    applies_to=(RotationSchedule, Secret),
    field="every",
    bad=_bad,
    good=_good,
)
def faults(resource: Resource, scene: Scene) -> Iterator[Fault]:
    """A secret has one schedule: either so many days apart (1 to 1,000), or an expression that begins at full hours, at
    least four hours apart, with a window of 1 to 24 hours. A hosted function needs its transform.
    """
    match resource:
        case Secret(key_id=str(key)) if key.startswith("alias/aws/") and key != "alias/aws/secretsmanager":
            hint = "name a key of your own, or leave it out"
            yield Fault(
                resource, f"{resource.key} is to be encrypted with {key}, another service's key.", hint, field="key_id"
            )
        case RotationSchedule():
            yield from _rules(resource)
            yield from _expression(resource)
            yield from _functions(resource, scene)
            yield from _twice(resource, scene)


def _rules(schedule: RotationSchedule) -> Iterator[Fault]:
    every = literal(schedule.every, Duration)
    # Terraform shows 0 days beside an expression.
    is_counted = schedule.every is not None and not (every == 0 and is_shown(schedule))
    if is_counted and schedule.schedule is not None:
        yield Fault(schedule, f"{schedule.key} has both days and an expression.", "drop one of them")
    if not is_counted and schedule.schedule is None and not hides(schedule, "rules"):
        hint = "write AutomaticallyAfterDays, or a ScheduleExpression"
        yield Fault(schedule, f"{schedule.key} does not say when to rotate.", hint, Severity.WARNING)
    if is_counted and every is not None and not _DAY <= every <= 1000 * _DAY:
        nearest = Duration(min(max(every, _DAY), 1000 * _DAY))
        mend = (replace(schedule, every=nearest),)
        yield Fault(schedule, f"{schedule.key} rotates every {every // _DAY} days.", "write 1 to 1000 days", mend=mend)
    window = literal(schedule.window, Duration)
    if window is not None and not 3_600 <= window <= _DAY:
        mend = (replace(schedule, window=Duration(min(max(window, 3_600), _DAY))),)
        yield Fault(
            schedule, f"The window of {schedule.key} is {window}.", "write 1h to 24h", field="window", mend=mend
        )


def _expression(schedule: RotationSchedule) -> Iterator[Fault]:
    said = f"{schedule.key} rotates at {schedule.schedule}"
    if text := misread(schedule.schedule):
        hint = "write it as cron(0 8 ? * SUN *) or rate(10 days)"
        yield Fault(schedule, f"'{text}' of {schedule.key} is no schedule.", hint, Severity.WARNING, "schedule")
    match schedule.schedule:
        case Cron(minutes=minutes) if minutes != {0}:
            mend = (replace(schedule, schedule=schedule.schedule.at_minute(0)),)
            yield Fault(schedule, f"{said}, not at a full hour.", "write 0 as the minute", field="schedule", mend=mend)
        case Cron(shortest_gap=gap) | Rate(shortest_gap=gap) if gap is not None and gap < _LEAST_GAP:
            hint = "leave four hours or more between rotations"
            yield Fault(schedule, f"{said}, again after {gap}.", hint, field="schedule")


def _functions(schedule: RotationSchedule, scene: Scene) -> Iterator[Fault]:
    if not any(path.startswith(_HOSTED) for path in schedule.extras):
        return
    if schedule.function is not None:
        yield Fault(schedule, f"{schedule.key} has a function and a hosted one.", "drop one of them")
    if "AWS::SecretsManager-" not in str(scene.region.extras.get("Transform", "")):
        hint = "add Transform: AWS::SecretsManager-2024-09-16 to the template"
        yield Fault(schedule, f"{schedule.key} has a hosted function, which only a transform makes.", hint)


def _twice(schedule: RotationSchedule, scene: Scene) -> Iterator[Fault]:
    secret = scene.target_of(schedule)
    same = [one for one in scene.region.of(RotationSchedule) if secret and scene.target_of(one) is secret]
    if secret is not None and same[0] is not schedule:
        detail = f"{secret.key} is rotated by {same[0].key} and by {schedule.key}; it can have one schedule."
        yield Fault(schedule, detail, "drop one of them")
