"""AWS Backup's vaults, plans, selections and restore tests made real through its handlers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from mainstay.core.units import Duration
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    BackupSelection,
    BackupVault,
    CopyAction,
    Resource,
    RestoreTestingPlan,
    RestoreTestingSelection,
    TagCondition,
)
from mainstay.sandbox.cloudformation.realisers.making import (
    Attributes,
    Made,
    Making,
    Realiser,
    attribute,
    days,
    document,
    flag,
    number,
    text,
)
from mainstay.sandbox.cloudformation.resolve import Physical

Shape = dict[str, Any]  # Any: the shapes of AWS Backup's requests


def _given(members: Mapping[str, Any]) -> Shape:
    """The members that have a value."""
    return {name: value for name, value in members.items() if value is not None}


def _in(value: object, unit_s: int) -> int | None:
    """Whole units of time, from a Duration or from a parameter's text, which counts them."""
    return int(value) // unit_s if isinstance(value, Duration) else number(value)


def _tags(making: Making, own: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in making.tags(own)}


def _retag(making: Making, arn: str, own: Mapping[str, Any]) -> None:
    held = making.call("backup", "ListTags", ResourceArn=arn)["Tags"]
    making.call("backup", "UntagResource", ResourceArn=arn, TagKeyList=list(held))
    making.call("backup", "TagResource", ResourceArn=arn, Tags=_tags(making, own))


def _create_vault(making: Making, vault: BackupVault) -> Made:
    name = str(vault.name)
    made = making.call(
        "backup",
        "CreateBackupVault",
        BackupVaultName=name,
        EncryptionKeyArn=attribute(vault.key_id, "arn"),
        BackupVaultTags=_tags(making, vault.tags),
    )
    _set_vault(making, vault, name)
    return Made(name, {"arn": made["BackupVaultArn"]})


def _set_vault(making: Making, vault: BackupVault, name: str) -> None:
    """Policy, lock and notifications as the plan has them; what it does not mention is taken off."""
    lock, told, policy = vault.lock, vault.notifications, vault.access_policy
    if policy is not None:
        making.call("backup", "PutBackupVaultAccessPolicy", BackupVaultName=name, Policy=json.dumps(document(policy)))
    if lock is not None:
        making.call(
            "backup",
            "PutBackupVaultLockConfiguration",
            BackupVaultName=name,
            MinRetentionDays=days(lock.min_retention),
            MaxRetentionDays=days(lock.max_retention),
            ChangeableForDays=days(lock.changeable_for),
        )
    if told is not None:
        making.call(
            "backup",
            "PutBackupVaultNotifications",
            BackupVaultName=name,
            SNSTopicArn=str(attribute(told.topic, "arn")),
            BackupVaultEvents=[str(event) for event in told.events],
        )


def _update_vault(
    making: Making, vault: BackupVault, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    name = str(physical)
    for member, value, operation in (
        ("AccessPolicy", vault.access_policy, "DeleteBackupVaultAccessPolicy"),
        ("LockConfiguration", vault.lock, "DeleteBackupVaultLockConfiguration"),
        ("Notifications", vault.notifications, "DeleteBackupVaultNotifications"),
    ):
        if member in changed and value is None:
            making.call("backup", operation, BackupVaultName=name)
    _set_vault(making, vault, name)
    if "BackupVaultTags" in changed:
        _retag(making, physical.attributes["arn"], vault.tags)
    return None


def _delete_vault(making: Making, physical: Physical) -> None:
    making.call("backup", "DeleteBackupVault", BackupVaultName=str(physical))


def _plan(plan: BackupPlan) -> Shape:
    return {"BackupPlanName": str(plan.name), "Rules": [_rule(rule) for rule in plan.rules]}


def _rule(rule: BackupRule) -> Shape:
    return _given(
        {
            "RuleName": str(rule.name),
            "TargetBackupVaultName": str(rule.vault),
            "ScheduleExpression": text(rule.schedule),
            "ScheduleExpressionTimezone": text(rule.time_zone),
            "StartWindowMinutes": _in(rule.start_window, 60),
            "CompletionWindowMinutes": _in(rule.completion_window, 60),
            "EnableContinuousBackup": flag(rule.is_continuous),
            "Lifecycle": _lifecycle(rule),
            "RecoveryPointTags": {name: str(value) for name, value in rule.recovery_point_tags.items()} or None,
            "CopyActions": [_copy(copy) for copy in rule.copies] or None,
        }
    )


def _copy(copy: CopyAction) -> Shape:
    destination = str(attribute(copy.vault, "arn"))
    return _given({"DestinationBackupVaultArn": destination, "Lifecycle": _lifecycle(copy)})


def _lifecycle(tier: BackupRule | CopyAction) -> Shape | None:
    periods = {"DeleteAfterDays": days(tier.delete_after), "MoveToColdStorageAfterDays": days(tier.cold_after)}
    return _given(periods) or None


def _create_plan(making: Making, plan: BackupPlan) -> Made:
    tags = _tags(making, plan.tags)
    made = making.call("backup", "CreateBackupPlan", BackupPlan=_plan(plan), BackupPlanTags=tags)
    return Made(made["BackupPlanId"], {"arn": made["BackupPlanArn"], "version_id": made["VersionId"]})


def _update_plan(making: Making, plan: BackupPlan, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    made = making.call("backup", "UpdateBackupPlan", BackupPlanId=str(physical), BackupPlan=_plan(plan))
    if "BackupPlanTags" in changed:
        _retag(making, physical.attributes["arn"], plan.tags)
    return {**physical.attributes, "version_id": made["VersionId"]}


def _delete_plan(making: Making, physical: Physical) -> None:
    making.call("backup", "DeleteBackupPlan", BackupPlanId=str(physical))


def _create_selection(making: Making, selection: BackupSelection) -> Made:
    tags = [
        {"ConditionType": str(tag.operator), "ConditionKey": str(tag.tag), "ConditionValue": str(tag.value)}
        for tag in selection.any_tag
    ]
    conditions = {
        "StringEquals": _conditions(selection.equal),
        "StringLike": _conditions(selection.like),
        "StringNotEquals": _conditions(selection.not_equal),
        "StringNotLike": _conditions(selection.not_like),
    }
    wanted = {
        "SelectionName": str(selection.name),
        "IamRoleArn": str(attribute(selection.role, "arn")),
        "Resources": [str(attribute(each, "arn")) for each in selection.resources] or None,
        "NotResources": [str(attribute(each, "arn")) for each in selection.excluded_resources] or None,
        "ListOfTags": tags or None,
        "Conditions": _given(conditions) or None,
    }
    plan = str(selection.plan)
    made = making.call("backup", "CreateBackupSelection", BackupPlanId=plan, BackupSelection=_given(wanted))
    identifier = made["SelectionId"]
    # The reference of a selection is both ids: CloudFormation Template Reference, aws-resource-backup-backupselection.
    return Made(f"{identifier}_{plan}", {"selection_id": identifier, "_plan": plan})


def _conditions(listed: tuple[TagCondition, ...]) -> list[Shape] | None:
    return [{"ConditionKey": str(each.tag), "ConditionValue": str(each.value)} for each in listed] or None


def _delete_selection(making: Making, physical: Physical) -> None:
    held = physical.attributes
    making.call("backup", "DeleteBackupSelection", BackupPlanId=held["_plan"], SelectionId=held["selection_id"])


def _test_plan(plan: RestoreTestingPlan) -> Shape:
    chosen = {
        "Algorithm": str(plan.algorithm),
        "IncludeVaults": [str(attribute(vault, "arn")) for vault in plan.vaults],
        "ExcludeVaults": [str(attribute(vault, "arn")) for vault in plan.excluded_vaults] or None,
        "RecoveryPointTypes": [str(kind) for kind in plan.recovery_point_types],
        "SelectionWindowDays": days(plan.selection_window),
    }
    members = {
        "RecoveryPointSelection": _given(chosen),
        "ScheduleExpression": str(plan.schedule),
        "ScheduleExpressionTimezone": text(plan.time_zone),
        "StartWindowHours": _in(plan.start_window, 3600),
    }
    return _given(members)


def _create_test_plan(making: Making, plan: RestoreTestingPlan) -> Made:
    name = str(plan.name)
    made = making.call(
        "backup",
        "CreateRestoreTestingPlan",
        RestoreTestingPlan={**_test_plan(plan), "RestoreTestingPlanName": name},
        Tags=_tags(making, plan.tags),
    )
    return Made(name, {"arn": made["RestoreTestingPlanArn"]})


def _update_test_plan(
    making: Making, plan: RestoreTestingPlan, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    name = str(physical)
    making.call("backup", "UpdateRestoreTestingPlan", RestoreTestingPlanName=name, RestoreTestingPlan=_test_plan(plan))
    if "Tags" in changed:
        _retag(making, physical.attributes["arn"], plan.tags)
    return None


def _delete_test_plan(making: Making, physical: Physical) -> None:
    making.call("backup", "DeleteRestoreTestingPlan", RestoreTestingPlanName=str(physical))


def _test_selection(selection: RestoreTestingSelection) -> Shape:
    conditions = {
        "StringEquals": _pairs(selection.tags_equal),
        "StringNotEquals": _pairs(selection.tags_not_equal),
    }
    members = {
        "IamRoleArn": str(attribute(selection.role, "arn")),
        "ProtectedResourceArns": [str(attribute(each, "arn")) for each in selection.resources] or None,
        "ProtectedResourceConditions": _given(conditions) or None,
        "RestoreMetadataOverrides": {name: str(value) for name, value in selection.overrides.items()},
        "ValidationWindowHours": _in(selection.validation_window, 3600),
    }
    return _given(members)


def _pairs(tags: Mapping[str, Any]) -> list[Shape] | None:
    return [{"Key": name, "Value": str(value)} for name, value in tags.items()] or None


def _create_test_selection(making: Making, selection: RestoreTestingSelection) -> Made:
    plan, name = str(selection.plan), str(selection.name)
    fixed = {"RestoreTestingSelectionName": name, "ProtectedResourceType": str(selection.resource_type)}
    making.call(
        "backup",
        "CreateRestoreTestingSelection",
        RestoreTestingPlanName=plan,
        RestoreTestingSelection={**_test_selection(selection), **fixed},
    )
    return Made(f"{plan}|{name}", {"_plan": plan, "_name": name})


def _where(physical: Physical) -> dict[str, str]:
    held = physical.attributes
    return {"RestoreTestingPlanName": held["_plan"], "RestoreTestingSelectionName": held["_name"]}


def _update_test_selection(
    making: Making, selection: RestoreTestingSelection, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    del changed
    wanted = _test_selection(selection)
    making.call("backup", "UpdateRestoreTestingSelection", RestoreTestingSelection=wanted, **_where(physical))
    return None


def _delete_test_selection(making: Making, physical: Physical) -> None:
    making.call("backup", "DeleteRestoreTestingSelection", **_where(physical))


REALISERS: Final[dict[type[Resource], Realiser[Any]]] = {
    BackupVault: Realiser(create=_create_vault, update=_update_vault, delete=_delete_vault),
    BackupPlan: Realiser(create=_create_plan, update=_update_plan, delete=_delete_plan),
    BackupSelection: Realiser(create=_create_selection, delete=_delete_selection),
    RestoreTestingPlan: Realiser(create=_create_test_plan, update=_update_test_plan, delete=_delete_test_plan),
    RestoreTestingSelection: Realiser(
        create=_create_test_selection, update=_update_test_selection, delete=_delete_test_selection
    ),
}
