"""SE004: days, expressions, windows, functions, and keys of other services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mainstay.checks.examples import plan_of
from mainstay.checks.secrets.rotation_refused import faults
from mainstay.core.findings import Finding, Severity
from mainstay.core.schedules import Cron, Rate
from mainstay.core.units import Duration
from mainstay.plan.resources import Resource, RotationSchedule, Secret, SecretAttachment
from mainstay.plan.values import Param, Ref, Unknown

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]
HOUR, DAY = 3_600, 86_400


def schedule(**changes: object) -> RotationSchedule:
    return RotationSchedule(**{"key": "Rotation", "secret": Ref("Secret"), **changes})  # type: ignore[arg-type]  # any


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"every": Duration.days(1)}, None),
        ({"every": Duration.days(1000)}, None),
        ({"every": Duration(0)}, "every 0 days"),
        ({"every": Duration.days(1001)}, "every 1001 days"),
        ({"every": Param("Days")}, None),
        ({"every": Duration.days(7), "schedule": Rate.parse("rate(7 days)")}, "both days and an expression"),
        (
            {
                "every": Duration(0),
                "schedule": Rate.parse("rate(7 days)"),
                "address": "aws_secretsmanager_secret_rotation.x",
            },
            None,
        ),
        ({}, "does not say when"),
        ({"extras": {"RotationRules": "odd"}}, None),
        ({"schedule": Rate.parse("rate(4 hours)")}, None),
        ({"schedule": Rate.parse("rate(3 hours)")}, "rotates at rate(3 hours)"),
        ({"schedule": Cron.parse("cron(0 8 1 * ? *)")}, None),
        ({"schedule": Cron.parse("cron(0 */4 * * ? *)")}, None),
        ({"schedule": Cron.parse("cron(0 */3 * * ? *)")}, "rotates at cron(0 */3"),
        ({"schedule": Cron.parse("cron(30 8 1 * ? *)")}, "not at a full hour"),
        ({"schedule": Unknown("no schedule", "0 8 * * *")}, "'0 8 * * *' of Rotation is no schedule"),
        ({"schedule": Param("Schedule")}, None),
        ({"every": Duration.days(7), "window": Duration(HOUR)}, None),
        ({"every": Duration.days(7), "window": Duration(HOUR - 1)}, "The window of Rotation is 59m59s"),
        ({"every": Duration.days(7), "window": Duration(DAY)}, None),
        ({"every": Duration.days(7), "window": Duration(DAY + 1)}, "The window of Rotation is 1d1s"),
        ({"every": Duration.days(7), "window": Duration(DAY + HOUR)}, "The window of Rotation is 1d1h"),
        ({"every": Duration.days(7), "window": Duration(0)}, "The window of Rotation is 0s"),
    ],
)
def test_rules(changes: dict[str, object], said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(schedule(**changes)))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)


@pytest.mark.parametrize("changes", [{}, {"schedule": Unknown("no schedule", "monthly")}])
def test_what_is_less_certain(changes: dict[str, object], say: Say) -> None:
    assert [finding.severity for finding in say(faults, plan_of(schedule(**changes)))] == [Severity.WARNING]


HOSTED = {"every": Duration.days(7), "extras": {"HostedRotationLambda.RotationType": "PostgreSQLSingleUser"}}


@pytest.mark.parametrize(
    ("changes", "transform", "said"),
    [
        (HOSTED, "AWS::SecretsManager-2024-09-16", []),
        (HOSTED, ["AWS::LanguageExtensions", "AWS::SecretsManager-2020-07-23"], []),
        (HOSTED, None, ["only a transform makes"]),
        (HOSTED, "AWS::Serverless-2016-10-31", ["only a transform makes"]),
        ({**HOSTED, "function": "arn"}, "AWS::SecretsManager-2024-09-16", ["a function and a hosted one"]),
        ({"every": Duration.days(7), "function": "arn"}, None, []),
    ],
)
def test_hosted_functions(changes: dict[str, object], transform: object, said: list[str], say: Say) -> None:
    plan = plan_of(schedule(**changes))
    extras: dict[str, Any] = {"Transform": transform} if transform else {}  # Any: JSON
    plan = replace(plan, regions=(replace(plan.primary, extras=extras),))
    findings = say(faults, plan)
    assert len(findings) == len(said)
    assert all(part in finding.detail for part, finding in zip(said, findings, strict=True))


def test_a_secret_has_one_schedule(say: Say) -> None:
    one = schedule(every=Duration.days(7))
    attachment = SecretAttachment(key="Attachment", secret=Ref("Secret"), target=Ref("Database"))
    two = replace(one, key="Again", secret=Ref("Attachment"))
    (finding,) = say(faults, plan_of(Secret(key="Secret"), attachment, one, two))
    assert "Secret is rotated by Rotation and by Again" in finding.detail
    elsewhere = replace(one, key="Again", secret=Ref("Other"))
    assert say(faults, plan_of(Secret(key="Secret"), Secret(key="Other"), one, elsewhere)) == []


@pytest.mark.parametrize(
    ("key", "count"),
    [
        ("alias/aws/secretsmanager", 0),
        ("alias/aws/rds", 1),
        ("alias/shop", 0),
        (Param("Key"), 0),
        (None, 0),
    ],
)
def test_keys(key: object, count: int, say: Say) -> None:
    secret: Resource = Secret(key="Secret", key_id=key)  # type: ignore[arg-type]  # whatever a case wants
    assert len(say(faults, plan_of(secret))) == count


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({"every": Duration(0)}, {"every": Duration.days(1)}),
        ({"every": Duration.days(1001)}, {"every": Duration.days(1000)}),
        ({"every": Duration.days(7), "window": Duration(60)}, {"window": Duration(HOUR)}),
        ({"every": Duration.days(7), "window": Duration.days(2)}, {"window": Duration(DAY)}),
    ],
)
def test_the_nearest_that_is_taken(changes: dict[str, Any], right: dict[str, Any], mends: Mends) -> None:
    # Any: fields of many types
    wrong = schedule(**changes)
    assert mends(faults, plan_of(wrong)) == [(replace(wrong, **right),)]
