"""A MariaDB instance lives as a PostgreSQL one does: created, replicated, failed over, saved and restored."""

from __future__ import annotations

import gzip
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pymysql
import pytest

from mainstay import sandbox
from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import engine_identity
from mainstay.engines.mariadb.engine import MARIADB as ENGINE
from mainstay.engines.mariadb.programs import find_mariadb
from mainstay.engines.mariadb.session import tell
from mainstay.sandbox.supervisor.layout import Layout

if TYPE_CHECKING:
    from tests.sandbox_supervisor.conftest import Box, Record

PASSWORD = "correct-horse-battery"
# They share one instance, which takes seconds to make.
pytestmark = pytest.mark.xdist_group("sandbox-mariadb")
MARIADB: dict[str, Any] = {
    "Engine": "mariadb", "EngineVersion": "10.11.19", "DBInstanceClass": "db.m6g.large", "AllocatedStorage": 100,
    "MasterUsername": "master", "MasterUserPassword": PASSWORD, "DBName": "tap",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def mariadb() -> str:
    """The version that runs here; without programs these tests say why they do not."""
    try:
        return find_mariadb(identity=engine_identity()).version
    except EnvironmentLacking as error:
        pytest.skip(f"{error.detail} {error.hint}")


@contextmanager
def connect(box: Box, db: Record, **options: Any) -> Iterator[Any]:
    """A cursor over TLS, with the endpoint's address verified."""
    given = {
        "host": db["Endpoint"]["Address"], "port": db["Endpoint"]["Port"], "user": "master", "password": PASSWORD,
        "database": "tap", "autocommit": True, "connect_timeout": 10, "read_timeout": 20,
        "ssl_ca": str(box.directory / "ca.pem"), "ssl_verify_cert": True, "ssl_verify_identity": True,
    }  # fmt: skip
    with pymysql.connect(**{**given, **options}) as opened, opened.cursor() as cursor:
        yield cursor


def numbers(box: Box, identifier: str, **options: Any) -> set[int]:
    with connect(box, box.find(identifier), **options) as cursor:
        cursor.execute("SELECT n FROM numbers")
        return {row[0] for row in cursor.fetchall()}


def await_numbers(box: Box, identifier: str, wanted: set[int]) -> None:
    deadline = time.monotonic() + 60
    while not wanted <= numbers(box, identifier):
        assert time.monotonic() < deadline, f"{identifier} does not receive {wanted}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def shop(box: Box) -> Record:
    """A Multi-AZ instance with a group of its own, and a read replica."""
    box.rds.create_db_parameter_group(
        DBParameterGroupName="maria", DBParameterGroupFamily="mariadb10.11", Description="for the shop"
    )
    box.rds.modify_db_parameter_group(
        DBParameterGroupName="maria",
        Parameters=[
            {"ParameterName": name, "ParameterValue": value, "ApplyMethod": "pending-reboot"}
            for name, value in {
                "require_secure_transport": "1", "innodb_buffer_pool_size": "{DBInstanceClassMemory*3/4}",
                "slow_query_log": "1", "long_query_time": "0.5",
            }.items()
        ],
    )  # fmt: skip
    db = box.create("maria", **MARIADB, MultiAZ=True, DBParameterGroupName="maria")
    with connect(box, db) as cursor:
        cursor.execute("CREATE TABLE numbers (n int PRIMARY KEY)")
        cursor.execute("INSERT INTO numbers VALUES (1)")
    box.rds.create_db_instance_read_replica(DBInstanceIdentifier="maria-r1", SourceDBInstanceIdentifier="maria")
    box.settle("maria-r1")
    return db


def test_the_instance_is_what_was_asked_for(box: Box, shop: Record, mariadb: str) -> None:
    assert (shop["Engine"], shop["Endpoint"]["Port"], shop["LicenseModel"]) == (
        "mariadb", 3306, "general-public-license"
    )  # fmt: skip
    assert shop["OptionGroupMemberships"][0]["OptionGroupName"] == "default:mariadb-10-11"
    with connect(box, shop) as cursor:
        cursor.execute("SELECT VERSION(), @@slow_query_log, @@long_query_time, @@character_set_server")
        version, *settings = cursor.fetchone()
        assert version.startswith(mariadb)
        assert settings == [1, 0.5, "utf8mb4"]
    with pytest.raises(pymysql.err.OperationalError), connect(box, shop, ssl_ca=None, ssl_disabled=True):
        pytest.fail("a plain connection was let in")
    told = {each.name: each for each in sandbox.substitutions(box.directory, "maria")}
    assert told["innodb_buffer_pool_size"].effective == str(128 * 1024**2)
    assert box.status("maria").engine == mariadb


def test_the_replica_follows_and_takes_no_writes(box: Box, shop: Record) -> None:
    await_numbers(box, "maria-r1", {1})
    with connect(box, box.find("maria-r1")) as cursor, pytest.raises(pymysql.err.OperationalError, match="read-only"):
        cursor.execute("INSERT INTO numbers VALUES (2)")
    assert box.status("maria-r1").lag_s is not None


def test_a_killed_primary_loses_no_acknowledged_commit(box: Box, shop: Record) -> None:
    box.await_pair("maria")
    acknowledged: list[int] = []
    stopping = threading.Event()

    def write() -> None:
        number = 1000
        while not stopping.is_set():
            try:
                with connect(box, shop) as cursor:
                    while not stopping.is_set():
                        number += 1
                        cursor.execute("INSERT INTO numbers VALUES (%s)", (number,))
                        acknowledged.append(number)
            except (pymysql.err.MySQLError, OSError):
                time.sleep(0.01)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        pid = await_count(acknowledged, 50) and box.status("maria").servers[0].pid
        os.kill(pid, signal.SIGKILL)
        assert await_count(acknowledged, len(acknowledged) + 50)
    finally:
        stopping.set()
        writer.join(30)
    assert box.status("maria").servers[0].pid != pid
    assert set(acknowledged) <= numbers(box, "maria")
    box.await_pair("maria")
    await_numbers(box, "maria-r1", set(acknowledged))
    zones = box.find("maria")
    assert zones["DBInstanceStatus"] == "available"
    with connect(box, shop) as cursor:
        cursor.execute("INSERT INTO numbers VALUES (2)")
    await_numbers(box, "maria-r1", {2})


def await_count(acknowledged: list[int], count: int) -> bool:
    deadline = time.monotonic() + 60
    while len(acknowledged) < count:
        if time.monotonic() > deadline:
            pytest.fail("the writer came to a stand")
        time.sleep(0.01)
    return True


def test_commits_do_not_wait_for_a_standby_that_receives_nothing(box: Box, shop: Record) -> None:
    box.await_pair("maria")
    primary, standby = box.status("maria").servers
    home = Layout.load(box.directory).instance(shop["DbiResourceId"])
    made = (ENGINE.unfound("10.11"), engine_identity())
    clusters = [ENGINE.cluster(home / letter, "127.0.0.1", standby.port, *made) for letter in "ab"]
    [hanging] = [each for each in clusters if (proof := each.find_proof()) is not None and proof.pid == standby.pid]
    with hanging.session() as opened:
        tell(opened, "STOP SLAVE IO_THREAD")
    with connect(box, shop, connect_timeout=60) as cursor:
        cursor.execute("INSERT INTO numbers VALUES (900)")  # for ever, if nobody gave the standby up
    box.await_pair("maria")
    servers = box.status("maria").servers
    assert (servers[0].pid, servers[1].pid != standby.pid) == (primary.pid, True)
    assert "its standby has acknowledged nothing for 3 s" in (box.directory / "supervisor.log").read_text()


def test_a_restore_holds_what_was_and_not_what_came_after(box: Box, shop: Record) -> None:
    with connect(box, shop) as cursor:
        cursor.execute("INSERT INTO numbers VALUES (3)")
        time.sleep(0.4)
        moment = datetime.now(UTC)
        time.sleep(0.4)
        cursor.execute("INSERT INTO numbers VALUES (4)")
    box.restorable_after("maria", datetime.now(UTC))
    box.rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier="maria", TargetDBInstanceIdentifier="maria-then", RestoreTime=moment
    )
    target = box.settle("maria-then")
    assert (target["Engine"], target["Endpoint"]["Port"]) == ("mariadb", 3306)
    found = numbers(box, "maria-then")
    assert {1, 3} <= found
    assert 4 not in found
    with connect(box, target) as cursor:
        cursor.execute("INSERT INTO numbers VALUES (5)")
    box.restorable_after("maria-then", datetime.now(UTC))
    box.delete("maria-then")


def test_a_snapshot_becomes_an_instance_and_a_password_changes(box: Box, shop: Record) -> None:
    box.rds.create_db_snapshot(DBSnapshotIdentifier="maria-s", DBInstanceIdentifier="maria")
    box.rds.get_waiter("db_snapshot_available").wait(
        DBSnapshotIdentifier="maria-s", WaiterConfig={"Delay": 0.05, "MaxAttempts": 400}
    )
    box.settle("maria")
    before = numbers(box, "maria")
    box.rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="maria-copy", DBSnapshotIdentifier="maria-s")
    box.settle("maria-copy")
    assert numbers(box, "maria-copy") == before
    box.rds.modify_db_instance(
        DBInstanceIdentifier="maria-copy", MasterUserPassword="another-password-2", ApplyImmediately=True
    )
    box.settle("maria-copy")
    assert numbers(box, "maria-copy", password="another-password-2") == before
    box.delete("maria-copy")
    box.rds.delete_db_snapshot(DBSnapshotIdentifier="maria-s")


def test_a_snapshot_is_exported_table_by_table(box: Box, shop: Record) -> None:
    with connect(box, shop) as cursor:
        cursor.execute("CREATE TABLE odd (id int PRIMARY KEY, said varchar(20), raw varbinary(8))")
        cursor.execute("INSERT INTO odd VALUES (1, 'a \"b\", c', x'00ff'), (2, NULL, NULL), (3, '', '')")
    box.rds.create_db_snapshot(DBSnapshotIdentifier="maria-out", DBInstanceIdentifier="maria")
    box.settle("maria")
    allow = {"Effect": "Allow", "Principal": {"Service": "export.rds.amazonaws.com"}, "Action": "sts:AssumeRole"}
    write = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    iam, s3 = box.client("iam"), box.client("s3")
    role = iam.create_role(RoleName="maria-out", AssumeRolePolicyDocument=json.dumps({"Statement": [allow]}))["Role"]
    iam.put_role_policy(RoleName="maria-out", PolicyName="p", PolicyDocument=json.dumps({"Statement": [write]}))
    s3.create_bucket(Bucket="maria-out")
    box.rds.start_export_task(
        ExportTaskIdentifier="maria-out", S3BucketName="maria-out", IamRoleArn=role["Arn"], ExportOnly=["tap.odd"],
        SourceArn=f"arn:aws:rds:{box.region}:123456789012:snapshot:maria-out",
        KmsKeyId=box.client("kms").create_key()["KeyMetadata"]["KeyId"],
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while (task := box.rds.describe_export_tasks()["ExportTasks"][0])["Status"] != "COMPLETE":
        assert time.monotonic() < deadline, task
        time.sleep(0.05)
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket="maria-out")["Contents"]]
    [part] = [key for key in keys if key.startswith("maria-out/tap/tap.odd/1/part-00000-")]
    text = gzip.decompress(s3.get_object(Bucket="maria-out", Key=part)["Body"].read()).decode()
    assert text.splitlines() == ["id,said,raw", '1,"a ""b"", c",\\x00ff', "2,,", '3,"",\\x']
    with connect(box, shop) as cursor:
        cursor.execute("DROP TABLE odd")
    box.rds.delete_db_snapshot(DBSnapshotIdentifier="maria-out")


def test_two_users_take_turns(box: Box, shop: Record) -> None:
    """Rotation with alternating users: nobody who logs in with the password of before is locked out."""
    known = {"engine": "mariadb", "host": shop["Endpoint"]["Address"], "port": 3306, "dbname": "tap"}
    with connect(box, shop) as cursor:
        cursor.execute("CREATE USER app@'%' IDENTIFIED BY 'first-password-1'")
        cursor.execute("GRANT SELECT, INSERT ON tap.* TO app@'%'")
    secrets = box.client("secretsmanager")
    superuser = {**known, "username": "master", "password": PASSWORD}
    master = secrets.create_secret(Name="maria/master", SecretString=json.dumps(superuser))
    login = {**known, "username": "app", "password": "first-password-1", "masterarn": master["ARN"]}
    app = secrets.create_secret(Name="maria/app", SecretString=json.dumps(login))["ARN"]
    function = box.new_function("maria-turns", "rotation", MAINSTAY_ROTATION_STRATEGY="alternating-users")
    at = None
    for name in ("app_clone", "app"):
        secrets.rotate_secret(SecretId=app, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 30})
        at = box.rotated(app, at)["LastRotatedDate"]
        for stage, user in (("AWSCURRENT", name), ("AWSPREVIOUS", "app" if name == "app_clone" else "app_clone")):
            found = box.secret_value(app, stage)
            assert found["username"] == user
            with connect(box, shop, user=user, password=found["password"]) as cursor:
                cursor.execute("SELECT COUNT(*) FROM numbers")
    secrets.cancel_rotate_secret(SecretId=app)


def test_reboot_stop_and_start_keep_the_data_and_take_parameters(box: Box, shop: Record) -> None:
    box.rds.promote_read_replica(DBInstanceIdentifier="maria-r1", BackupRetentionPeriod=0)
    box.settle("maria-r1")
    with connect(box, box.find("maria-r1")) as cursor:
        cursor.execute("INSERT INTO numbers VALUES (6)")
    box.rds.reboot_db_instance(DBInstanceIdentifier="maria", ForceFailover=True)
    box.settle("maria")
    box.await_pair("maria")
    box.rds.modify_db_parameter_group(
        DBParameterGroupName="maria",
        Parameters=[{"ParameterName": "long_query_time", "ParameterValue": "2", "ApplyMethod": "immediate"}],
    )
    deadline = time.monotonic() + 60
    while asked(box, "maria", "SELECT @@global.long_query_time") != 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert asked(box, "maria", "SELECT @@global.long_query_time") == 2
    box.rds.stop_db_instance(DBInstanceIdentifier="maria-r1")
    box.settle("maria-r1", "stopped")
    box.rds.start_db_instance(DBInstanceIdentifier="maria-r1")
    box.settle("maria-r1")
    assert 6 in numbers(box, "maria-r1")
    box.delete("maria-r1")
    box.delete("maria")


def asked(box: Box, identifier: str, query: str) -> object:
    with connect(box, box.find(identifier)) as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def test_a_stand_in_for_mysql_says_so_and_survives_its_supervisor(
    box: Box, monkeypatch: pytest.MonkeyPatch, mariadb: str
) -> None:
    monkeypatch.setenv("MAINSTAY_SANDBOX_MYSQL", "mariadb")
    db = box.create("maria-kept", **{**MARIADB, "Engine": "mysql", "EngineVersion": "8.4"}, BackupRetentionPeriod=0)
    note = f"a MariaDB engine {mariadb} runs where MySQL {db['EngineVersion']} was asked for, as you have chosen"
    assert (db["Engine"], box.status("maria-kept").note) == ("mysql", note)
    with connect(box, db) as cursor:
        cursor.execute("CREATE TABLE numbers (n int PRIMARY KEY)")
        cursor.execute("INSERT INTO numbers VALUES (7)")
    box.kill_supervisor()
    os.kill(box.status("maria-kept").servers[0].pid, signal.SIGKILL)
    sandbox.up(box.directory)
    deadline = time.monotonic() + 60
    while True:
        try:
            assert numbers(box, "maria-kept") == {7}
        except (pymysql.err.MySQLError, OSError):
            assert time.monotonic() < deadline, "the server does not come back"
            time.sleep(0.05)
        else:
            break
    box.delete("maria-kept")
