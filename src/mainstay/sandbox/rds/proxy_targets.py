"""Target groups of proxies: which instance stands behind one, how the pool is set, and how the target does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay import facts
from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError, not_implemented
from mainstay.sandbox.rds import faults, proxy_validation
from mainstay.sandbox.rds.proxies import ONLY_GROUP, require_proxy
from mainstay.sandbox.rds.records import INSTANCE, PROXY_GROUP, SUBNET_GROUP, Record, answer, page, require_available
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction

REGISTERING: Final[Mapping[str, str]] = {"State": "REGISTERING"}


def require_target_group(tx: Transaction, proxy: Mapping[str, Any], name: str | None = None) -> Record:
    """The proxy's target group; it has the one."""
    record = tx.get(PROXY_GROUP, proxy["DBProxyName"])
    if record is None or name not in (None, ONLY_GROUP):
        raise ServiceError(
            "DBProxyTargetGroupNotFoundFault",
            f"The target group {name} of the DB proxy {proxy['DBProxyName']} doesn't exist.",
            faults.NOT_FOUND,
        )
    return record


def describe_target_groups(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """The target group of a proxy."""
    proxy = require_proxy(tx, params["DBProxyName"])
    return page([answer(require_target_group(tx, proxy, params.get("TargetGroupName")))], params, "TargetGroups")


def modify_target_group(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Another pool configuration."""
    proxy = require_proxy(tx, params["DBProxyName"], "available", "modifying")
    record = require_target_group(tx, proxy, params["TargetGroupName"])
    if params.get("NewName") not in (None, ONLY_GROUP):
        raise faults.invalid_value("The default target group can't be renamed.")
    wanted = params.get("ConnectionPoolConfig") or {}
    record |= {
        "ConnectionPoolConfig": proxy_validation.pool_configuration(wanted, proxy["EngineFamily"]),
        "UpdatedDate": render_time(tx.now),
    }
    tx.put(PROXY_GROUP, proxy["DBProxyName"], record)
    return {"DBProxyTargetGroup": answer(record)}


def register_targets(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Put an instance behind a proxy: one, a primary, of the proxy's family and network, and available."""
    proxy = require_proxy(tx, params["DBProxyName"], "available", "modifying")
    record = require_target_group(tx, proxy, params.get("TargetGroupName"))
    if params.get("DBClusterIdentifiers"):
        raise not_implemented("rds", "RegisterDBProxyTargets", "DBClusterIdentifiers")
    names = list(params.get("DBInstanceIdentifiers") or [])
    if len(names) != 1:
        raise faults.invalid_combination(f"A DB proxy takes exactly one DB instance; {len(names)} were given.")
    instance = require_available(tx, names[0], "backing-up", "modifying")
    _check_fits(tx, proxy, instance)
    if instance["DbiResourceId"] in record["_targets"]:
        raise ServiceError(
            "DBProxyTargetAlreadyRegisteredFault",
            f"The DB instance {names[0]} is already registered with the DB proxy {proxy['DBProxyName']}.",
        )
    if targets_of(tx, record):
        raise faults.invalid_combination(f"The DB proxy {proxy['DBProxyName']} has a target; deregister it first.")
    record |= {"_targets": [instance["DbiResourceId"]], "_health": {instance["DbiResourceId"]: dict(REGISTERING)}}
    tx.put(PROXY_GROUP, proxy["DBProxyName"], record)
    return {"DBProxyTargets": [_shown(record, instance)]}


def _check_fits(tx: Transaction, proxy: Record, instance: Record) -> None:
    name = instance["DBInstanceIdentifier"]
    if instance.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise ServiceError("InvalidDBInstanceState", f"The DB instance {name} is a read replica; register its source.")
    family = facts.proxy_family(instance["Engine"])
    if family != proxy["EngineFamily"]:
        raise faults.invalid_combination(
            f"The DB instance {name} is of the engine family {family}, and the DB proxy of {proxy['EngineFamily']}."
        )
    group = tx.get(SUBNET_GROUP, instance.get("_subnet_group") or "")
    if group is not None and group["VpcId"] != proxy["VpcId"]:
        raise ServiceError(
            "InvalidDBInstanceState",
            f"The DB instance {name} is in {group['VpcId']}, and the DB proxy in {proxy['VpcId']}.",
        )


def deregister_targets(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Take instances from behind a proxy; its clients wait for another one."""
    proxy = require_proxy(tx, params["DBProxyName"], "available", "modifying")
    record = require_target_group(tx, proxy, params.get("TargetGroupName"))
    if params.get("DBClusterIdentifiers"):
        raise not_implemented("rds", "DeregisterDBProxyTargets", "DBClusterIdentifiers")
    held = {instance["DBInstanceIdentifier"]: instance["DbiResourceId"] for instance in targets_of(tx, record)}
    for name in params.get("DBInstanceIdentifiers") or []:
        if name.lower() not in held:
            raise ServiceError(
                "DBProxyTargetNotFoundFault",
                f"The DB instance {name} isn't registered with the DB proxy {proxy['DBProxyName']}.",
                faults.NOT_FOUND,
            )
        record["_targets"].remove(held[name.lower()])
        record["_health"].pop(held[name.lower()], None)
    tx.put(PROXY_GROUP, proxy["DBProxyName"], record)
    return {}


def targets_of(tx: Transaction, group: Mapping[str, Any]) -> list[Record]:
    """The instances that are registered and still there."""
    return [instance for instance in tx.all(INSTANCE) if instance["DbiResourceId"] in group["_targets"]]


def describe_targets(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """The targets of a proxy, with their health."""
    proxy = require_proxy(tx, params["DBProxyName"])
    record = require_target_group(tx, proxy, params.get("TargetGroupName"))
    return page([_shown(record, instance) for instance in targets_of(tx, record)], params, "Targets")


def _shown(group: Record, instance: Record) -> Record:
    endpoint = instance.get("Endpoint") or {}
    target = {
        "TargetArn": instance["DBInstanceArn"],
        "Endpoint": endpoint.get("Address"),
        "RdsResourceId": instance["DBInstanceIdentifier"],
        "Port": endpoint.get("Port"),
        "Type": "RDS_INSTANCE",
        "Role": "READ_WRITE",
        "TargetHealth": group["_health"].get(instance["DbiResourceId"], dict(REGISTERING)),
    }
    return answer(target)


HANDLERS: Final[Mapping[str, Handler]] = {
    "DescribeDBProxyTargetGroups": describe_target_groups,
    "ModifyDBProxyTargetGroup": modify_target_group,
    "RegisterDBProxyTargets": register_targets,
    "DeregisterDBProxyTargets": deregister_targets,
    "DescribeDBProxyTargets": describe_targets,
}
