"""What no single field shows: the same change is worse for what else is there."""

from __future__ import annotations

import dataclasses
from typing import Final

from mainstay import facts
from mainstay.diff.classifying import classify
from mainstay.diff.effects import Effect, FieldChange
from mainstay.diff.situation import Situation, engine_of_family
from mainstay.plan.resources import (
    BackupVault,
    Bucket,
    DbInstance,
    Fate,
    ParameterGroup,
    Resource,
    RotationSchedule,
    Secret,
)
from mainstay.plan.values import Ref, SecretField

APPLY_METHOD: Final = (
    "RDS API, ModifyDBParameterGroup: immediate for dynamic parameters only; terraform-provider-aws applies "
    "immediately unless it is told otherwise (2026-11-21)"
)
_BLOCKS: Final = "aws_db_parameter_group.parameter"


def in_context(change: FieldChange, situation: Situation) -> FieldChange:
    """The change, with what the rest of the plan adds to it."""
    if situation.field == "generate" and isinstance(situation.after, Secret) and situation.new is not None:
        return _regenerated(change, situation, situation.after)
    if situation.field == _BLOCKS:
        return _by_blocks(situation)
    return change


def of_added(resource: Resource) -> str:
    """What is easily overlooked of a thing that is only added; empty for most."""
    if isinstance(resource, RotationSchedule) and resource.rotates_at_once is not False:
        return "the secret is rotated at once: the password changes during the deployment"
    return ""


def of_removed(resource: Resource, fate: Fate) -> str:
    """What stops the deletion of a thing that is removed; empty where nothing does."""
    if fate not in (Fate.DELETE, Fate.SNAPSHOT):
        return ""
    if isinstance(resource, DbInstance) and resource.has_deletion_protection is True:
        return "its deletion protection stops the deletion, and with it the update"
    if isinstance(resource, Bucket | BackupVault):
        return "it is deleted only when it is empty: otherwise it stays, and nobody looks after it"
    return ""


def static_at_once(resource: Resource) -> str:
    """Why RDS refuses a parameter group of Terraform: a static setting that is to be applied immediately."""
    blocks = _dicts(resource.extras.get(_BLOCKS) if isinstance(resource, ParameterGroup) else None)
    engine = engine_of_family(getattr(resource, "family", None))
    names = [str(block.get("name")) for block in blocks if block.get("apply_method", "immediate") == "immediate"]
    refused = [name for name in names if (fact := facts.parameter(engine, name)) is not None and fact.is_static]
    if not refused:
        return ""
    return f'RDS applies no static setting immediately ({", ".join(refused)}): write apply_method = "pending-reboot".'


def _by_blocks(situation: Situation) -> FieldChange:
    """Settings of Terraform that say when they are applied, as the settings of any group."""
    settings = classify(
        dataclasses.replace(
            situation,
            field="parameters",
            old=_named(situation.old) or getattr(situation.before, "parameters", None),
            new=_named(situation.new) or getattr(situation.after, "parameters", None),
        ),
        written=("aws_db_parameter_group", "parameter"),
    )
    refusal = static_at_once(situation.after)
    if not refusal:
        return settings
    return dataclasses.replace(settings, effect=Effect.REFUSED, reason=refusal, source=APPLY_METHOD, outage=None)


def _named(blocks: object) -> dict[str, object]:
    return {str(one.get("name")): one.get("value") for one in _dicts(blocks)}


def _dicts(blocks: object) -> list[dict[str, object]]:
    return [one for one in blocks if isinstance(one, dict)] if isinstance(blocks, list) else []


def _regenerated(change: FieldChange, situation: Situation, secret: Secret) -> FieldChange:
    """A new password in the secret reaches the database when the database changes too, or by a rotation."""
    region = situation.meeting.after
    users = [
        one
        for one in region.of(DbInstance)
        if isinstance(one.password, SecretField) and one.password.secret.key == secret.key
    ]
    if not users:
        return dataclasses.replace(change, warning="whoever keeps the old value cannot log in")
    old = {one.key: one for one in situation.meeting.before.resources}
    if any(one.key in old and old[one.key] != one for one in users):
        warning = "the database changes in the same deployment, so that it gets the new password at once"
        return dataclasses.replace(change, warning=f"{warning}: whoever keeps the old one cannot log in")
    rotations = [one for one in region.of(RotationSchedule) if one.secret == Ref(secret.key)]
    if rotations:
        return dataclasses.replace(
            change, warning=f"{change.warning}; the rotation needs the old password and fails as well"
        )
    return change
