"""SE002: a rotation that does not know which database to go to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, is_shown, leaves
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, GeneratedSecret, Resource, RotationSchedule, Secret, SecretAttachment
from mainstay.plan.values import Ref, SecretField

_FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:rotate"


def _plan(*resources: Resource) -> Plan:
    made = GeneratedSecret(template='{"username": "shop"}', key="password", excluded_characters="/@\"'\\")
    first: tuple[Ref[Resource], ...] = tuple(Ref(one.key) for one in resources)
    schedule = RotationSchedule(
        key="Rotation", secret=Ref("Secret"), function=_FUNCTION, every=Duration.days(30), depends_on=first
    )
    db = database(password=SecretField(Ref("Secret"), "password"))
    return plan_of(db, Secret(key="Secret", generate=made), schedule, *resources)


def _bad() -> Plan:
    """The master user's secret is rotated, and attached to nothing"""
    return _plan()


def _good() -> Plan:
    """It is attached first"""
    attachment = SecretAttachment(key="Attachment", secret=Ref("Secret"), target=Ref("Database"))
    return _plan(attachment)


@rule(
    id="SE002",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="rotation knows no database",
    source="Secrets Manager User Guide, integrating_cloudformation; CloudFormation Template Reference,"
    " AWS::SecretsManager::RotationSchedule (2026-11-20)",
    applies_to=(RotationSchedule,),
    field="secret",
    bad=_bad,
    good=_good,
)
def faults(schedule: RotationSchedule, scene: Scene) -> Iterator[Fault]:
    """The attachment writes engine, host and port into the secret. Without it every rotation fails, in the function's
    log only, and the password that was to change every month never does. The first rotation begins as soon as the
    schedule is there, so the attachment has to be there before.
    """
    # Terraform has no attachments; there the secret's text says it all.
    if is_shown(schedule) or scene.region.resolve(schedule.secret, SecretAttachment) is not None:
        return
    secret = scene.region.resolve(schedule.secret, Secret)
    if secret is None:
        return
    attached = [one for one in scene.region.of(SecretAttachment) if scene.region.resolve(one.secret, Secret) is secret]
    if not attached and _is_of_database(secret, scene) and not _says_host(secret):
        yield Fault(
            schedule,
            f"{schedule.key} rotates {secret.key}, which no SecretTargetAttachment ties to its database.",
            f"add a SecretTargetAttachment of {secret.key}, and name it as the SecretId of {schedule.key}",
            mend=_attached(schedule, secret, scene),
        )
    waits = {ref.key for ref in schedule.depends_on}
    if attached and not waits & {one.key for one in attached} and schedule.rotates_at_once in (None, True):
        yield Fault(
            schedule,
            f"{schedule.key} rotates {secret.key} at once, maybe before {attached[0].key} is there.",
            f"name {attached[0].key} as its SecretId, or in its DependsOn",
            Severity.WARNING,
            mend=(replace(schedule, depends_on=(*schedule.depends_on, Ref(attached[0].key))),),
        )


def _attached(schedule: RotationSchedule, secret: Secret, scene: Scene) -> tuple[Resource, ...]:
    """An attachment to the one database whose password it is, and the schedule that waits for it."""
    databases = [db for db in scene.region.of(DbInstance) if _is_password_of(secret, db)]
    if len(databases) != 1:
        return ()
    key = f"{secret.key}Attachment"
    attachment = SecretAttachment(key=key, secret=Ref(secret.key), target=Ref(databases[0].key))
    return (attachment, replace(schedule, depends_on=(*schedule.depends_on, Ref(key))))


def _is_of_database(secret: Secret, scene: Scene) -> bool:
    return any(_is_password_of(secret, db) for db in scene.region.of(DbInstance))


def _is_password_of(secret: Secret, db: DbInstance) -> bool:
    return any(isinstance(leaf, SecretField) and leaf.secret == Ref(secret.key) for leaf in leaves(db.password))


def _says_host(secret: Secret) -> bool:
    """Whether the secret's text has a host of its own, or may have."""
    written = list(leaves(secret.generate.template)) if secret.generate else []
    text = "".join(part if isinstance(part, str) else "" for part in written) + json.dumps(dict(secret.extras))
    is_unseen = len(written) == 1 and written[0] is not None and not isinstance(written[0], str)
    return "host" in text.lower() or is_unseen
