"""Stacks with AWS Backup: made, changed, replaced, undone and taken away."""

from __future__ import annotations

import copy
from typing import Any

ROLE = "arn:aws:iam::123456789012:role/backup"
OTHER_VAULT = "arn:aws:backup:eu-west-1:123456789012:backup-vault:dr"
DATABASE = "arn:aws:rds:eu-central-1:123456789012:db:one"
PROTECTED: dict[str, Any] = {
    "Resources": {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}},
        "Vault": {
            "Type": "AWS::Backup::BackupVault",
            "Properties": {
                "BackupVaultName": "vault",
                "AccessPolicy": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "backup:DeleteRecoveryPoint",
                            "Resource": "*",
                        }
                    ],
                },
                "LockConfiguration": {"MinRetentionDays": 1, "MaxRetentionDays": 400},
                "Notifications": {
                    "SNSTopicArn": {"Ref": "Topic"},
                    "BackupVaultEvents": ["BACKUP_JOB_COMPLETED"],
                },
                "BackupVaultTags": {"a": "b"},
            },
        },
        "Plan": {
            "Type": "AWS::Backup::BackupPlan",
            "Properties": {
                "BackupPlan": {
                    "BackupPlanName": "plan",
                    "BackupPlanRule": [
                        {
                            "RuleName": "daily",
                            "TargetBackupVault": {"Ref": "Vault"},
                            "ScheduleExpression": "cron(0 2 * * ? *)",
                            "StartWindowMinutes": 60,
                            "CompletionWindowMinutes": 180,
                            "Lifecycle": {"DeleteAfterDays": 30},
                            "RecoveryPointTags": {"tier": "daily"},
                            "CopyActions": [
                                {
                                    "DestinationBackupVaultArn": OTHER_VAULT,
                                    "Lifecycle": {"DeleteAfterDays": 60},
                                }
                            ],
                        }
                    ],
                },
                "BackupPlanTags": {"a": "b"},
            },
        },
        "Selection": {
            "Type": "AWS::Backup::BackupSelection",
            "Properties": {
                "BackupPlanId": {"Ref": "Plan"},
                "BackupSelection": {
                    "SelectionName": "one",
                    "IamRoleArn": ROLE,
                    "Resources": [DATABASE],
                    "ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "a", "ConditionValue": "b"}],
                    "Conditions": {"StringEquals": [{"ConditionKey": "aws:ResourceTag/a", "ConditionValue": "b"}]},
                },
            },
        },
        "Testing": {
            "Type": "AWS::Backup::RestoreTestingPlan",
            "Properties": {
                "RestoreTestingPlanName": "weekly",
                "ScheduleExpression": "cron(0 5 ? * 1 *)",
                "StartWindowHours": 2,
                "RecoveryPointSelection": {
                    "Algorithm": "LATEST_WITHIN_WINDOW",
                    "IncludeVaults": [{"Fn::GetAtt": ["Vault", "BackupVaultArn"]}],
                    "RecoveryPointTypes": ["SNAPSHOT"],
                    "SelectionWindowDays": 7,
                },
                "Tags": [{"Key": "a", "Value": "b"}],
            },
        },
        "Tested": {
            "Type": "AWS::Backup::RestoreTestingSelection",
            "Properties": {
                "RestoreTestingPlanName": {"Ref": "Testing"},
                "RestoreTestingSelectionName": "db",
                "IamRoleArn": ROLE,
                "ProtectedResourceType": "RDS",
                "ProtectedResourceArns": ["*"],
                "ProtectedResourceConditions": {"StringEquals": [{"Key": "aws:ResourceTag/a", "Value": "b"}]},
                "RestoreMetadataOverrides": {"dbSubnetGroupName": "g"},
                "ValidationWindowHours": 1,
            },
        },
    }
}


def ids(site: Any) -> dict[str, str]:
    found = site.client("cloudformation").describe_stack_resources(StackName="b")["StackResources"]
    return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in found}


def rules(site: Any) -> Any:
    return site.client("backup").get_backup_plan(BackupPlanId=ids(site)["Plan"])["BackupPlan"]["Rules"]


def test_all_of_it_is_made_as_written(site: Any) -> None:
    assert site.deploy("b", PROTECTED, "CREATE") == "CREATE_COMPLETE"
    backup, made = site.client("backup"), ids(site)
    vault = backup.describe_backup_vault(BackupVaultName="vault")
    assert (vault["Locked"], vault["MaxRetentionDays"]) == (True, 400)
    assert backup.get_backup_vault_notifications(BackupVaultName="vault")["SNSTopicArn"] == made["Topic"]
    rule = rules(site)[0]
    assert (rule["StartWindowMinutes"], rule["Lifecycle"], rule["RecoveryPointTags"]) == (
        60,
        {"DeleteAfterDays": 30},
        {"tier": "daily"},
    )
    assert rule["CopyActions"][0]["Lifecycle"] == {"DeleteAfterDays": 60}
    selection, plan = made["Selection"].split("_")
    found = backup.get_backup_selection(BackupPlanId=plan, SelectionId=selection)["BackupSelection"]
    assert (found["Resources"], found["ListOfTags"][0]["ConditionKey"]) == ([DATABASE], "a")
    testing = backup.get_restore_testing_plan(RestoreTestingPlanName="weekly")["RestoreTestingPlan"]
    assert testing["RecoveryPointSelection"]["IncludeVaults"] == [vault["BackupVaultArn"]]
    tested = backup.get_restore_testing_selection(RestoreTestingPlanName="weekly", RestoreTestingSelectionName="db")
    assert tested["RestoreTestingSelection"]["RestoreMetadataOverrides"] == {"dbSubnetGroupName": "g"}


def changed() -> dict[str, Any]:
    document = copy.deepcopy(PROTECTED)
    parts = {key: item["Properties"] for key, item in document["Resources"].items()}
    for member in ("AccessPolicy", "LockConfiguration", "Notifications"):
        del parts["Vault"][member]
    parts["Vault"]["BackupVaultTags"] = parts["Plan"]["BackupPlanTags"] = {"c": "d"}
    parts["Plan"]["BackupPlan"]["BackupPlanRule"][0]["StartWindowMinutes"] = 120
    parts["Selection"]["BackupSelection"]["SelectionName"] = "two"
    parts["Testing"]["StartWindowHours"] = 4
    parts["Testing"]["Tags"] = [{"Key": "c", "Value": "d"}]
    parts["Tested"]["ValidationWindowHours"] = 3
    return document


def test_it_is_changed_in_place_and_a_selection_replaced(site: Any, refuses: Any) -> None:
    assert site.deploy("b", PROTECTED, "CREATE") == "CREATE_COMPLETE"
    before = ids(site)
    assert site.deploy("b", changed(), "UPDATE") == "UPDATE_COMPLETE"
    after = ids(site)
    assert {key for key in before if before[key] != after[key]} == {"Selection"}
    backup = site.client("backup")
    vault = backup.describe_backup_vault(BackupVaultName="vault")
    assert vault["Locked"] is False
    for ask in (backup.get_backup_vault_access_policy, backup.get_backup_vault_notifications):
        with refuses("ResourceNotFoundException"):
            ask(BackupVaultName="vault")
    plan = backup.get_backup_plan(BackupPlanId=after["Plan"])
    assert plan["BackupPlan"]["Rules"][0]["StartWindowMinutes"] == 120
    testing = backup.get_restore_testing_plan(RestoreTestingPlanName="weekly")["RestoreTestingPlan"]
    assert testing["StartWindowHours"] == 4
    for arn in (vault["BackupVaultArn"], plan["BackupPlanArn"], testing["RestoreTestingPlanArn"]):
        assert backup.list_tags(ResourceArn=arn)["Tags"] == {"c": "d"}
    assert len(backup.list_backup_selections(BackupPlanId=after["Plan"])["BackupSelectionsList"]) == 1


def test_a_failed_update_puts_everything_back(site: Any) -> None:
    assert site.deploy("b", PROTECTED, "CREATE") == "CREATE_COMPLETE"
    document = changed()
    document["Resources"]["Tested"]["Properties"]["ValidationWindowHours"] = 169
    assert site.deploy("b", document, "UPDATE") == "UPDATE_ROLLBACK_COMPLETE"
    vault = site.client("backup").describe_backup_vault(BackupVaultName="vault")
    assert (vault["Locked"], vault["MaxRetentionDays"]) == (True, 400)
    assert rules(site)[0]["StartWindowMinutes"] == 60


def test_a_stack_goes_with_its_empty_vault_and_stops_at_a_full_one(site: Any) -> None:
    assert site.deploy("b", PROTECTED, "CREATE") == "CREATE_COMPLETE"
    client, stack = site.client("cloudformation"), _stack(site)
    with site.state.transaction("eu-central-1") as tx:
        tx.put("backup:point", "p", {"BackupVaultName": "vault"})
    client.delete_stack(StackName="b")
    assert site.run(stack) == "DELETE_FAILED"
    events = client.describe_stack_events(StackName="b")["StackEvents"]
    assert any("contains recovery points" in event.get("ResourceStatusReason", "") for event in events)
    with site.state.transaction("eu-central-1") as tx:
        tx.delete("backup:point", "p")
    client.delete_stack(StackName="b")
    assert _deleted(site, stack) == "DELETE_COMPLETE"
    backup = site.client("backup")
    assert backup.list_backup_vaults()["BackupVaultList"] == []
    assert backup.list_backup_plans()["BackupPlansList"] == []
    assert backup.list_restore_testing_plans()["RestoreTestingPlans"] == []


def _stack(site: Any) -> str:
    found: str = site.client("cloudformation").describe_stacks(StackName="b")["Stacks"][0]["StackId"]
    return found


def _deleted(site: Any, stack: str) -> str:
    """A deleted stack is found by its id alone."""
    site.run(stack)
    found: str = site.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    return found
