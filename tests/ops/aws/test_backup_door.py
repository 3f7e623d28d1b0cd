"""Vaults and recovery points as AWS Backup answers: pages, locks, policies written in each way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from mainstay.ops.aws.backup import BackupDoor

Fixture = Any  # fixtures of conftest
AT = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
NAMED = {"BackupVaultName": "shop-backups"}


@cache
def real_client() -> Any:
    session: Any = boto3.Session(aws_access_key_id="AKID", aws_secret_access_key="none", region_name="eu-west-1")
    return session.client("backup")


@pytest.fixture
def stub() -> Iterator[Stubber]:
    with Stubber(real_client()) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def door(stub: Stubber, clock: Fixture) -> BackupDoor:
    return BackupDoor(stub.client, clock)


def point(number: int, **more: Any) -> dict[str, Any]:
    made = {"RecoveryPointArn": f"arn:aws:rds:eu-west-1:1:snapshot:awsbackup:job-{number}", **NAMED}
    return {**made, "CreationDate": AT + timedelta(hours=number), "Status": "COMPLETED", **more}


def test_points_are_read_over_all_pages_newest_first(stub: Stubber, door: BackupDoor) -> None:
    until = AT + timedelta(days=30)
    first = {"RecoveryPoints": [point(1, CalculatedLifecycle={"DeleteAt": until})], "NextToken": "more"}
    stub.add_response("list_recovery_points_by_backup_vault", first, NAMED)
    rest = {"RecoveryPoints": [point(2, Status="PARTIAL")]}
    stub.add_response("list_recovery_points_by_backup_vault", rest, {**NAMED, "NextToken": "more"})
    newer, older = door.points("shop-backups")
    assert (newer.taken_at, newer.is_complete, newer.expires_at) == (AT + timedelta(hours=2), False, None)
    assert (older.is_complete, older.expires_at, older.vault) == (True, until, "shop-backups")


def test_a_vault_tells_its_lock_and_one_that_is_not_there_is_none(stub: Stubber, door: BackupDoor) -> None:
    answer = {**NAMED, "BackupVaultArn": "arn", "NumberOfRecoveryPoints": 3, "Locked": True, "LockDate": AT}
    stub.add_response("describe_backup_vault", answer, NAMED)
    found = door.find_vault("shop-backups")
    assert found is not None
    assert (found.points, found.is_locked, found.final_at) == (3, True, AT)
    stub.add_client_error("describe_backup_vault", "ResourceNotFoundException", "no", 400)
    assert door.find_vault("shop-backups") is None


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([{"Sid": "Nobody", "Effect": "Deny", "Action": ["backup:DeleteRecoveryPoint"]}], "Nobody"),
        ({"Effect": "Deny", "Action": "backup:Delete*"}, "number 1"),
        ([{"Effect": "Allow", "Action": "backup:*"}, {"Effect": "Deny", "Action": "backup:*"}], "number 2"),
        ([{"Effect": "Allow", "Action": "backup:DeleteRecoveryPoint"}], None),
        ([{"Effect": "Deny", "Action": "backup:StartRestoreJob"}], None),
    ],
)
def test_what_a_policy_denies_is_named(stub: Stubber, door: BackupDoor, statements: Any, expected: str | None) -> None:
    stub.add_response(
        "get_backup_vault_access_policy", {**NAMED, "Policy": json.dumps({"Statement": statements})}, NAMED
    )
    assert door.forbidding("shop-backups", "backup:DeleteRecoveryPoint") == expected


def test_a_vault_without_a_policy_forbids_nothing(stub: Stubber, door: BackupDoor) -> None:
    stub.add_client_error("get_backup_vault_access_policy", "ResourceNotFoundException", "none", 400)
    assert door.forbidding("shop-backups", "backup:DeleteRecoveryPoint") is None
