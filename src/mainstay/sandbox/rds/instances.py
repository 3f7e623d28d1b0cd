"""Instances: create and describe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay.sandbox.errors import NOT_IMPLEMENTED, ServiceError
from mainstay.sandbox.rds import building, faults, operations, validation, versions
from mainstay.sandbox.rds.records import (
    INSTANCE,
    SUBNET_GROUP,
    Record,
    answer,
    filtered,
    page,
    put_instance,
    replicas_of,
    require_instance,
)
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction

REFUSED: Final[Mapping[str, str]] = {
    "DBClusterIdentifier": "Aurora and Multi-AZ DB clusters are not supported",
    "OptionGroupName": "there are no option groups, and the plugins that they load, in the sandbox",
    "Domain": "Active Directory domains do not exist in the sandbox",
    "CustomIamInstanceProfile": "RDS Custom is not supported",
    "AdditionalStorageVolumes": "additional storage volumes are not supported",
}
FILTERS: Final = {
    "db-instance-id": "DBInstanceIdentifier",
    "dbi-resource-id": "DbiResourceId",
    "engine": "Engine",
    "db-cluster-id": "DBClusterIdentifier",
}


def create_db_instance(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """A new primary, with a synchronous standby when MultiAZ is on."""
    refuse_unsupported(params)
    versions.require_engine(params["Engine"])
    identifier = building.new_identifier(tx, params["DBInstanceIdentifier"])
    validation.check_credentials(params)
    validation.check_database_name(params.get("DBName"), params["Engine"])
    if params.get("AllocatedStorage") is None:
        raise faults.invalid_value("The parameter AllocatedStorage must be provided and must not be blank.")
    own = {
        "Engine": params["Engine"],
        "EngineVersion": versions.full_version(params["Engine"], params.get("EngineVersion")),
        "MasterUsername": params["MasterUsername"],
        "DBName": params.get("DBName"),
    }
    record = building.build(tx, identifier, params, own)
    password = params.get("MasterUserPassword")
    if params.get("ManageMasterUserPassword"):
        password = building.managed_password(tx, record, params.get("MasterUserSecretKmsKeyId"))
    put_instance(tx, record)
    operations.enqueue(tx, operations.CREATE, record, password=password)
    return {"DBInstance": shown(tx, record, PendingModifiedValues={"MasterUserPassword": "****"})}


def refuse_unsupported(params: Mapping[str, Any]) -> None:
    """Refuse by name what the sandbox cannot make real."""
    for member, reason in REFUSED.items():
        # The engine's own default group is what every instance here is shown with, so it may be named again.
        if params.get(member) and not str(params[member]).startswith("default:"):
            raise ServiceError(NOT_IMPLEMENTED, f"the sandbox does not take {member}: {reason}", 501)


def shown(tx: Transaction, record: Record, **instead: Any) -> Record:
    """An instance as RDS shows it."""
    name = record.get("_subnet_group")
    group = tx.get(SUBNET_GROUP, name) if name else None
    live = {
        "DBSubnetGroup": answer({**group, "DBSubnetGroupArn": None, "SupportedNetworkTypes": None}) if group else None,
        "ReadReplicaDBInstanceIdentifiers": sorted(
            db["DBInstanceIdentifier"] for db in replicas_of(tx, record["DBInstanceIdentifier"])
        ),
    }
    return answer({**record, **live, **instead})


def describe_db_instances(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """One instance, or all that pass the filters."""
    identifier = params.get("DBInstanceIdentifier")
    found = [require_instance(tx, identifier)] if identifier else tx.all(INSTANCE)
    kept = filtered(found, params.get("Filters") or [], FILTERS)
    kept.sort(key=lambda db: str(db["DBInstanceIdentifier"]))
    return page([shown(tx, record) for record in kept], params, "DBInstances")


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateDBInstance": create_db_instance,
    "DescribeDBInstances": describe_db_instances,
}
