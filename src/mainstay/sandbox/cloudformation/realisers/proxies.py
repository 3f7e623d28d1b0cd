"""RDS Proxy made real through RDS's handlers: a call writes what is wanted, and the supervisor opens the address."""

from __future__ import annotations

from typing import Any, Final

from mainstay.plan.resources import DbProxy, DbProxyTargetGroup, ProxyLogin, Resource
from mainstay.sandbox.cloudformation.realisers.making import (
    Attributes,
    Made,
    Making,
    Realiser,
    attribute,
    flag,
    ignore_missing,
    number,
    seconds,
    text,
)
from mainstay.sandbox.cloudformation.resolve import Physical
from mainstay.sandbox.errors import ServiceError

_MISSING: Final = "DBProxyNotFoundFault"
_REGISTERING: Final = "REGISTERING"


def _create_proxy(making: Making, proxy: DbProxy) -> Made:
    name = making.name(proxy.name, most=63, is_lower=True)
    made = making.call(
        "rds",
        "CreateDBProxy",
        DBProxyName=name,
        EngineFamily=str(proxy.engine_family),
        VpcSubnetIds=[str(item) for item in proxy.subnets],
        VpcSecurityGroupIds=[str(attribute(item, "group_id")) for item in proxy.security_groups] or None,
        Tags=making.tags(proxy.tags),
        **_settings(proxy),
    )["DBProxy"]
    known = {"name": made["DBProxyName"], "arn": made["DBProxyArn"], "vpc_id": made["VpcId"]}
    return Made(made["DBProxyName"], known)


def _settings(proxy: DbProxy) -> dict[str, Any]:  # Any: RDS's parameter shapes
    """The members that a creation and a modification share."""
    return {
        "RoleArn": str(attribute(proxy.role, "arn")),
        "Auth": [_login(login) for login in proxy.logins] or None,
        "DefaultAuthScheme": text(proxy.login_by_default),
        "RequireTLS": flag(proxy.requires_tls),
        "IdleClientTimeout": seconds(proxy.idle_timeout),
        "DebugLogging": flag(proxy.logs_debug),
    }


def _login(login: ProxyLogin) -> dict[str, str]:
    given = {
        "AuthScheme": text(login.scheme),
        "SecretArn": attribute(login.secret, "arn"),
        "IAMAuth": text(login.iam),
        "ClientPasswordAuthType": text(login.client_password),
        "Description": text(login.description),
    }
    return {name: value for name, value in given.items() if value is not None}


def _update_proxy(making: Making, proxy: DbProxy, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    groups = [str(attribute(item, "group_id")) for item in proxy.security_groups] or None
    making.call("rds", "ModifyDBProxy", DBProxyName=str(physical), SecurityGroups=groups, **_settings(proxy))
    if "Tags" in changed:
        arn = physical.attributes["arn"]
        old = making.call("rds", "ListTagsForResource", ResourceName=arn)["TagList"]
        making.call("rds", "RemoveTagsFromResource", ResourceName=arn, TagKeys=[tag["Key"] for tag in old])
        making.call("rds", "AddTagsToResource", ResourceName=arn, Tags=making.tags(proxy.tags))
    return None


def _find(making: Making, name: str) -> dict[str, Any] | None:  # Any: RDS's shape
    try:
        found: dict[str, Any] = making.call("rds", "DescribeDBProxies", DBProxyName=name)["DBProxies"][0]
    except ServiceError as error:
        if error.code == _MISSING:
            return None
        raise
    return found


def _settled_proxy(making: Making, physical: Physical) -> Attributes | None:
    proxy = _find(making, str(physical))
    if proxy is None:
        raise ServiceError("NotStabilized", f"DB proxy {physical} is gone.")
    if proxy["Status"] != "available":
        return None
    return {**physical.attributes, "endpoint_address": proxy["Endpoint"]}


def _delete_proxy(making: Making, physical: Physical) -> None:
    proxy = _find(making, str(physical))
    if proxy is not None and proxy["Status"] != "deleting":
        making.call("rds", "DeleteDBProxy", DBProxyName=str(physical))


def _gone_proxy(making: Making, physical: Physical) -> bool:
    return _find(making, str(physical)) is None


def _create_group(making: Making, group: DbProxyTargetGroup) -> Made:
    proxy, names = str(attribute(group.proxy, "name")), [str(item) for item in group.instances]
    set_up = _put_group(making, proxy, group)
    if names:
        making.call("rds", "RegisterDBProxyTargets", DBProxyName=proxy, DBInstanceIdentifiers=names)
    return Made(set_up["TargetGroupArn"], {"arn": set_up["TargetGroupArn"], "_proxy": proxy, "_instances": names})


def _adopt_group(making: Making, arn: str) -> Attributes | None:
    for proxy in making.call("rds", "DescribeDBProxies")["DBProxies"]:
        name = proxy["DBProxyName"]
        (group,) = making.call("rds", "DescribeDBProxyTargetGroups", DBProxyName=name)["TargetGroups"]
        if group["TargetGroupArn"] == arn:
            targets = making.call("rds", "DescribeDBProxyTargets", DBProxyName=name)["Targets"]
            return {"arn": arn, "_proxy": name, "_instances": [each["RdsResourceId"] for each in targets]}
    return None


def _put_group(making: Making, proxy: str, group: DbProxyTargetGroup) -> dict[str, Any]:  # Any: RDS's shape
    pool = {
        "MaxConnectionsPercent": number(group.max_connections_percent),
        "MaxIdleConnectionsPercent": number(group.max_idle_percent),
        "ConnectionBorrowTimeout": seconds(group.borrow_timeout),
        "InitQuery": text(group.init_query),
        "SessionPinningFilters": [str(item) for item in group.pinning_filters] or None,
    }
    wanted = {name: value for name, value in pool.items() if value is not None}
    made: dict[str, Any] = making.call(
        "rds",
        "ModifyDBProxyTargetGroup",
        DBProxyName=proxy,
        TargetGroupName=str(group.name),
        ConnectionPoolConfig=wanted,
    )["DBProxyTargetGroup"]
    return made


def _update_group(
    making: Making, group: DbProxyTargetGroup, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    del changed
    proxy, held = physical.attributes["_proxy"], physical.attributes["_instances"]
    wanted = [str(item) for item in group.instances]
    _put_group(making, proxy, group)
    for operation, names in (
        ("DeregisterDBProxyTargets", [name for name in held if name not in wanted]),
        ("RegisterDBProxyTargets", [name for name in wanted if name not in held]),
    ):
        if names:
            making.call("rds", operation, DBProxyName=proxy, DBInstanceIdentifiers=names)
    return {**physical.attributes, "_instances": wanted}


def _settled_group(making: Making, physical: Physical) -> Attributes | None:
    """Once every target has a verdict: a login that does not work shows in its health, and fails no stack."""
    targets = making.call("rds", "DescribeDBProxyTargets", DBProxyName=physical.attributes["_proxy"])["Targets"]
    is_pending = any(target["TargetHealth"]["State"] == _REGISTERING for target in targets)
    return None if is_pending else dict(physical.attributes)


def _delete_group(making: Making, physical: Physical) -> None:
    """The group itself goes with its proxy, as it came; what stands in it is taken out."""
    proxy = _find(making, physical.attributes["_proxy"])
    if proxy is None or proxy["Status"] == "deleting":
        return
    names = {"DBProxyName": proxy["DBProxyName"], "DBInstanceIdentifiers": physical.attributes["_instances"]}
    if names["DBInstanceIdentifiers"]:
        ignore_missing("DBProxyTargetNotFoundFault", lambda: making.call("rds", "DeregisterDBProxyTargets", **names))


REALISERS: Final[dict[type[Resource], Realiser[Any]]] = {
    DbProxy: Realiser(
        create=_create_proxy, update=_update_proxy, delete=_delete_proxy, settled=_settled_proxy, gone=_gone_proxy
    ),
    DbProxyTargetGroup: Realiser(
        create=_create_group, update=_update_group, delete=_delete_group, settled=_settled_group, adopt=_adopt_group
    ),
}
