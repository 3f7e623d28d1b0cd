"""AWS Backup's vaults, plans, selections and restore tests: what is kept, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

ROLE = "arn:aws:iam::123456789012:role/backup"
RULE: dict[str, Any] = {"RuleName": "daily", "TargetBackupVaultName": "vault"}
TESTING: dict[str, Any] = {
    "RestoreTestingPlanName": "weekly",
    "ScheduleExpression": "cron(0 5 ? * 1 *)",
    "RecoveryPointSelection": {
        "Algorithm": "LATEST_WITHIN_WINDOW",
        "IncludeVaults": ["*"],
        "RecoveryPointTypes": ["SNAPSHOT"],
    },
}
TESTED: dict[str, Any] = {
    "RestoreTestingSelectionName": "db",
    "IamRoleArn": ROLE,
    "ProtectedResourceType": "RDS",
    "ProtectedResourceArns": ["arn:aws:rds:eu-central-1:123456789012:db:one"],
}


@pytest.fixture
def backup(site: Any) -> Any:
    client = site.client("backup")
    client.create_backup_vault(BackupVaultName="vault", BackupVaultTags={"a": "b"})
    return client


def plan(*rules: Any, name: str = "plan") -> dict[str, Any]:
    return {"BackupPlanName": name, "Rules": list(rules)}


def policy(effect: str, action: str) -> str:
    statement = {"Effect": effect, "Principal": "*", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_vault_has_a_key_and_keeps_its_name(site: Any, backup: Any, refuses: Any) -> None:
    key = site.client("kms").create_key()["KeyMetadata"]["Arn"]
    made = backup.create_backup_vault(BackupVaultName="own", EncryptionKeyArn=key)
    assert made["BackupVaultArn"] == "arn:aws:backup:eu-central-1:123456789012:backup-vault:own"
    assert backup.describe_backup_vault(BackupVaultName="own")["EncryptionKeyArn"] == key
    with refuses("AlreadyExistsException"):
        backup.create_backup_vault(BackupVaultName="own")
    with refuses("InvalidParameterValueException", "BackupVaultName"):
        backup.create_backup_vault(BackupVaultName="x")
    with refuses("InvalidParameterValueException", "KMS key"):
        backup.create_backup_vault(BackupVaultName="two", EncryptionKeyArn=key[:-1])
    assert [each["BackupVaultName"] for each in backup.list_backup_vaults()["BackupVaultList"]] == ["vault", "own"]
    backup.delete_backup_vault(BackupVaultName="own")
    with refuses("ResourceNotFoundException"):
        backup.describe_backup_vault(BackupVaultName="own")


def test_a_policy_that_denies_is_honoured(backup: Any, refuses: Any) -> None:
    named = {"BackupVaultName": "vault"}
    with refuses("ResourceNotFoundException"):
        backup.get_backup_vault_access_policy(**named)
    with refuses("InvalidParameterValueException"):
        backup.put_backup_vault_access_policy(**named, Policy="{")
    backup.put_backup_vault_access_policy(**named, Policy=policy("Allow", "backup:*"))
    backup.delete_backup_vault_access_policy(**named)
    backup.put_backup_vault_access_policy(**named, Policy=policy("Deny", "backup:Delete*"))
    assert json.loads(backup.get_backup_vault_access_policy(**named)["Policy"])["Statement"][0]["Effect"] == "Deny"
    for call in (backup.delete_backup_vault, backup.delete_backup_vault_access_policy):
        with refuses("AccessDeniedException", "denies backup:Delete"):
            call(**named)


def test_a_governance_lock_can_be_lifted_and_a_final_one_cannot(site: Any, backup: Any, refuses: Any) -> None:
    named = {"BackupVaultName": "vault"}
    backup.put_backup_vault_lock_configuration(**named, MinRetentionDays=7, MaxRetentionDays=7)
    found = backup.describe_backup_vault(**named)
    assert (found["Locked"], found["MinRetentionDays"], "LockDate" in found) == (True, 7, False)
    backup.delete_backup_vault_lock_configuration(**named)
    found = backup.describe_backup_vault(**named)
    assert (found["Locked"], "MinRetentionDays" in found) == (False, False)
    backup.put_backup_vault_lock_configuration(**named, MinRetentionDays=1, ChangeableForDays=3)
    backup.put_backup_vault_lock_configuration(**named, MinRetentionDays=2, ChangeableForDays=3)
    with site.state.transaction("eu-central-1") as tx:
        tx.put("backup:vault", "vault", {**tx.get("backup:vault", "vault"), "LockDate": "2026-01-01T00:00:00Z"})
    with refuses("InvalidRequestException", "immutable"):
        backup.delete_backup_vault_lock_configuration(**named)
    with refuses("InvalidRequestException", "immutable"):
        backup.put_backup_vault_lock_configuration(**named, MinRetentionDays=1)


@pytest.mark.parametrize(
    ("lock", "told"),
    [
        ({"MinRetentionDays": 0}, "MinRetentionDays"),
        ({"MaxRetentionDays": 36_501}, "MaxRetentionDays"),
        ({"MinRetentionDays": 8, "MaxRetentionDays": 7}, "greater"),
        ({"MinRetentionDays": 1, "ChangeableForDays": 2}, "between 3"),
    ],
)
def test_a_lock_out_of_bounds_is_refused(backup: Any, refuses: Any, lock: dict[str, int], told: str) -> None:
    with refuses("InvalidParameterValueException", told):
        backup.put_backup_vault_lock_configuration(BackupVaultName="vault", **lock)


def test_a_vault_tells_a_topic(backup: Any, refuses: Any) -> None:
    named = {"BackupVaultName": "vault"}
    told = {"SNSTopicArn": "arn:aws:sns:eu-central-1:123456789012:t", "BackupVaultEvents": ["COPY_JOB_FAILED"]}
    backup.put_backup_vault_notifications(**named, **told)
    found = backup.get_backup_vault_notifications(**named)
    assert {member: found[member] for member in told} == told
    for topic in ("arn:aws:sns:eu-west-1:123456789012:t", f"{told['SNSTopicArn']}.fifo"):
        with refuses("InvalidParameterValueException", "standard topic"):
            backup.put_backup_vault_notifications(**named, **{**told, "SNSTopicArn": topic})
    with refuses("InvalidParameterValueException", "empty"):
        backup.put_backup_vault_notifications(**named, **{**told, "BackupVaultEvents": []})
    backup.delete_backup_vault_notifications(**named)
    with refuses("ResourceNotFoundException"):
        backup.get_backup_vault_notifications(**named)


def test_a_plan_gets_versions_and_goes_after_its_selections(backup: Any, refuses: Any) -> None:
    made = backup.create_backup_plan(BackupPlan=plan(RULE), BackupPlanTags={"a": "b"})
    named = {"BackupPlanId": made["BackupPlanId"]}
    rule = backup.get_backup_plan(**named)["BackupPlan"]["Rules"][0]
    assert (rule["ScheduleExpression"], rule["StartWindowMinutes"]) == ("cron(0 5 ? * * *)", 480)
    with refuses("AlreadyExistsException"):
        backup.create_backup_plan(BackupPlan=plan(RULE))
    changed = backup.update_backup_plan(**named, BackupPlan=plan({**RULE, "StartWindowMinutes": 60}))
    assert changed["VersionId"] != made["VersionId"]
    assert backup.get_backup_plan(**named)["BackupPlan"]["Rules"][0]["StartWindowMinutes"] == 60
    chosen = {"SelectionName": "one", "IamRoleArn": ROLE, "Resources": ["*"]}
    selection = {**named, "SelectionId": backup.create_backup_selection(**named, BackupSelection=chosen)["SelectionId"]}
    with refuses("AlreadyExistsException"):
        backup.create_backup_selection(**named, BackupSelection=chosen)
    assert backup.get_backup_selection(**selection)["BackupSelection"] == chosen
    assert backup.list_backup_selections(**named)["BackupSelectionsList"][0]["SelectionName"] == "one"
    with refuses("InvalidRequestException", "selections must be deleted"):
        backup.delete_backup_plan(**named)
    backup.delete_backup_selection(**selection)
    with refuses("ResourceNotFoundException", "selection"):
        backup.get_backup_selection(**selection)
    assert [each["BackupPlanName"] for each in backup.list_backup_plans()["BackupPlansList"]] == ["plan"]
    backup.delete_backup_plan(**named)
    with refuses("ResourceNotFoundException", "plan"):
        backup.get_backup_plan(**named)


OTHER_VAULT = "arn:aws:backup:eu-west-1:123456789012:backup-vault:dr"


@pytest.mark.parametrize(
    "change",
    [
        {"RuleName": "with space"},
        {"TargetBackupVaultName": "nobody"},
        {"ScheduleExpression": "cron(0/5 * * * ? *)"},
        {"ScheduleExpression": "soon"},
        {"StartWindowMinutes": 59},
        {"CompletionWindowMinutes": 52_560_001},
        {"Lifecycle": {"DeleteAfterDays": 0}},
        {"Lifecycle": {"DeleteAfterDays": 119, "MoveToColdStorageAfterDays": 30}},
        {"EnableContinuousBackup": True, "Lifecycle": {"DeleteAfterDays": 36}},
        {"EnableContinuousBackup": True},
        {"EnableContinuousBackup": True, "Lifecycle": {"DeleteAfterDays": 35, "MoveToColdStorageAfterDays": 1}},
        {"CopyActions": [{"DestinationBackupVaultArn": "dr"}]},
        {"CopyActions": [{"DestinationBackupVaultArn": OTHER_VAULT}] * 6},
        {"CopyActions": [{"DestinationBackupVaultArn": OTHER_VAULT, "Lifecycle": {"DeleteAfterDays": 36_501}}]},
    ],
)
def test_a_rule_that_aws_backup_does_not_take_is_refused(backup: Any, refuses: Any, change: dict[str, Any]) -> None:
    with refuses("InvalidParameterValueException"):
        backup.create_backup_plan(BackupPlan=plan({**RULE, **change}))
    assert backup.list_backup_plans()["BackupPlansList"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"ScheduleExpression": "cron(0 * * * ? *)"},
        {"StartWindowMinutes": 60, "CompletionWindowMinutes": 52_560_000},
        {"Lifecycle": {"DeleteAfterDays": 120, "MoveToColdStorageAfterDays": 30}},
        {"EnableContinuousBackup": True, "Lifecycle": {"DeleteAfterDays": 35}},
        {"CopyActions": [{"DestinationBackupVaultArn": OTHER_VAULT}] * 5},
    ],
)
def test_the_bounds_themselves_are_taken(backup: Any, change: dict[str, Any]) -> None:
    assert backup.create_backup_plan(BackupPlan=plan({**RULE, **change}))["BackupPlanId"]


def test_a_plan_has_up_to_ten_rules_of_different_names(backup: Any, refuses: Any) -> None:
    rules = [{**RULE, "RuleName": f"r{number}"} for number in range(11)]
    for wrong in ([], rules, [RULE, RULE]):
        with refuses("InvalidParameterValueException"):
            backup.create_backup_plan(BackupPlan=plan(*wrong))
    assert backup.create_backup_plan(BackupPlan=plan(*rules[:10]))["BackupPlanId"]


@pytest.mark.parametrize(
    "change",
    [
        {"SelectionName": ""},
        {"IamRoleArn": "role"},
        {"Resources": ["arn:*:db"]},
        {"Resources": [f"arn:aws:rds:::db:{number}" for number in range(501)]},
        {"NotResources": [f"arn:aws:rds:::db:{number}*" for number in range(31)]},
        {"Conditions": {"StringEquals": [{"ConditionKey": "Name", "ConditionValue": "x"}]}},
    ],
)
def test_a_selection_that_aws_backup_does_not_take_is_refused(
    backup: Any, refuses: Any, change: dict[str, Any]
) -> None:
    named = {"BackupPlanId": backup.create_backup_plan(BackupPlan=plan(RULE))["BackupPlanId"]}
    with refuses("InvalidParameterValueException"):
        backup.create_backup_selection(**named, BackupSelection={"SelectionName": "s", "IamRoleArn": ROLE, **change})


def test_a_plan_has_a_hundred_selections(backup: Any, refuses: Any) -> None:
    named = {"BackupPlanId": backup.create_backup_plan(BackupPlan=plan(RULE))["BackupPlanId"]}
    for number in range(100):
        chosen = {"SelectionName": f"s{number}", "IamRoleArn": ROLE}
        backup.create_backup_selection(**named, BackupSelection=chosen)
    with refuses("LimitExceededException"):
        backup.create_backup_selection(**named, BackupSelection={"SelectionName": "more", "IamRoleArn": ROLE})


def test_tags_are_found_by_arn(backup: Any, refuses: Any) -> None:
    arn = backup.describe_backup_vault(BackupVaultName="vault")["BackupVaultArn"]
    backup.tag_resource(ResourceArn=arn, Tags={"c": "d"})
    backup.untag_resource(ResourceArn=arn, TagKeyList=["a"])
    assert backup.list_tags(ResourceArn=arn)["Tags"] == {"c": "d"}
    for wrong in (f"{arn}x", "arn:aws:rds:eu-central-1:123456789012:db:one"):
        with refuses("ResourceNotFoundException"):
            backup.list_tags(ResourceArn=wrong)


def test_a_restore_test_is_planned_changed_and_taken_away(backup: Any, refuses: Any) -> None:
    backup.create_restore_testing_plan(RestoreTestingPlan=TESTING, Tags={"a": "b"})
    with refuses("AlreadyExistsException"):
        backup.create_restore_testing_plan(RestoreTestingPlan=TESTING)
    named = {"RestoreTestingPlanName": "weekly"}
    backup.update_restore_testing_plan(
        **named,
        RestoreTestingPlan={"StartWindowHours": 1, "RecoveryPointSelection": {"SelectionWindowDays": 365}},
    )
    found = backup.get_restore_testing_plan(**named)["RestoreTestingPlan"]
    assert (found["StartWindowHours"], found["RecoveryPointSelection"]["Algorithm"]) == (1, "LATEST_WITHIN_WINDOW")
    assert [each["StartWindowHours"] for each in backup.list_restore_testing_plans()["RestoreTestingPlans"]] == [1]
    backup.create_restore_testing_selection(**named, RestoreTestingSelection=TESTED)
    with refuses("AlreadyExistsException"):
        backup.create_restore_testing_selection(**named, RestoreTestingSelection=TESTED)
    one = {**named, "RestoreTestingSelectionName": "db"}
    tagged = {"StringEquals": [{"Key": "aws:ResourceTag/a", "Value": "b"}]}
    backup.update_restore_testing_selection(
        **one, RestoreTestingSelection={"IamRoleArn": ROLE, "ProtectedResourceConditions": tagged}
    )
    found = backup.get_restore_testing_selection(**one)["RestoreTestingSelection"]
    assert "ProtectedResourceArns" not in found
    backup.update_restore_testing_selection(
        **one, RestoreTestingSelection={"ProtectedResourceArns": ["*"], "ValidationWindowHours": 168}
    )
    listed = backup.list_restore_testing_selections(**named)["RestoreTestingSelections"]
    assert [each["ValidationWindowHours"] for each in listed] == [168]
    with refuses("InvalidRequestException", "has selections"):
        backup.delete_restore_testing_plan(**named)
    backup.delete_restore_testing_selection(**one)
    with refuses("ResourceNotFoundException"):
        backup.get_restore_testing_selection(**one)
    backup.delete_restore_testing_plan(**named)
    with refuses("ResourceNotFoundException"):
        backup.get_restore_testing_plan(**named)


@pytest.mark.parametrize(
    ("change", "chosen"),
    [
        ({"RestoreTestingPlanName": "with-hyphen"}, {}),
        ({"ScheduleExpression": "never"}, {}),
        ({"StartWindowHours": 169}, {}),
        ({}, {"Algorithm": "OLDEST"}),
        ({}, {"RecoveryPointTypes": []}),
        ({}, {"RecoveryPointTypes": ["LOGICAL"]}),
        ({}, {"IncludeVaults": []}),
        ({}, {"SelectionWindowDays": 366}),
    ],
)
def test_a_restore_test_out_of_bounds_is_refused(
    backup: Any, refuses: Any, change: dict[str, Any], chosen: dict[str, Any]
) -> None:
    wrong = {**TESTING, **change, "RecoveryPointSelection": {**TESTING["RecoveryPointSelection"], **chosen}}
    with refuses("InvalidParameterValueException"):
        backup.create_restore_testing_plan(RestoreTestingPlan=wrong)


@pytest.mark.parametrize(
    "change",
    [
        {"RestoreTestingSelectionName": "a-b"},
        {"ProtectedResourceType": "Redshift"},
        {"IamRoleArn": "role"},
        {"ProtectedResourceArns": []},
        {"ProtectedResourceArns": [f"arn:{number}" for number in range(31)]},
        {"ValidationWindowHours": 169},
        {"RestoreMetadataOverrides": {"dbInstanceIdentifier": "mine"}},
    ],
)
def test_a_selection_of_a_restore_test_out_of_bounds_is_refused(
    backup: Any, refuses: Any, change: dict[str, Any]
) -> None:
    backup.create_restore_testing_plan(RestoreTestingPlan=TESTING)
    named = {"RestoreTestingPlanName": "weekly"}
    with refuses("InvalidParameterValueException"):
        backup.create_restore_testing_selection(**named, RestoreTestingSelection={**TESTED, **change})
    overrides = {"dbSubnetGroupName": "g", "vpcSecurityGroupIds": '["sg-1"]'}
    backup.create_restore_testing_selection(
        **named, RestoreTestingSelection={**TESTED, "RestoreMetadataOverrides": overrides}
    )


def test_quotas_of_restore_tests_hold(backup: Any, refuses: Any) -> None:
    for number in range(100):
        backup.create_restore_testing_plan(RestoreTestingPlan={**TESTING, "RestoreTestingPlanName": f"p{number}"})
    with refuses("LimitExceededException"):
        backup.create_restore_testing_plan(RestoreTestingPlan=TESTING)
    for number in range(30):
        chosen = {**TESTED, "RestoreTestingSelectionName": f"s{number}"}
        backup.create_restore_testing_selection(RestoreTestingPlanName="p1", RestoreTestingSelection=chosen)
    with refuses("LimitExceededException"):
        backup.create_restore_testing_selection(RestoreTestingPlanName="p1", RestoreTestingSelection=TESTED)
