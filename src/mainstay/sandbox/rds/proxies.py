"""DB proxies: create, describe, modify, delete. What runs behind them is the supervisor's affair.

Names, bounds and which members go together: RDS API reference and User Guide, rds-proxy (facts, 2026-11-20).
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import Any, Final

from mainstay import facts
from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError, not_implemented
from mainstay.sandbox.rds import faults, neighbours, proxy_validation
from mainstay.sandbox.rds.records import PROXY, PROXY_GROUP, PROXY_RUNTIME, Record, answer, arn, page, tags_of
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction

ONLY_GROUP: Final = "default"


def create_db_proxy(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """A new proxy with its target group, in which nothing is registered yet."""
    name = proxy_validation.checked_name(params["DBProxyName"])
    if tx.get(PROXY, name):
        raise ServiceError("DBProxyAlreadyExistsFault", f"The DB proxy {name} already exists.")
    if len(tx.all(PROXY)) >= facts.limit("quotas", "proxies"):
        raise ServiceError("DBProxyQuotaExceededFault", "Your AWS account already has the maximum number of proxies.")
    proxy_validation.check_new(params)
    identifier = f"prx-{_random(17)}"
    record: Record = {
        "DBProxyName": name,
        "DBProxyArn": arn(tx, "db-proxy", identifier),
        "Status": "creating",
        "EngineFamily": params["EngineFamily"],
        "DefaultAuthScheme": params.get("DefaultAuthScheme") or "NONE",
        "Auth": proxy_validation.checked_logins(params, params["EngineFamily"]),
        "RoleArn": proxy_validation.checked_role(tx, params["RoleArn"]),
        "Endpoint": None,
        "RequireTLS": bool(params.get("RequireTLS")),
        "IdleClientTimeout": proxy_validation.idle_timeout(params),
        "DebugLogging": bool(params.get("DebugLogging")),
        "EndpointNetworkType": "IPV4",
        "TargetConnectionNetworkType": "IPV4",
        "CreatedDate": render_time(tx.now),
        "UpdatedDate": render_time(tx.now),
        "_id": identifier,
        "_tags": tags_of(params),
        **proxy_validation.network(tx, params),
    }
    tx.put(PROXY, name, record)
    tx.put(PROXY_GROUP, name, _new_group(tx, name))
    return {"DBProxy": answer(record)}


def _new_group(tx: Transaction, proxy: str) -> Record:
    return {
        "DBProxyName": proxy,
        "TargetGroupName": ONLY_GROUP,
        "TargetGroupArn": arn(tx, "target-group", f"prx-tg-{_random(17)}"),
        "IsDefault": True,
        "Status": "available",
        "ConnectionPoolConfig": proxy_validation.pool_configuration({}, None),
        "CreatedDate": render_time(tx.now),
        "UpdatedDate": render_time(tx.now),
        "_targets": [],  # DbiResourceIds
        "_health": {},
    }


def _random(length: int) -> str:
    return "".join(secrets.choice(string.hexdigits.lower()[:16]) for _ in range(length))


def require_proxy(tx: Transaction, name: str, *statuses: str) -> Record:
    """The proxy of this name, when its status is one of `statuses` (none given: any), or RDS's refusal."""
    record = tx.get(PROXY, name.lower())
    if record is None:
        raise ServiceError("DBProxyNotFoundFault", f"The DB proxy {name} doesn't exist.", faults.NOT_FOUND)
    if statuses and record["Status"] not in statuses:
        raise ServiceError(
            "InvalidDBProxyStateFault",
            f"The DB proxy {record['DBProxyName']} is {record['Status']}, and this needs it {' or '.join(statuses)}.",
        )
    return record


def describe_db_proxies(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """One proxy, or all; RDS has no filters for them."""
    if params.get("Filters"):
        raise faults.invalid_value("The parameter Filters is not currently supported.")
    name = params.get("DBProxyName")
    found = [require_proxy(tx, name)] if name else sorted(tx.all(PROXY), key=lambda each: str(each["DBProxyName"]))
    return page([answer(record) for record in found], params, "DBProxies")


def modify_db_proxy(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Other logins, groups, role, or timeouts; in force as soon as the supervisor has seen it."""
    record = require_proxy(tx, params["DBProxyName"], "available", "modifying")
    if params.get("NewDBProxyName"):
        raise not_implemented("rds", "ModifyDBProxy", "NewDBProxyName")
    merged = {**record, **{name: value for name, value in params.items() if name != "DBProxyName"}}
    proxy_validation.check_new(merged)
    record |= {
        "DefaultAuthScheme": merged["DefaultAuthScheme"],
        "Auth": proxy_validation.checked_logins(merged, record["EngineFamily"]),
        "RoleArn": proxy_validation.checked_role(tx, merged["RoleArn"]),
        "RequireTLS": bool(merged["RequireTLS"]),
        "IdleClientTimeout": proxy_validation.idle_timeout(merged),
        "DebugLogging": bool(merged["DebugLogging"]),
        "UpdatedDate": render_time(tx.now),
        "Status": "modifying",
    }
    if params.get("SecurityGroups") is not None:
        neighbours.check_security_groups(tx, params["SecurityGroups"], record["VpcId"])
        record["VpcSecurityGroupIds"] = list(params["SecurityGroups"])
    tx.put(PROXY, record["DBProxyName"], record)
    return {"DBProxy": answer(record)}


def delete_db_proxy(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Remove a proxy and its target group; instances that were behind it stay."""
    record = require_proxy(tx, params["DBProxyName"])
    if record["Status"] == "deleting":
        raise ServiceError("InvalidDBProxyStateFault", f"The DB proxy {record['DBProxyName']} is being deleted.")
    record["Status"] = "deleting"
    tx.put(PROXY, record["DBProxyName"], record)
    return {"DBProxy": answer(record)}


def forget_proxy(tx: Transaction, record: Record) -> None:
    """Remove what is kept of a proxy, once nothing of it runs."""
    tx.delete(PROXY_RUNTIME, record["_id"])
    tx.delete(PROXY_GROUP, record["DBProxyName"])
    tx.delete(PROXY, record["DBProxyName"])


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateDBProxy": create_db_proxy,
    "DescribeDBProxies": describe_db_proxies,
    "ModifyDBProxy": modify_db_proxy,
    "DeleteDBProxy": delete_db_proxy,
}
