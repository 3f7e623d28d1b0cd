"""Automated backups replicated into another region: begun and ended there, made real by the supervisor.

What is there is a copy of its own: it stays, `retained`, when the replication is stopped or the source is deleted
(RDS User Guide, USER_ReplicateBackups and AutomatedBackups.StopReplicating, read 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay import facts
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds import faults, neighbours
from mainstay.sandbox.rds.automated_backups import backup_of
from mainstay.sandbox.rds.records import (
    INSTANCE,
    REPLICATED,
    Record,
    answer,
    put_instance,
    require_available,
    require_instance,
    tags_of,
)
from mainstay.sandbox.services import keys
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction

PENDING, REPLICATING, RETAINED = "pending", "replicating", "retained"
LEAST_DAYS: Final = 1
MOST_REPLICATIONS: Final = 20  # an account and region; RDS quotas, 2026-11-20
LINKS: Final = "DBInstanceAutomatedBackupsReplications"


def start_replication(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Begin to replicate the automated backups of an instance of another region into this one."""
    there = _source_region(tx, params["SourceDBInstanceArn"])
    db = require_available(there, params["SourceDBInstanceArn"], "backing-up", "modifying")
    held = tx.get(REPLICATED, db["DbiResourceId"])
    _refuse_source(tx, db, held)
    days = _retention(params, db)
    db.setdefault(LINKS, [])
    record = {
        **backup_of(there, {**db, LINKS: None, "KmsKeyId": _key(tx, params, db)}, PENDING),
        # A name of its own: that of the source region's backup holds only there.
        "DBInstanceAutomatedBackupsArn": tx.arn("rds", f"auto-backup:ab-{_id(db)}"),
        "BackupRetentionPeriod": days,
        "TagList": tags_of(params),
        "RestoreWindow": (held or {}).get("RestoreWindow", {}),
        "_home": f"replicated/{tx.region}/{db['DbiResourceId']}",
    }
    tx.put(REPLICATED, db["DbiResourceId"], record)
    link = {"DBInstanceAutomatedBackupsArn": record["DBInstanceAutomatedBackupsArn"]}
    put_instance(there, {**db, LINKS: [*(each for each in db[LINKS] if each != link), link]})
    return {"DBInstanceAutomatedBackup": answer(record)}


def stop_replication(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """End a replication; what has been replicated stays for its retention."""
    there = _source_region(tx, params["SourceDBInstanceArn"])
    db = require_instance(there, params["SourceDBInstanceArn"])
    record = tx.get(REPLICATED, db["DbiResourceId"])
    if record is None or record["Status"] == RETAINED:
        raise ServiceError(
            "InvalidDBInstanceState",
            f"Automated backups of {db['DBInstanceIdentifier']} are not being replicated into {tx.region}.",
        )
    end(tx, record, db)
    # RDS still calls it replicating in this answer (AWS CLI Command Reference, the command's example, 2026-11-21).
    return {"DBInstanceAutomatedBackup": answer(record)}


def end(tx: Transaction, record: Record, source: Record | None) -> None:
    """Let a replicated backup follow its source no more, if there is one; what has been replicated stays."""
    tx.put(REPLICATED, record["DbiResourceId"], {**record, "Status": RETAINED})
    gone = {"DBInstanceAutomatedBackupsArn": record["DBInstanceAutomatedBackupsArn"]}
    if source is not None:
        links = [each for each in source.get(LINKS) or [] if each != gone]
        put_instance(tx.elsewhere(record["Region"]), {**source, LINKS: links})


def has_key(tx: Transaction, record: Record) -> bool:
    """Whether the key of a replicated backup can be used; without it RDS ends the replication, and nobody begins it
    again but by hand (RDS User Guide, AutomatedXREGBackups.Troubleshooting, 2026-11-20).
    """
    key = keys.find(tx, record["KmsKeyId"]) if record.get("KmsKeyId") else None
    return not record.get("KmsKeyId") or (key is not None and key["KeyState"] == "Enabled")


def is_under_way(record: Record) -> bool:
    """Whether a replicated backup still follows its source."""
    return str(record["Status"]) in (PENDING, REPLICATING)


def _source_region(tx: Transaction, arn: str) -> Transaction:
    """The state of the region that the source's ARN names, when RDS replicates from there to here."""
    parts = arn.split(":")
    if len(parts) != 7 or parts[2] != "rds" or parts[5] != "db" or parts[4] != tx.account:
        raise faults.invalid_value(f"Invalid DB instance ARN: {arn}")
    region = parts[3]
    if region == tx.region:
        raise faults.invalid_combination(
            f"The source and destination regions are both {region}. Call this in the destination region."
        )
    if tx.region not in facts.load("region_pairs").data.get(region, ()):
        raise faults.invalid_combination(f"Automated backups can't be replicated from {region} to {tx.region}.")
    return tx.elsewhere(region)


def _refuse_source(tx: Transaction, db: Record, held: Record | None) -> None:
    name = db["DBInstanceIdentifier"]
    if not db["BackupRetentionPeriod"]:
        raise ServiceError(
            "InvalidDBInstanceState", f"Automated backups of {name} are off, so there is nothing to replicate."
        )
    if held is not None and is_under_way(held):
        raise ServiceError(
            "InvalidDBInstanceAutomatedBackupState",
            f"Automated backups of {name} are already being replicated into {tx.region}.",
        )
    if sum(is_under_way(each) for each in tx.all(REPLICATED)) >= MOST_REPLICATIONS:
        raise ServiceError(
            "DBInstanceAutomatedBackupQuotaExceeded",
            f"The quota of {MOST_REPLICATIONS} replicated automated backups in {tx.region} is used up.",
        )


def _retention(params: Mapping[str, Any], db: Record) -> int:
    days = params.get("BackupRetentionPeriod")
    if days is None:
        return int(db["BackupRetentionPeriod"])
    most = facts.load("retention").data["automated_backup_days"]["most"]
    if not LEAST_DAYS <= days <= most:
        raise faults.invalid_value(f"Invalid backup retention period: {days}. Must be between {LEAST_DAYS} and {most}.")
    return int(days)


def _key(tx: Transaction, params: Mapping[str, Any], db: Record) -> str | None:
    """The key of this region: an encrypted source asks for one, as its own does not reach here."""
    key = params.get("KmsKeyId")
    if not db["StorageEncrypted"]:
        if key:
            raise faults.invalid_combination("KmsKeyId cannot be specified when the source is not encrypted.")
        return None
    if not key:
        raise faults.invalid_combination(
            f"{db['DBInstanceIdentifier']} is encrypted: KmsKeyId must name a key of {tx.region}."
        )
    return neighbours.usable_key(tx, key)


def _id(db: Record) -> str:
    return str(db["DbiResourceId"]).removeprefix("db-").lower()


def source_of(tx: Transaction, record: Record) -> Record | None:
    """The living source of a replicated backup, in its own region."""
    found = tx.elsewhere(record["Region"]).all(INSTANCE)
    return next((db for db in found if db["DbiResourceId"] == record["DbiResourceId"]), None)


HANDLERS: Final[Mapping[str, Handler]] = {
    "StartDBInstanceAutomatedBackupsReplication": start_replication,
    "StopDBInstanceAutomatedBackupsReplication": stop_replication,
}
