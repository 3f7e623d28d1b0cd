"""Snapshots, restores and replicas: what is inherited, what falls back to a default, what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox_rds.conftest import Desk

VALUE, COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"
# conftest's instances are restorable from 10:00:05 to 11:00:00.
INSIDE = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)


def restore(desk: Desk, **members: Any) -> dict[str, Any]:
    request = {"SourceDBInstanceIdentifier": "shop", "TargetDBInstanceIdentifier": "then", "RestoreTime": INSIDE}
    given = {name: value for name, value in {**request, **members}.items() if value is not None}
    answer: dict[str, Any] = desk.call("RestoreDBInstanceToPointInTime", **given)["DBInstance"]
    return answer


def refused(desk: Desk, **members: Any) -> tuple[str, str]:
    request = {"SourceDBInstanceIdentifier": "shop", "TargetDBInstanceIdentifier": "then", "RestoreTime": INSIDE}
    given = {name: value for name, value in {**request, **members}.items() if value is not None}
    code, message = desk.refused("RestoreDBInstanceToPointInTime", **given)
    return code, message


def test_restored_instance_inherits_data_and_falls_back_for_the_rest(desk: Desk) -> None:
    desk.call("CreateDBParameterGroup", DBParameterGroupName="g", DBParameterGroupFamily="postgres17", Description="d")
    source = desk.create(
        DBParameterGroupName="g", MultiAZ=True, DeletionProtection=True, DBName="tap", BackupRetentionPeriod=7,
        Port=6432, Tags=[{"Key": "a", "Value": "1"}],
    )  # fmt: skip
    target = restore(desk)
    same = ("DBInstanceClass", "AllocatedStorage", "EngineVersion", "MasterUsername", "DBName", "BackupRetentionPeriod")
    assert {name: target[name] for name in same} == {name: source[name] for name in same}
    assert target["TagList"] == source["TagList"]
    assert target["DBParameterGroups"][0]["DBParameterGroupName"] == "default.postgres17"
    assert (target["MultiAZ"], target["DeletionProtection"]) == (False, False)
    (operation,) = desk.operations()
    assert operation["params"]["source"] == source["DbiResourceId"]
    assert operation["params"]["time"] == "2026-11-20T10:30:00.000000Z"


@pytest.mark.parametrize(
    ("members", "code", "words"),
    [
        ({"RestoreTime": datetime(2026, 11, 20, 10, 0, 5, tzinfo=UTC)}, VALUE, "earlier than 2026-11-20T10:00:05"),
        ({"RestoreTime": datetime(2026, 11, 20, 11, 0, 0, 1, tzinfo=UTC)}, VALUE, "later than 2026-11-20T11:00:00"),
        ({"RestoreTime": "2026-11-20T10:30:00"}, VALUE, "no offset"),
        ({"RestoreTime": None}, COMBINATION, "either RestoreTime or UseLatestRestorableTime"),
        ({"UseLatestRestorableTime": True}, COMBINATION, "either RestoreTime or UseLatestRestorableTime"),
        ({"SourceDBInstanceIdentifier": None}, COMBINATION, "SourceDbiResourceId"),
        ({"SourceDbiResourceId": "db-X"}, COMBINATION, "SourceDbiResourceId"),
        ({"SourceDBInstanceIdentifier": None, "SourceDbiResourceId": "db-X"}, "DBInstanceAutomatedBackupNotFound", "X"),
        ({"TargetDBInstanceIdentifier": "shop"}, "DBInstanceAlreadyExists", "exists"),
        ({"DBName": "other"}, COMBINATION, "DBName"),
        ({"ManageMasterUserPassword": True}, COMBINATION, "ManageMasterUserPassword"),
        ({"AllocatedStorage": 50}, COMBINATION, "less than"),
    ],
)
def test_restore_is_refused(desk: Desk, members: dict[str, Any], code: str, words: str) -> None:
    desk.create()
    answer = refused(desk, **members)
    assert answer[0] == code
    assert words in answer[1]
    assert desk.operations() == []


def test_edge_of_the_window_is_inside(desk: Desk) -> None:
    desk.create()
    restore(desk, RestoreTime=datetime(2026, 11, 20, 11, tzinfo=UTC))
    restore(desk, TargetDBInstanceIdentifier="other", RestoreTime="2026-11-20T12:00:06+02:00")
    assert desk.operations()[1]["params"]["time"] == "2026-11-20T10:00:06.000000Z"


def test_without_backups_there_is_no_point_in_time(desk: Desk) -> None:
    desk.create(BackupRetentionPeriod=0)
    assert refused(desk)[0] == "PointInTimeRestoreNotEnabled"


def test_snapshot_goes_through_its_states(desk: Desk) -> None:
    desk.create(CopyTagsToSnapshot=True, Tags=[{"Key": "a", "Value": "1"}])
    snapshot = desk.call("CreateDBSnapshot", DBInstanceIdentifier="shop", DBSnapshotIdentifier="Kept")["DBSnapshot"]
    assert (snapshot["DBSnapshotIdentifier"], snapshot["Status"]) == ("kept", "creating")
    assert snapshot["TagList"] == [{"Key": "a", "Value": "1"}]
    assert desk.find("shop")["DBInstanceStatus"] == "backing-up"
    early = desk.refused("RestoreDBInstanceFromDBSnapshot", DBInstanceIdentifier="n", DBSnapshotIdentifier="kept")
    assert early[0] == "InvalidDBSnapshotState"
    assert desk.refused("DeleteDBSnapshot", DBSnapshotIdentifier="kept")[0] == "InvalidDBSnapshotState"
    desk.finish_snapshot("kept")
    desk.make_ready("shop")
    again = desk.refused("CreateDBSnapshot", DBInstanceIdentifier="shop", DBSnapshotIdentifier="kept")
    assert again[0] == "DBSnapshotAlreadyExists"
    restored = desk.call("RestoreDBInstanceFromDBSnapshot", DBInstanceIdentifier="n", DBSnapshotIdentifier="kept")
    assert restored["DBInstance"]["DBInstanceClass"] == "db.m6g.large"
    desk.call("DeleteDBSnapshot", DBSnapshotIdentifier="kept")
    assert desk.refused("DescribeDBSnapshots", DBSnapshotIdentifier="kept")[0] == "DBSnapshotNotFound"


def test_replica_follows_its_source_settings(desk: Desk) -> None:
    desk.call("CreateDBParameterGroup", DBParameterGroupName="g", DBParameterGroupFamily="postgres17", Description="d")
    desk.create(DBParameterGroupName="g")
    answer = desk.call("CreateDBInstanceReadReplica", DBInstanceIdentifier="r1", SourceDBInstanceIdentifier="shop")
    replica = answer["DBInstance"]
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == "shop"
    assert (replica["BackupRetentionPeriod"], replica["MultiAZ"]) == (0, False)
    assert replica["DBParameterGroups"][0]["DBParameterGroupName"] == "g"
    assert desk.find("shop")["ReadReplicaDBInstanceIdentifiers"] == ["r1"]
    off = desk.refused("ModifyDBInstance", DBInstanceIdentifier="shop", BackupRetentionPeriod=0, ApplyImmediately=True)
    assert off[0] == COMBINATION
    desk.make_ready("r1")
    final = desk.refused("DeleteDBInstance", DBInstanceIdentifier="r1", FinalDBSnapshotIdentifier="x")
    assert "replica" in final[1]
    assert desk.refused("PromoteReadReplica", DBInstanceIdentifier="shop")[0] == "InvalidDBInstanceState"


def test_replica_needs_backups_on_its_source(desk: Desk) -> None:
    desk.create(BackupRetentionPeriod=0)
    answer = desk.refused("CreateDBInstanceReadReplica", DBInstanceIdentifier="r", SourceDBInstanceIdentifier="shop")
    assert answer[0] == "InvalidDBInstanceState"
    assert "Automated backups are not enabled" in answer[1]


def test_automated_backups_show_the_window(desk: Desk) -> None:
    created = desk.create()
    (backup,) = desk.call("DescribeDBInstanceAutomatedBackups", DBInstanceIdentifier="shop")[
        "DBInstanceAutomatedBackups"
    ]
    assert backup["RestoreWindow"]["EarliestTime"] == datetime(2026, 11, 20, 10, 0, 5, tzinfo=UTC)
    assert (backup["Status"], backup["DbiResourceId"]) == ("active", created["DbiResourceId"])
    alive = desk.refused("DeleteDBInstanceAutomatedBackup", DbiResourceId=created["DbiResourceId"])
    assert alive[0] == "InvalidDBInstanceAutomatedBackupState"
