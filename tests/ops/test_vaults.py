"""Vaults in the way of a destruction: named, given up only by choice, and never against a lock or a policy."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.ops.aws.backup import RecoveryPoint, VaultState
from mainstay.ops.destroy import destroy
from mainstay.ops.vaults import Filled, refuse_kept
from mainstay.plan.plan import Plan

Fixture = Any  # fixtures of conftest
Small = Callable[..., tuple[Plan, str]]
NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
ROLE = "arn:aws:iam::123456789012:role/backup"
VAULT = {"Vault": {"Type": "AWS::Backup::BackupVault", "Properties": {"BackupVaultName": "old-backups"}}}


def point(expires_in_s: float | None) -> RecoveryPoint:
    ends = NOW + timedelta(seconds=expires_in_s) if expires_in_s is not None else None
    return RecoveryPoint(arn="arn:point", vault="v", source_arn="", status="COMPLETED", taken_at=NOW, expires_at=ends)


def vault(*expiries: float | None, final_in_s: float | None = None, is_locked: bool = True) -> Filled:
    final = NOW + timedelta(seconds=final_in_s) if final_in_s is not None else None
    state = VaultState(name="v", arn="arn", points=len(expiries), is_locked=is_locked, final_at=final)
    return Filled(state=state, points=tuple(map(point, expiries)))


@pytest.fixture
def free(place: Fixture) -> Fixture:
    """A site in whose vaults no policy forbids anything."""
    return place.site


@pytest.mark.parametrize(
    ("held", "told", "hint"),
    [
        (vault(60, 120), "keeps 2 of them until 2026-11-20T14:02:00", "take the lock out of the spec"),
        (vault(60, None), "keeps 2 of them for ever", "take the lock out of the spec"),
        (vault(0, 1), "keeps 1 of them until 2026-11-20T14:00:01", "take the lock out of the spec"),
        (vault(60, final_in_s=1), "it can be taken off until 2026-11-20T14:00:01", "take the lock out of the spec"),
        (vault(60, final_in_s=0), "until 2026-11-20T14:01:00.000000Z.", "nobody can shorten that"),
    ],
)
def test_a_lock_is_never_gone_round(free: Fixture, held: Filled, told: str, hint: str) -> None:
    with pytest.raises(TargetRefused, match="lock keeps") as stop:
        refuse_kept(free, [held], are_given_up=True, now=NOW)
    assert told in stop.value.detail
    assert hint in stop.value.hint


@pytest.mark.parametrize("held", [vault(0, -60), vault(60, is_locked=False)])
def test_what_no_lock_keeps_may_go(free: Fixture, held: Filled) -> None:
    refuse_kept(free, [held], are_given_up=True, now=NOW)


def test_many_points_are_counted_and_the_newest_named(free: Fixture) -> None:
    with pytest.raises(InputRefused, match="would be lost") as stop:
        refuse_kept(free, [vault(*[60] * 5)], are_given_up=False, now=NOW)
    assert "vault v holds 5 recovery points: arn:point of 2026-11-20" in stop.value.detail
    assert stop.value.detail.endswith("and 2 more.")


@pytest.fixture(scope="module")
def backed_up(place: Fixture) -> str:
    """An instance that AWS Backup can save, outside of any stack; its ARN."""
    rds = place.site.doors.rds._client
    made = rds.create_db_instance(
        DBInstanceIdentifier="saved", Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=20,
        MasterUsername="master", MasterUserPassword="only-for-this-test-1", BackupRetentionPeriod=0,
    )  # fmt: skip
    rds.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier="saved", WaiterConfig={"Delay": 0.1, "MaxAttempts": 300}
    )
    return str(made["DBInstance"]["DBInstanceArn"])


def save(place: Fixture, source: str, name: str = "old-backups") -> str:
    backup = place.site.doors.backup._client
    made = backup.start_backup_job(BackupVaultName=name, ResourceArn=source, IamRoleArn=ROLE)
    deadline = time.monotonic() + 60
    while backup.describe_backup_job(BackupJobId=made["BackupJobId"])["State"] != "COMPLETED":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    while not place.site.doors.rds.instance("saved").is_available:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return str(made["RecoveryPointArn"])


def test_a_vault_goes_with_what_it_holds_only_by_choice(place: Fixture, small: Small, backed_up: str) -> None:
    place.deploy(small(VAULT)[0], "old")
    arn, vaults = save(place, backed_up), place.site.doors.backup

    def attempt(**more: Any) -> Any:
        return destroy(place.site, "old", confirm="old", journal=place.journal, **more)

    with pytest.raises(InputRefused, match="would be lost") as stop:
        attempt()
    assert arn in stop.value.detail
    assert "--discard-recovery-points" in stop.value.hint
    policy = {"Statement": [{"Sid": "NobodyDeletes", "Effect": "Deny", "Principal": "*", "Resource": "*",
                             "Action": "backup:DeleteRecoveryPoint"}]}  # fmt: skip
    vaults._client.put_backup_vault_access_policy(BackupVaultName="old-backups", Policy=json.dumps(policy))
    with pytest.raises(TargetRefused, match="policy keeps") as kept:
        attempt(gives_up_points=True)
    assert "NobodyDeletes" in kept.value.detail
    vaults._client.delete_backup_vault_access_policy(BackupVaultName="old-backups")
    assert [each.arn for each in vaults.points("old-backups")] == [arn]
    with pytest.raises(InputRefused, match="not confirmed") as stop:
        destroy(place.site, "old", confirm=None, journal=place.journal, gives_up_points=True)
    assert "delete for good: vault old-backups holds 1 recovery points" in stop.value.detail

    inventory = attempt(gives_up_points=True)
    assert arn in inventory.deleted
    assert vaults.find_vault("old-backups") is None
    assert place.site.doors.rds.snapshots("saved") == ()


def test_killed_while_it_gives_them_up_it_goes_on(place: Fixture, small: Small, backed_up: str) -> None:
    named = {"Vault": {"Type": "AWS::Backup::BackupVault", "Properties": {"BackupVaultName": "other-backups"}}}
    place.deploy(small(named)[0], "other")
    save(place, backed_up, "other-backups")
    for step in (4, 5):
        code = (
            "from mainstay.ops.destroy import destroy\n"
            "destroy(site, 'other', confirm='other', journal=journal, gives_up_points=True, progress=Killer())\n"
        )
        assert place.killed_at(step, code) == -9
    destroy(place.site, "other", confirm="other", journal=place.journal, gives_up_points=True)
    assert place.site.doors.backup.find_vault("other-backups") is None
    assert place.journal.unfinished("destroy", "other") == []


def test_a_vault_that_is_kept_is_named_with_what_it_holds(place: Fixture, small: Small, backed_up: str) -> None:
    kept = {"Vault": {**VAULT["Vault"], "DeletionPolicy": "Retain"}}
    place.deploy(small(kept)[0], "kept")
    save(place, backed_up)
    inventory = destroy(place.site, "kept", confirm="kept", journal=place.journal)
    left = {item.name: (item.kind, item.why) for item in inventory.left}
    assert left["old-backups"] == ("vault", "its policy retains it, with 1 recovery points")
