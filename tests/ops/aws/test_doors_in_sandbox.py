"""The doors against the sandbox: what they ask is answered, and faults that are ordered there are got over."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from mainstay import sandbox
from mainstay.core.errors import NotFound, TargetRefused
from mainstay.core.units import Duration
from mainstay.ops.aws.doors import Doors
from mainstay.ops.aws.rds import RdsDoor
from mainstay.ops.aws.s3 import S3Door, artifact_bucket
from mainstay.ops.aws.secrets import Login
from mainstay.ops.aws.sts import Caller
from mainstay.sandbox import faults
from mainstay.sandbox.state import State

Fixture = Any  # fixtures of conftest


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    sandbox.up(tmp_path / "box")
    try:
        yield tmp_path / "box"
    finally:
        sandbox.down(tmp_path / "box")


def test_the_caller_the_bucket_and_secrets(directory: Path, clock: Fixture) -> None:
    doors = Doors(sandbox.session(directory, "us-east-1"), clock)
    assert doors.region == "us-east-1"
    caller = doors.sts.caller()
    assert (caller.account, caller.partition) == ("123456789012", "aws")
    for _ in range(2):
        assert doors.s3.ensure_artifact_bucket(caller, "us-east-1") == artifact_bucket(caller.account, "us-east-1")
    url = doors.s3.upload(artifact_bucket(caller.account, "us-east-1"), "shop/x.json", b"{}")
    assert url == "https://mainstay-artifacts-123456789012-us-east-1.s3.us-east-1.amazonaws.com/shop/x.json"

    login = Login(username="owner", password="only-for-this-test", host="127.0.0.1", port=5432)
    arn = doors.secrets.create_login("mine", login, description="a test", tags={"a": "b"})
    seen = doors.secrets.read_login("mine")
    assert (seen.username, seen.password, seen.port, seen.dbname) == ("owner", "only-for-this-test", 5432, None)
    assert "only-for-this-test" not in repr(seen)
    assert seen.secret_arn == arn
    doors.secrets.delete(arn)
    with pytest.raises(NotFound):
        doors.secrets.read_login("mine")


def test_a_login_knows_what_else_its_secret_holds_by_now(directory: Path, clock: Fixture) -> None:
    session: Any = sandbox.session(directory, "us-east-1")
    secrets, doors = session.client("secretsmanager"), Doors(session, clock)
    login = Login(username="owner", password="first-password")
    doors.secrets.create_login("mine", login, description="a test", tags={})
    seen = doors.secrets.read_login("mine")
    assert seen.ask_others() == ()
    for stages, text in (
        (["AWSPENDING"], '{"username": "owner", "password": "second-password"}'),
        (["AWSPENDING"], "x"),
    ):
        secrets.put_secret_value(SecretId="mine", SecretString=text, VersionStages=stages)
        others = [other.password for other in seen.ask_others()]
        assert others == (["second-password"] if text != "x" else [])
    secrets.put_secret_value(SecretId="mine", SecretString='{"username": "owner", "password": "third-password"}')
    assert [other.password for other in seen.ask_others()] == ["third-password"]


def test_a_secret_that_is_no_login_is_refused_without_showing_it(directory: Path, clock: Fixture) -> None:
    session: Any = sandbox.session(directory, "us-east-1")
    session.client("secretsmanager").create_secret(Name="other", SecretString="very-secret-text")
    with pytest.raises(TargetRefused, match="holds no login") as stop:
        Doors(session, clock).secrets.read_login("other")
    assert "very-secret-text" not in str(stop.value)
    assert stop.value.__cause__ is None


def test_ordered_throttling_is_got_over_and_refusals_are_not(directory: Path, clock: Fixture) -> None:
    doors = Doors(sandbox.session(directory, "us-east-1"), clock)
    with State(directory).transaction("us-east-1") as tx:
        faults.order(tx, "rds", "DescribeDBInstances", ["Throttling", "InternalFailure"])
    assert doors.rds.instances() == ()
    assert len(clock.sleeps) == 2
    with State(directory).transaction("us-east-1") as tx:
        faults.order(tx, "rds", "DescribeDBInstances", ["AccessDenied"])
    with pytest.raises(TargetRefused, match="not allowed"):
        doors.rds.find_instance("db")
    assert doors.rds.find_instance("db") is None
    assert len(clock.sleeps) == 2


@cache
def real_client(service: str, region: str) -> Any:
    session: Any = boto3.Session(aws_access_key_id="AKID", aws_secret_access_key="none", region_name=region)
    return session.client(service)


def stubbed(service: str, region: str = "us-east-1") -> Stubber:
    return Stubber(real_client(service, region))


def test_changes_of_an_instance_are_asked_for_exactly(clock: Fixture) -> None:
    answer = {"DBInstance": {"DBInstanceIdentifier": "db", "DBInstanceStatus": "modifying"}}
    with stubbed("rds") as stub:
        door = RdsDoor(stub.client, clock)
        common = {"DBInstanceIdentifier": "db", "ApplyImmediately": True}
        stub.add_response("modify_db_instance", answer, {**common, "BackupRetentionPeriod": 7})
        stub.add_response("modify_db_instance", answer, {**common, "DeletionProtection": False})
        stub.add_response("reboot_db_instance", answer, {"DBInstanceIdentifier": "db", "ForceFailover": True})
        stub.add_response(
            "delete_db_instance",
            answer,
            {
                "DBInstanceIdentifier": "db",
                "SkipFinalSnapshot": False,
                "FinalDBSnapshotIdentifier": "last",
                "DeleteAutomatedBackups": False,
            },
        )
        assert door.set_retention("db", Duration.days(7)).status == "modifying"
        door.set_deletion_protection("db", is_on=False)
        door.reboot("db", with_failover=True)
        door.delete_with_snapshot("db", "last")
        stub.assert_no_pending_responses()


def test_a_bucket_of_somebody_else_is_told_apart(clock: Fixture) -> None:
    caller = Caller(account="123456789012", arn="arn:aws-cn:iam::123456789012:user/me")
    assert caller.partition == "aws-cn"
    with stubbed("s3", "eu-west-1") as stub:
        name = artifact_bucket(caller.account, "eu-west-1")
        place = {"LocationConstraint": "eu-west-1"}
        expected = {"Bucket": name, "CreateBucketConfiguration": place}
        stub.add_client_error("create_bucket", "BucketAlreadyExists", expected_params=expected)
        stub.add_client_error("create_bucket", "AccessDenied", expected_params=expected)
        door = S3Door(stub.client, clock)
        with pytest.raises(TargetRefused, match="belongs to somebody else"):
            door.ensure_artifact_bucket(caller, "eu-west-1")
        with pytest.raises(TargetRefused, match="not allowed"):
            door.ensure_artifact_bucket(caller, "eu-west-1")
