"""What a database has in another region: its automated backups, replicated as the template says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mainstay.plan.resources import DbInstance
from mainstay.sandbox.cloudformation.realisers.making import Attributes, Making, days, text
from mainstay.sandbox.cloudformation.resolve import Physical


def wanted_replication(instance: DbInstance) -> Attributes | None:
    """Where and how the automated backups are to be replicated; None for nowhere."""
    wanted = {
        "region": text(instance.backup_replica_region),
        "BackupRetentionPeriod": days(instance.backup_replica_retention),
        "KmsKeyId": text(instance.backup_replica_key),
    }
    return wanted if wanted["region"] else None


# Any, here and below: RDS's shape of an instance.
def replicate(making: Making, physical: Physical, instance: Mapping[str, Any]) -> None:
    """Begin to replicate automated backups as wished, where nothing is replicated yet."""
    wanted = physical.attributes.get("_replica")
    if wanted is None or instance.get("DBInstanceAutomatedBackupsReplications"):
        return
    there = {name: value for name, value in wanted.items() if name != "region"}
    making.elsewhere(wanted["region"]).call(
        "rds", "StartDBInstanceAutomatedBackupsReplication", SourceDBInstanceArn=instance["DBInstanceArn"], **there
    )


def stop_replication(making: Making, instance: Mapping[str, Any] | None) -> None:
    """End it where it goes on: a change of region, key or retention begins another one once all is available."""
    for each in (instance or {}).get("DBInstanceAutomatedBackupsReplications") or []:
        region = each["DBInstanceAutomatedBackupsArn"].split(":")[3]
        making.elsewhere(region).call(
            "rds", "StopDBInstanceAutomatedBackupsReplication", SourceDBInstanceArn=(instance or {})["DBInstanceArn"]
        )
