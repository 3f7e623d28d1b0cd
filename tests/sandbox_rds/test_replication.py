"""Replicated automated backups on records alone: what is begun, ended and refused, and what a restore takes over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds.records import REPLICATED
from mainstay.sandbox.services import HANDLERS

if TYPE_CHECKING:
    from tests.sandbox_rds.conftest import Desk, Record

START, STOP = "StartDBInstanceAutomatedBackupsReplication", "StopDBInstanceAutomatedBackupsReplication"
# The desk's own region is eu-west-1.
HOME, THERE = "eu-west-1", "eu-central-1"
SHOP = f"arn:aws:rds:{HOME}:123456789012:db:shop"


def call(desk: Desk, operation: str, service: str = "rds", region: str = THERE, **params: Any) -> Record:
    """A call in the other region."""
    with desk.state.transaction(region) as tx:
        return HANDLERS[service, operation](tx, params)


def refused(desk: Desk, operation: str, region: str = THERE, **params: Any) -> tuple[str, str]:
    with pytest.raises(ServiceError) as refusal:
        call(desk, operation, region=region, **params)
    return refusal.value.code, refusal.value.message


def start(desk: Desk, **members: Any) -> Record:
    answer: Record = call(desk, START, **{"SourceDBInstanceArn": SHOP, **members})["DBInstanceAutomatedBackup"]
    return answer


def bring_up(desk: Desk) -> None:
    """What the supervisor writes once the copy is there."""
    window = {"EarliestTime": "2026-11-20T10:00:05.000000Z", "LatestTime": "2026-11-20T10:59:00.000000Z"}
    with desk.state.transaction(THERE) as tx:
        for record in tx.all(REPLICATED):
            tx.put(REPLICATED, record["DbiResourceId"], {**record, "Status": "replicating", "RestoreWindow": window})


def test_a_replication_is_seen_in_both_regions(desk: Desk) -> None:
    source = desk.create(BackupRetentionPeriod=7)
    made = start(desk, BackupRetentionPeriod=35, Tags=[{"Key": "a", "Value": "1"}])
    assert (made["Status"], made["Region"], made["BackupRetentionPeriod"]) == ("pending", HOME, 35)
    assert made["DBInstanceArn"] == SHOP
    assert made["DBInstanceAutomatedBackupsArn"].startswith(f"arn:aws:rds:{THERE}:123456789012:auto-backup:ab-")
    links = [{"DBInstanceAutomatedBackupsArn": made["DBInstanceAutomatedBackupsArn"]}]
    assert desk.find("shop")["DBInstanceAutomatedBackupsReplications"] == links
    here = desk.call("DescribeDBInstanceAutomatedBackups")["DBInstanceAutomatedBackups"]
    assert [(each["Status"], each["DBInstanceAutomatedBackupsReplications"]) for each in here] == [("active", links)]
    there = call(desk, "DescribeDBInstanceAutomatedBackups", DBInstanceIdentifier="shop")["DBInstanceAutomatedBackups"]
    assert [each["DbiResourceId"] for each in there] == [source["DbiResourceId"]]
    assert desk.call("DescribeDBInstanceAutomatedBackups", DBInstanceAutomatedBackupsArn=links[0][
        "DBInstanceAutomatedBackupsArn"])["DBInstanceAutomatedBackups"] == []  # fmt: skip


def test_ending_it_keeps_what_is_there(desk: Desk) -> None:
    desk.create(BackupRetentionPeriod=7)
    assert start(desk)["BackupRetentionPeriod"] == 7
    bring_up(desk)
    assert call(desk, STOP, SourceDBInstanceArn=SHOP)["DBInstanceAutomatedBackup"]["Status"] == "replicating"
    (kept,) = call(desk, "DescribeDBInstanceAutomatedBackups")["DBInstanceAutomatedBackups"]
    assert (kept["Status"], desk.find("shop")["DBInstanceAutomatedBackupsReplications"]) == ("retained", [])
    assert refused(desk, STOP, SourceDBInstanceArn=SHOP)[0] == "InvalidDBInstanceState"
    assert start(desk)["RestoreWindow"] == kept["RestoreWindow"]  # begun again, it has lost nothing


@pytest.mark.parametrize(
    ("members", "code", "words"),
    [
        ({"BackupRetentionPeriod": 0}, "InvalidParameterValue", "between 1 and 35"),
        ({"BackupRetentionPeriod": 36}, "InvalidParameterValue", "between 1 and 35"),
        ({"KmsKeyId": "alias/x"}, "InvalidParameterCombination", "not encrypted"),
        ({"SourceDBInstanceArn": SHOP.replace(HOME, THERE)}, "InvalidParameterCombination", "are both"),
        ({"SourceDBInstanceArn": SHOP.replace(HOME, "ap-south-2")}, "InvalidParameterCombination", "from ap-south-2"),
        ({"SourceDBInstanceArn": SHOP.replace(":db:", ":cluster:")}, "InvalidParameterValue", "cluster"),
        ({"SourceDBInstanceArn": SHOP.replace("123456789012", "210987654321")}, "InvalidParameterValue", "ARN"),
        ({"SourceDBInstanceArn": f"{SHOP}2"}, "DBInstanceNotFound", "shop2"),
    ],
)
def test_a_replication_is_refused(desk: Desk, members: dict[str, Any], code: str, words: str) -> None:
    desk.create(BackupRetentionPeriod=7)
    answer = refused(desk, START, **{"SourceDBInstanceArn": SHOP, **members})
    assert answer[0] == code
    assert words in answer[1]
    assert call(desk, "DescribeDBInstanceAutomatedBackups")["DBInstanceAutomatedBackups"] == []


def test_a_source_without_backups_or_already_replicated_is_refused(desk: Desk) -> None:
    desk.create(BackupRetentionPeriod=0)
    assert "nothing to replicate" in refused(desk, START, SourceDBInstanceArn=SHOP)[1]
    assert refused(desk, STOP, SourceDBInstanceArn=SHOP)[0] == "InvalidDBInstanceState"
    desk.create("other", BackupRetentionPeriod=1)
    there = SHOP.replace("shop", "other")
    call(desk, START, SourceDBInstanceArn=there)
    assert refused(desk, START, SourceDBInstanceArn=there)[0] == "InvalidDBInstanceAutomatedBackupState"
    assert refused(desk, STOP, region="us-east-1", SourceDBInstanceArn=there)[0] == "InvalidDBInstanceState"
    name = call(desk, "DescribeDBInstanceAutomatedBackups")["DBInstanceAutomatedBackups"][0]
    message = refused(
        desk, "DeleteDBInstanceAutomatedBackup",
        DBInstanceAutomatedBackupsArn=name["DBInstanceAutomatedBackupsArn"],
    )  # fmt: skip
    assert "only a retained one" in message[1]


def test_the_twentieth_is_taken_and_the_next_is_not(desk: Desk) -> None:
    desk.create(BackupRetentionPeriod=1)
    start(desk)
    with desk.state.transaction(THERE) as tx:
        (one,) = tx.all(REPLICATED)
        for number in range(18):
            tx.put(REPLICATED, f"db-{number}", {**one, "DbiResourceId": f"db-{number}"})
    for name, is_taken in (("twentieth", True), ("next", False)):
        desk.create(name, BackupRetentionPeriod=1)
        arn = SHOP.replace("shop", name)
        if is_taken:
            call(desk, START, SourceDBInstanceArn=arn)
        else:
            assert refused(desk, START, SourceDBInstanceArn=arn)[0] == "DBInstanceAutomatedBackupQuotaExceeded"


def test_an_encrypted_source_needs_a_key_of_the_other_region(desk: Desk) -> None:
    desk.create(BackupRetentionPeriod=7, StorageEncrypted=True)
    assert "must name a key of eu-central-1" in refused(desk, START, SourceDBInstanceArn=SHOP)[1]
    own = desk.call("CreateKey", "kms")["KeyMetadata"]["Arn"]
    assert refused(desk, START, SourceDBInstanceArn=SHOP, KmsKeyId=own)[0] == "KMSKeyNotAccessibleFault"
    key = call(desk, "CreateKey", "kms")["KeyMetadata"]["Arn"]
    assert start(desk, KmsKeyId=key)["KmsKeyId"] == key
    bring_up(desk)
    restored = call(
        desk, "RestoreDBInstanceToPointInTime", TargetDBInstanceIdentifier="there", UseLatestRestorableTime=True,
        SourceDbiResourceId=desk.find("shop")["DbiResourceId"],
    )["DBInstance"]  # fmt: skip
    assert (restored["KmsKeyId"], restored["StorageEncrypted"]) == (key, True)


def test_a_restore_takes_the_window_and_the_files_of_the_other_region(desk: Desk) -> None:
    source = desk.create(BackupRetentionPeriod=7, Port=6432, MultiAZ=True)
    arn = start(desk)["DBInstanceAutomatedBackupsArn"]

    def wanted(at: datetime | None) -> dict[str, Any]:
        time = {"RestoreTime": at} if at else {"UseLatestRestorableTime": True}
        return {"SourceDBInstanceAutomatedBackupsArn": arn, "TargetDBInstanceIdentifier": "there", **time}

    assert "no automated backup to restore from yet" in refused(
        desk, "RestoreDBInstanceToPointInTime", **wanted(None)
    )[1]  # fmt: skip
    bring_up(desk)
    # The source could go to 11:00, its copy trails.
    late = datetime(2026, 11, 20, 10, 59, 0, 1, tzinfo=UTC)
    assert "later than 2026-11-20T10:59" in refused(desk, "RestoreDBInstanceToPointInTime", **wanted(late))[1]
    made = call(desk, "RestoreDBInstanceToPointInTime", **wanted(late.replace(microsecond=0)))["DBInstance"]
    assert (made["DbInstancePort"], made["MultiAZ"], made["AvailabilityZone"]) == (0, False, f"{THERE}a")
    with desk.state.reading(THERE) as tx:
        (operation,) = tx.all("rds:operation")
    assert operation["region"] == THERE
    assert operation["params"]["home"] == f"replicated/{THERE}/{source['DbiResourceId']}"
