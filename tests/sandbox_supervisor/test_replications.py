"""Automated backups in another region: a copy of its own, restored after everything of the first region is gone."""

from __future__ import annotations

import dataclasses
import shutil
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pymysql
import pytest

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import engine_identity
from mainstay.engines.mariadb.programs import find_mariadb
from mainstay.sandbox.supervisor.layout import Layout

if TYPE_CHECKING:
    from tests.sandbox_supervisor.conftest import Box, Record

OTHER = "us-west-2"
PATIENCE_S = 90.0


def far_of(box: Box) -> Box:
    return dataclasses.replace(box, region=OTHER, rds=box.session.client("rds", region_name=OTHER))


def replicated(far: Box, resource: str) -> Record | None:
    found = far.rds.describe_db_instance_automated_backups(DbiResourceId=resource)["DBInstanceAutomatedBackups"]
    return found[0] if found else None


def await_window(far: Box, resource: str, after: Any) -> Record:
    """The replicated backup once it can be restored to a moment."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = replicated(far, resource)
        latest = (found or {}).get("RestoreWindow", {}).get("LatestTime")
        if found is not None and latest is not None and latest > after:
            return found
        assert time.monotonic() < deadline, (found, (far.directory / "supervisor.log").read_text()[-3000:])
        time.sleep(0.05)


def await_retained(far: Box, resource: str) -> Record:
    """The replicated backup once it follows its source no more."""
    deadline = time.monotonic() + PATIENCE_S
    while (found := replicated(far, resource) or {})["Status"] != "retained":
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def folder_of(box: Box, resource: str) -> Any:
    return Layout.load(box.directory).data / "replicated" / OTHER / resource


def row(box: Box, db: Record, statement: str) -> None:
    with box.connect(db) as connection:
        connection.execute(statement.encode())


def marks(box: Box, db: Record) -> list[str]:
    with box.connect(db) as connection:
        return [str(name) for (name,) in connection.execute("SELECT name FROM marks ORDER BY name").fetchall()]


def replicate(box: Box, far: Box, name: str, key: str | None = None, **members: Any) -> Record:
    db = box.create(name, BackupRetentionPeriod=7, **members)
    named = {"KmsKeyId": key} if key else {}
    far.rds.start_db_instance_automated_backups_replication(
        SourceDBInstanceArn=db["DBInstanceArn"], BackupRetentionPeriod=3, **named
    )
    return db


def test_what_is_replicated_is_restored_to_a_moment_when_its_region_is_gone(fresh_box: Box) -> None:
    box, far = fresh_box, far_of(fresh_box)
    db = replicate(box, far, "shop", MultiAZ=True)
    row(box, db, "CREATE TABLE marks (name text)")
    row(box, db, "INSERT INTO marks VALUES ('before')")
    time.sleep(0.1)
    moment = datetime.now(UTC)
    time.sleep(0.1)
    row(box, db, "INSERT INTO marks VALUES ('after')")
    last = datetime.now(UTC)
    found = await_window(far, db["DbiResourceId"], last)
    assert (found["Status"], found["Region"], found["BackupRetentionPeriod"]) == ("replicating", "us-east-1", 3)
    # What is promised there trails what is promised at the source.
    assert found["RestoreWindow"]["LatestTime"] <= box.find("shop")["LatestRestorableTime"]

    box.delete("shop")
    assert box.rds.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"] == []
    shutil.rmtree(Layout.load(box.directory).instance(db["DbiResourceId"]), ignore_errors=True)
    found = await_retained(far, db["DbiResourceId"])

    by_arn = {"SourceDBInstanceAutomatedBackupsArn": found["DBInstanceAutomatedBackupsArn"]}
    far.rds.restore_db_instance_to_point_in_time(TargetDBInstanceIdentifier="then", RestoreTime=moment, **by_arn)
    far.rds.restore_db_instance_to_point_in_time(
        TargetDBInstanceIdentifier="newest", UseLatestRestorableTime=True, SourceDbiResourceId=db["DbiResourceId"]
    )
    assert marks(far, far.settle("then")) == ["before"]
    assert marks(far, far.settle("newest")) == ["after", "before"]

    far.rds.delete_db_instance_automated_backup(DBInstanceAutomatedBackupsArn=found["DBInstanceAutomatedBackupsArn"])
    assert replicated(far, db["DbiResourceId"]) is None
    deadline = time.monotonic() + PATIENCE_S
    while folder_of(box, db["DbiResourceId"]).exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_failover_and_a_killed_supervisor_cost_the_copy_nothing(fresh_box: Box) -> None:
    box, far = fresh_box, far_of(fresh_box)
    db = replicate(box, far, "shop", MultiAZ=True)
    row(box, db, "CREATE TABLE marks (name text)")
    # Killed while the first copy is made, or just before or after it: the next supervisor makes it whole.
    deadline = time.monotonic() + PATIENCE_S
    while not folder_of(box, db["DbiResourceId"]).is_dir():
        assert time.monotonic() < deadline
        time.sleep(0.002)
    box.kill_supervisor()
    box.settle("shop")
    row(box, db, "INSERT INTO marks VALUES ('one')")
    box.rds.reboot_db_instance(DBInstanceIdentifier="shop", ForceFailover=True)
    box.settle("shop")
    row(box, db, "INSERT INTO marks VALUES ('two')")
    await_window(far, db["DbiResourceId"], datetime.now(UTC))
    box.kill_supervisor()
    box.settle("shop")
    row(box, db, "INSERT INTO marks VALUES ('three')")
    last = datetime.now(UTC)
    box.restorable_after("shop", last)
    found = await_window(far, db["DbiResourceId"], last)
    far.rds.restore_db_instance_to_point_in_time(
        TargetDBInstanceIdentifier="there", UseLatestRestorableTime=True,
        SourceDBInstanceAutomatedBackupsArn=found["DBInstanceAutomatedBackupsArn"],
    )  # fmt: skip
    assert marks(far, far.settle("there")) == ["one", "three", "two"]


def test_stopping_ends_the_copy_and_a_gap_begins_it_anew(box: Box) -> None:
    far = far_of(box)
    kms = box.session.client("kms", region_name=OTHER)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    db = replicate(box, far, "paused", key, StorageEncrypted=True)
    row(box, db, "CREATE TABLE marks (name text)")
    first = await_window(far, db["DbiResourceId"], datetime.now(UTC))
    far.rds.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=db["DBInstanceArn"])
    stopped = replicated(far, db["DbiResourceId"]) or {}
    assert (stopped["Status"], box.find("paused")["DBInstanceAutomatedBackupsReplications"]) == ("retained", [])
    box.rds.modify_db_instance(DBInstanceIdentifier="paused", BackupRetentionPeriod=0, ApplyImmediately=True)
    box.settle("paused")
    box.rds.modify_db_instance(DBInstanceIdentifier="paused", BackupRetentionPeriod=1, ApplyImmediately=True)
    box.settle("paused")
    held = [each.name for each in (folder_of(box, db["DbiResourceId"]) / "backups").iterdir()]
    far.rds.start_db_instance_automated_backups_replication(SourceDBInstanceArn=db["DBInstanceArn"], KmsKeyId=key)
    row(box, db, "INSERT INTO marks VALUES ('again')")
    again = await_window(far, db["DbiResourceId"], datetime.now(UTC))
    assert again["RestoreWindow"]["EarliestTime"] > first["RestoreWindow"]["LatestTime"]
    now = [each.name for each in (folder_of(box, db["DbiResourceId"]) / "backups").iterdir()]
    assert (len(now), set(now) & set(held)) == (1, set())
    far.rds.restore_db_instance_to_point_in_time(
        TargetDBInstanceIdentifier="resumed", UseLatestRestorableTime=True, SourceDbiResourceId=db["DbiResourceId"]
    )
    assert marks(far, far.settle("resumed")) == ["again"]

    kms.disable_key(KeyId=key)  # nobody is told, and nobody begins it again
    await_retained(far, db["DbiResourceId"])
    kms.enable_key(KeyId=key)
    assert box.find("paused")["DBInstanceAutomatedBackupsReplications"] == []
    far.delete("resumed")
    box.delete("paused")


def test_mariadb_is_replicated_too(fresh_box: Box) -> None:
    try:
        version = find_mariadb(identity=engine_identity()).version
    except EnvironmentLacking as error:
        pytest.skip(f"{error.detail} {error.hint}")
    box, far = fresh_box, far_of(fresh_box)
    db = replicate(box, far, "maria", Engine="mariadb", EngineVersion=version)

    def tell(where: Record, statement: str) -> Any:
        with (
            pymysql.connect(
                host=where["Endpoint"]["Address"], port=where["Endpoint"]["Port"], user="master",
                password="correct-horse-battery", database="tap", autocommit=True, connect_timeout=10,
                ssl_ca=str(box.directory / "ca.pem"), ssl_verify_cert=True, ssl_verify_identity=True,
            ) as opened,
            opened.cursor() as cursor,
        ):  # fmt: skip
            cursor.execute(statement)
            return cursor.fetchall()

    tell(db, "CREATE TABLE numbers (n int PRIMARY KEY)")
    tell(db, "INSERT INTO numbers VALUES (1)")
    first = datetime.now(UTC)
    await_window(far, db["DbiResourceId"], first)
    box.kill_supervisor()  # the archiver lives on, and the next supervisor may begin another stretch
    box.settle("maria")
    tell(db, "INSERT INTO numbers VALUES (2)")
    last = datetime.now(UTC)
    found = await_window(far, db["DbiResourceId"], last)
    box.delete("maria")
    far.rds.restore_db_instance_to_point_in_time(
        TargetDBInstanceIdentifier="there", UseLatestRestorableTime=True,
        SourceDBInstanceAutomatedBackupsArn=found["DBInstanceAutomatedBackupsArn"],
    )  # fmt: skip
    assert tell(far.settle("there"), "SELECT n FROM numbers ORDER BY n") == ((1,), (2,))
