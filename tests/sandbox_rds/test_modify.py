"""ModifyDBInstance and what else changes an instance's record: at once, as an operation, or in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox_rds.conftest import Desk

VALUE, COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"


def modify(desk: Desk, **members: Any) -> dict[str, Any]:
    answer: dict[str, Any] = desk.call("ModifyDBInstance", DBInstanceIdentifier="shop", **members)["DBInstance"]
    return answer


def test_what_holds_at_once_needs_no_operation(desk: Desk) -> None:
    desk.create()
    changed = modify(desk, DeletionProtection=True, PreferredBackupWindow="01:00-02:00", CopyTagsToSnapshot=True)
    assert (changed["DeletionProtection"], changed["DBInstanceStatus"]) == (True, "available")
    assert desk.operations() == []


def test_deferred_changes_wait_until_they_are_applied(desk: Desk) -> None:
    desk.create()
    assert modify(desk, DBInstanceClass="db.m6g.xlarge")["PendingModifiedValues"] == {
        "DBInstanceClass": "db.m6g.xlarge"
    }
    assert desk.operations() == []
    now = modify(desk, AllocatedStorage=200, ApplyImmediately=True)
    assert now["DBInstanceStatus"] == "modifying"
    (operation,) = desk.operations()
    assert operation["params"]["changes"] == {"DBInstanceClass": "db.m6g.xlarge", "AllocatedStorage": 200}


def test_password_never_waits_for_the_window(desk: Desk) -> None:
    desk.create()
    changed = modify(desk, MasterUserPassword="a-new-password")
    assert changed["DBInstanceStatus"] == "resetting-master-credentials"
    assert changed["PendingModifiedValues"] == {"MasterUserPassword": "****"}
    assert desk.operations()[0]["params"]["password"] == "a-new-password"


def test_retention_changes_at_once_unless_backups_go_on_or_off(desk: Desk) -> None:
    desk.create(BackupRetentionPeriod=3)
    modify(desk, BackupRetentionPeriod=9)
    assert desk.operations()[0]["params"]["changes"] == {"BackupRetentionPeriod": 9}
    desk.make_ready("shop")
    assert modify(desk, BackupRetentionPeriod=0)["PendingModifiedValues"] == {"BackupRetentionPeriod": 0}


def test_same_value_changes_nothing(desk: Desk) -> None:
    desk.create()
    same = modify(desk, DBInstanceClass="db.m6g.large", AllocatedStorage=100, ApplyImmediately=True)
    assert (same["DBInstanceStatus"], same["PendingModifiedValues"]) == ("available", {})


def test_parameter_group_waits_for_a_reboot(desk: Desk) -> None:
    desk.create()
    desk.call("CreateDBParameterGroup", DBParameterGroupName="g", DBParameterGroupFamily="postgres17", Description="d")
    group = modify(desk, DBParameterGroupName="g", ApplyImmediately=True)["DBParameterGroups"]
    assert group == [{"DBParameterGroupName": "g", "ParameterApplyStatus": "pending-reboot"}]


@pytest.mark.parametrize(
    ("members", "code", "words"),
    [
        ({"AllocatedStorage": 99}, COMBINATION, "less than 100"),
        ({"DBInstanceClass": "db.x"}, VALUE, "db.x"),
        ({"PreferredMaintenanceWindow": "mon:05:00-mon:06:00"}, VALUE, "overlap"),
        ({"BackupRetentionPeriod": 40}, VALUE, "40"),
        ({"EngineVersion": "16.11"}, "SandboxNotImplemented", "major"),
        ({"EngineVersion": "18.1"}, COMBINATION, "AllowMajorVersionUpgrade"),
        ({"EngineVersion": "17.7"}, COMBINATION, "Cannot upgrade postgres from 17.9 to 17.7"),
        ({"MasterUserPassword": "short"}, VALUE, "shorter"),
        ({"DBPortNumber": 99}, VALUE, "1150"),
        ({"NewDBInstanceIdentifier": "-x"}, VALUE, "identifier"),
        ({"DBParameterGroupName": "default.postgres16"}, COMBINATION, "postgres17"),
        ({"MonitoringInterval": 60}, COMBINATION, "MonitoringRoleARN"),
    ],
)
def test_modify_is_refused(desk: Desk, members: dict[str, Any], code: str, words: str) -> None:
    desk.create()
    before = desk.find("shop")
    refused = desk.refused("ModifyDBInstance", DBInstanceIdentifier="shop", ApplyImmediately=True, **members)
    assert refused[0] == code
    assert words in refused[1]
    assert desk.find("shop") == before


def test_instance_must_be_available(desk: Desk) -> None:
    desk.create(is_ready=False)
    for operation in ("ModifyDBInstance", "RebootDBInstance", "StopDBInstance"):
        assert desk.refused(operation, DBInstanceIdentifier="shop")[0] == "InvalidDBInstanceState"
    assert desk.refused("StartDBInstance", DBInstanceIdentifier="shop")[0] == "InvalidDBInstanceState"


def test_failover_needs_a_standby(desk: Desk) -> None:
    desk.create()
    refused = desk.refused("RebootDBInstance", DBInstanceIdentifier="shop", ForceFailover=True)
    assert refused[0] == COMBINATION


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({}, "required unless SkipFinalSnapshot"),
        ({"SkipFinalSnapshot": True, "FinalDBSnapshotIdentifier": "last"}, "cannot be specified"),
    ],
)
def test_delete_wants_one_answer_about_the_snapshot(desk: Desk, members: dict[str, Any], words: str) -> None:
    desk.create()
    refused = desk.refused("DeleteDBInstance", DBInstanceIdentifier="shop", **members)
    assert refused[0] == COMBINATION
    assert words in refused[1]
    assert desk.operations() == []


def test_deletion_protection_refuses(desk: Desk) -> None:
    desk.create(DeletionProtection=True)
    refused = desk.refused("DeleteDBInstance", DBInstanceIdentifier="shop", SkipFinalSnapshot=True)
    assert refused == (
        COMBINATION,
        "Cannot delete protected DB Instance, please disable deletion protection and try again.",
    )


def test_delete_snapshots_first_and_promotes_replicas(desk: Desk) -> None:
    desk.create()
    desk.call("CreateDBInstanceReadReplica", DBInstanceIdentifier="r1", SourceDBInstanceIdentifier="shop")
    desk.make_ready("r1")
    desk.call("DeleteDBInstance", DBInstanceIdentifier="shop", FinalDBSnapshotIdentifier="last")
    assert [(each["kind"], each["instance"]) for each in desk.operations()] == [
        ("snapshot", "shop"),
        ("promote", "r1"),
        ("delete", "shop"),
    ]
    assert desk.find("shop")["DBInstanceStatus"] == "deleting"
    again = desk.refused("DeleteDBInstance", DBInstanceIdentifier="shop", SkipFinalSnapshot=True)
    assert again[0] == "InvalidDBInstanceState"


def test_tags_by_arn(desk: Desk) -> None:
    arn = desk.create(Tags=[{"Key": "a", "Value": "1"}])["DBInstanceArn"]
    desk.call("AddTagsToResource", ResourceName=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}])
    desk.call("RemoveTagsFromResource", ResourceName=arn, TagKeys=["b"])
    assert desk.call("ListTagsForResource", ResourceName=arn)["TagList"] == [{"Key": "a", "Value": "2"}]
    assert desk.refused("ListTagsForResource", ResourceName=arn + "x")[0] == "DBInstanceNotFound"
    assert desk.refused("ListTagsForResource", ResourceName="shop")[0] == VALUE
