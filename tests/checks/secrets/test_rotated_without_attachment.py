"""SE002: attachments, the order in which things are made, and secrets that need none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.examples import database, plan_of
from mainstay.checks.secrets.rotated_without_attachment import faults
from mainstay.core.findings import Finding, Severity
from mainstay.plan.resources import GeneratedSecret, Resource, RotationSchedule, Secret, SecretAttachment
from mainstay.plan.values import Param, Ref, SecretField, Unknown, join

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]
USED = database(password=SecretField(Ref("Secret"), "password"))
ATTACHED = SecretAttachment(key="Attachment", secret=Ref("Secret"), target=Ref("Database"))


def schedule(**changes: object) -> Resource:
    given = {"key": "Rotation", "secret": Ref("Secret"), "function": "arn", **changes}
    return RotationSchedule(**given)  # type: ignore[arg-type]  # whatever a case wants


def secret(template: object = '{"username": "shop"}', **changes: object) -> Resource:
    made = GeneratedSecret(template=template, key="password")  # type: ignore[arg-type]  # as above
    return Secret(**{"key": "Secret", "generate": made, **changes})  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    ("resources", "severity"),
    [
        ((USED, secret(), schedule()), Severity.ERROR),
        ((USED, secret(), schedule(rotates_at_once=False)), Severity.ERROR),
        ((USED, secret(), ATTACHED, schedule(secret=Ref("Attachment"))), None),
        ((USED, secret(), ATTACHED, schedule(depends_on=(Ref("Attachment"),))), None),
        ((USED, secret(), ATTACHED, schedule()), Severity.WARNING),
        ((USED, secret(), ATTACHED, schedule(rotates_at_once=True)), Severity.WARNING),
        ((USED, secret(), ATTACHED, schedule(rotates_at_once=False)), None),
        # the attachment of another one
        ((USED, secret(), Secret(key="Other"), replace(ATTACHED, secret=Ref("Other")), schedule()), Severity.ERROR),
        # an application's secret of its own, of which nothing is known
        ((database(), secret(), schedule()), None),
        # a text that names the host itself
        ((USED, secret('{"username": "shop", "host": "db"}'), schedule()), None),
        ((USED, secret(join('{"Host": "', Param("Host"), '"}')), schedule()), None),
        ((USED, secret(Unknown("later")), schedule()), None),
        ((USED, secret(None), schedule()), Severity.ERROR),
        ((USED, secret(generate=None), schedule()), Severity.ERROR),
        ((USED, secret(generate=None, extras={"SecretString": '{"host": "db"}'}), schedule()), None),
        # what cannot be seen
        ((USED, secret(), schedule(secret="arn:aws:secretsmanager:x")), None),
        ((USED, secret(), schedule(address="aws_secretsmanager_secret_rotation.x")), None),
    ],
)
def test_schedules(resources: tuple[Resource, ...], severity: Severity | None, say: Say) -> None:
    findings = say(faults, plan_of(*resources))
    assert [finding.severity for finding in findings] == ([severity] if severity else [])
    assert all(finding.subject == "Rotation" for finding in findings)


def test_of_two_attachments_the_first_is_named(say: Say) -> None:
    (finding,) = say(faults, plan_of(USED, secret(), ATTACHED, replace(ATTACHED, key="Again"), schedule()))
    assert finding.detail == "Rotation rotates Secret at once, maybe before Attachment is there."
    assert finding.hint == "name Attachment as its SecretId, or in its DependsOn"


def test_the_one_database_whose_password_it_is_gets_the_attachment(mends: Mends) -> None:
    lone, other = schedule(), replace(USED, key="Other", password=None)
    (mend,) = mends(faults, plan_of(other, USED, secret(), lone))
    assert mend == (
        SecretAttachment(key="SecretAttachment", secret=Ref("Secret"), target=Ref("Database")),
        replace(lone, depends_on=(Ref("SecretAttachment"),)),
    )
    assert mends(faults, plan_of(USED, replace(USED, key="Twin"), secret(), lone)) == [()]


def test_a_schedule_waits_for_the_first_attachment(mends: Mends) -> None:
    early = schedule()
    plan = plan_of(USED, secret(), ATTACHED, replace(ATTACHED, key="Again"), early)
    assert mends(faults, plan) == [(replace(early, depends_on=(Ref("Attachment"),)),)]
