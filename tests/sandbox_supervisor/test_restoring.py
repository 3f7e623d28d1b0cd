"""Restores: to a point in time, seen from both sides, from snapshots, and of instances that are gone."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.sandbox_supervisor.conftest import Box

NEW_PASSWORD = "another-password-2"


@pytest.fixture(scope="module")
def marked(box: Box) -> tuple[dict[str, Any], datetime]:
    """An instance with one row before a moment and one after it, its password changed after it."""
    db = box.create("source", BackupRetentionPeriod=7)
    with box.connect(db) as connection:
        connection.execute("CREATE TABLE marks (name text)")
        connection.execute("INSERT INTO marks VALUES ('before')")
        time.sleep(0.2)
        moment = datetime.now(UTC)
        time.sleep(0.2)
        connection.execute("INSERT INTO marks VALUES ('after')")
    box.rds.modify_db_instance(DBInstanceIdentifier="source", MasterUserPassword=NEW_PASSWORD)
    box.settle("source")
    return box.restorable_after("source", datetime.now(UTC)), moment


def marks(box: Box, db: dict[str, Any], **options: Any) -> list[str]:
    with box.connect(db, **options) as connection:
        return [str(name) for (name,) in connection.execute("SELECT name FROM marks ORDER BY name").fetchall()]


def restore(box: Box, target: str, **members: Any) -> dict[str, Any]:
    request = {"SourceDBInstanceIdentifier": "source", **members}
    box.rds.restore_db_instance_to_point_in_time(
        TargetDBInstanceIdentifier=target, **{name: value for name, value in request.items() if value is not None}
    )
    return box.settle(target)


def test_restore_holds_what_was_and_not_what_came_after(box: Box, marked: tuple[dict[str, Any], datetime]) -> None:
    source, moment = marked
    target = restore(box, "then", RestoreTime=moment)
    assert marks(box, target) == ["before"]  # with the password of that moment
    assert marks(box, source, password=NEW_PASSWORD) == ["after", "before"]
    assert target["DbiResourceId"] != source["DbiResourceId"]
    assert not target["MultiAZ"]
    assert not target["DeletionProtection"]


def test_restored_instance_is_backed_up_and_restorable_itself(
    box: Box, marked: tuple[dict[str, Any], datetime]
) -> None:
    target = box.find("then")
    with box.connect(target) as connection:
        connection.execute("INSERT INTO marks VALUES ('second life')")
    box.restorable_after("then", datetime.now(UTC))
    again = restore(box, "again", SourceDBInstanceIdentifier="then", UseLatestRestorableTime=True)
    assert marks(box, again) == ["before", "second life"]
    box.delete("again")


def test_restore_to_the_latest_time(box: Box, marked: tuple[dict[str, Any], datetime]) -> None:
    target = restore(box, "latest", UseLatestRestorableTime=True)
    assert marks(box, target, password=NEW_PASSWORD) == ["after", "before"]
    box.delete("latest")


@pytest.mark.parametrize(
    ("members", "code", "words"),
    [
        ({"RestoreTime": datetime(2001, 1, 1, tzinfo=UTC)}, "InvalidParameterValue", "earlier than"),
        ({"RestoreTime": datetime.now(UTC) + timedelta(hours=1)}, "InvalidParameterValue", "later than"),
        ({}, "InvalidParameterCombination", "UseLatestRestorableTime"),
        ({"RestoreTime": datetime.now(UTC), "UseLatestRestorableTime": True}, "InvalidParameterCombination", "either"),
        ({"SourceDBInstanceIdentifier": "nobody", "UseLatestRestorableTime": True}, "DBInstanceNotFound", "nobody"),
    ],
)
def test_restore_is_refused(
    box: Box, marked: tuple[dict[str, Any], datetime], members: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(ClientError, match=words) as refused:
        restore(box, "never", **members)
    assert refused.value.response["Error"]["Code"] == code
    with pytest.raises(ClientError, match="not found"):
        box.find("never")


def test_restored_password_can_be_replaced(box: Box, marked: tuple[dict[str, Any], datetime]) -> None:
    box.rds.modify_db_instance(DBInstanceIdentifier="then", MasterUserPassword="fresh-password-3")
    target = box.settle("then")
    assert target["PendingModifiedValues"] == {}
    assert "before" in marks(box, target, password="fresh-password-3")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        marks(box, target)
    box.delete("then")


def test_snapshot_restores_its_own_end(box: Box, marked: tuple[dict[str, Any], datetime]) -> None:
    source, _ = marked
    box.rds.create_db_snapshot(DBInstanceIdentifier="source", DBSnapshotIdentifier="kept")
    box.rds.get_waiter("db_snapshot_available").wait(
        DBSnapshotIdentifier="kept", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200}
    )
    box.settle("source")
    with box.connect(source, password=NEW_PASSWORD) as connection:
        connection.execute("INSERT INTO marks VALUES ('too late')")
    box.rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="copy", DBSnapshotIdentifier="kept", MultiAZ=True)
    target = box.settle("copy")
    assert marks(box, target, password=NEW_PASSWORD) == ["after", "before"]
    assert [each.role for each in box.status("copy").servers] == ["primary", "standby"]
    box.delete("copy")
    box.rds.delete_db_snapshot(DBSnapshotIdentifier="kept")
    with pytest.raises(ClientError, match="not found"):
        box.rds.describe_db_snapshots(DBSnapshotIdentifier="kept")


def test_deleted_instance_is_restored_from_its_kept_backups(box: Box) -> None:
    db = box.create("doomed", BackupRetentionPeriod=1)
    with box.connect(db) as connection:
        connection.execute("CREATE TABLE marks (name text); INSERT INTO marks VALUES ('last words')")
    box.rds.delete_db_instance(
        DBInstanceIdentifier="doomed", DeleteAutomatedBackups=False, FinalDBSnapshotIdentifier="doomed-final"
    )
    box.rds.get_waiter("db_instance_deleted").wait(
        DBInstanceIdentifier="doomed", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200}
    )
    resource = db["DbiResourceId"]
    (kept,) = box.rds.describe_db_instance_automated_backups(DbiResourceId=resource)["DBInstanceAutomatedBackups"]
    assert kept["Status"] == "retained"
    back = restore(
        box, "back", SourceDBInstanceIdentifier=None, SourceDbiResourceId=resource, UseLatestRestorableTime=True
    )
    assert marks(box, back) == ["last words"]
    assert box.rds.describe_db_snapshots(DBSnapshotIdentifier="doomed-final")["DBSnapshots"][0]["Status"] == "available"
    box.rds.delete_db_instance_automated_backup(DbiResourceId=resource)
    with pytest.raises(ClientError, match="not found"):
        restore(box, "no", SourceDBInstanceIdentifier=None, SourceDbiResourceId=resource, UseLatestRestorableTime=True)
    box.delete("back")


def test_disabled_key_refuses_the_restore(box: Box) -> None:
    kms = box.session.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    box.create("sealed", StorageEncrypted=True, KmsKeyId=key)
    kms.disable_key(KeyId=key)
    with pytest.raises(ClientError) as refused:
        restore(box, "unsealed", SourceDBInstanceIdentifier="sealed", UseLatestRestorableTime=True)
    assert refused.value.response["Error"]["Code"] == "KMSKeyNotAccessibleFault"
    kms.enable_key(KeyId=key)
    restore(box, "unsealed", SourceDBInstanceIdentifier="sealed", UseLatestRestorableTime=True)
    box.delete("unsealed")
    box.delete("sealed")
