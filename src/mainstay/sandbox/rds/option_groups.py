"""Option groups: options of an engine's major version, kept and checked.

An instance's options are its engine's affair; see `substitutions` for what the sandbox's servers have of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay import facts
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds import faults
from mainstay.sandbox.rds.records import INSTANCE, OPTION_GROUP, SNAPSHOT, Record, answer, arn, page, tags_of
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction

# RDS User Guide, "Options for MariaDB/MySQL DB instances", not re-read: option -> its settings.
OPTIONS: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    engine: {
        "MARIADB_AUDIT_PLUGIN": frozenset(
            {"SERVER_AUDIT_FILE_PATH", "SERVER_AUDIT_FILE_ROTATE_SIZE", "SERVER_AUDIT_FILE_ROTATIONS",
             "SERVER_AUDIT_EVENTS", "SERVER_AUDIT_INCL_USERS", "SERVER_AUDIT_EXCL_USERS", "SERVER_AUDIT_LOGGING",
             "SERVER_AUDIT_QUERY_LOG_LIMIT"}
        )
    }
    for engine in ("mysql", "mariadb")
}  # fmt: skip


def create_option_group(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """An empty group of an engine's major version."""
    name, engine, major = params["OptionGroupName"].lower(), params["EngineName"], params["MajorEngineVersion"]
    # An option group's name obeys the rules of a parameter group's: RDS API, CreateOptionGroup (not re-read).
    if not facts.identifier("parameter_group").admits(name):
        raise faults.invalid_value(f"The parameter OptionGroupName is not a valid identifier: {name}")
    if engine not in facts.ENGINES:
        raise faults.invalid_value(f"Invalid DB engine: {engine}")
    if major not in facts.majors(engine):
        raise faults.invalid_combination(f"Cannot find major version {major} for {engine}")
    if not params["OptionGroupDescription"].strip():
        raise faults.invalid_value("The parameter OptionGroupDescription must be provided and must not be blank.")
    if tx.get(OPTION_GROUP, name):
        raise ServiceError("OptionGroupAlreadyExistsFault", f"An option group named {name} already exists.")
    most = facts.limit("quotas", "option_groups")
    if len(tx.all(OPTION_GROUP)) >= most:
        raise ServiceError("OptionGroupQuotaExceededFault", f"The quota of {most} option groups is exceeded.")
    record = {
        "OptionGroupName": name,
        "OptionGroupDescription": params["OptionGroupDescription"],
        "EngineName": engine,
        "MajorEngineVersion": major,
        "Options": [],
        "AllowsVpcAndNonVpcInstanceMemberships": True,
        "OptionGroupArn": arn(tx, "og", name),
        "_tags": tags_of(params),
    }
    tx.put(OPTION_GROUP, name, record)
    return {"OptionGroup": answer(record)}


def describe_option_groups(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """One group, or those of an engine, or all."""
    name = params.get("OptionGroupName")
    found = [_require(tx, name)] if name else tx.all(OPTION_GROUP)
    for member in ("EngineName", "MajorEngineVersion"):
        found = [group for group in found if params.get(member) in (None, group[member])]
    return page([answer(group) for group in found], params, "OptionGroupsList")


def modify_option_group(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Add options or change them, and take options away."""
    record = _require(tx, params["OptionGroupName"])
    include, remove = params.get("OptionsToInclude") or [], params.get("OptionsToRemove") or []
    if not include and not remove:
        raise faults.invalid_combination("At least one of OptionsToInclude and OptionsToRemove must be specified.")
    held = {option["OptionName"]: option for option in record["Options"]}
    for name in remove:
        if held.pop(name, None) is None:
            raise faults.invalid_value(f"Option {name} is not in option group {record['OptionGroupName']}.")
    for wish in include:
        held[wish["OptionName"]] = _option(record, wish)
    record["Options"] = list(held.values())
    tx.put(OPTION_GROUP, record["OptionGroupName"], record)
    return {"OptionGroup": answer(record)}


def _option(group: Record, wish: Mapping[str, Any]) -> Record:
    known = OPTIONS.get(group["EngineName"], {}).get(wish["OptionName"])
    if known is None:
        raise faults.invalid_value(
            f"Invalid option name: {wish['OptionName']} of engine {group['EngineName']} {group['MajorEngineVersion']}"
        )
    settings = wish.get("OptionSettings") or []
    wrong = sorted(each["Name"] for each in settings if each["Name"] not in known)
    if wrong:
        raise faults.invalid_value(f"Invalid option setting: {', '.join(wrong)} of option {wish['OptionName']}")
    if wish.get("Port") is not None:
        raise faults.invalid_combination(f"Option {wish['OptionName']} does not take a port.")
    made = {
        "OptionName": wish["OptionName"],
        "Persistent": False,
        "Permanent": False,
        "OptionSettings": [{"Name": each["Name"], "Value": each.get("Value", "")} for each in settings],
        "VpcSecurityGroupMemberships": [],
        "DBSecurityGroupMemberships": [],
    }
    return made | ({"OptionVersion": wish["OptionVersion"]} if wish.get("OptionVersion") else {})


def delete_option_group(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Remove a group that no instance and no snapshot uses."""
    name = _require(tx, params["OptionGroupName"])["OptionGroupName"]
    users = [db["DBInstanceIdentifier"] for db in tx.all(INSTANCE) if _is_used_by(db, name)]
    users += [each["DBSnapshotIdentifier"] for each in tx.all(SNAPSHOT) if each.get("OptionGroupName") == name]
    if users:
        raise ServiceError(
            "InvalidOptionGroupStateFault", f"The option group '{name}' cannot be deleted because it is in use."
        )
    tx.delete(OPTION_GROUP, name)
    return {}


def _is_used_by(db: Record, name: str) -> bool:
    return any(each["OptionGroupName"] == name for each in db.get("OptionGroupMemberships") or [])


def _require(tx: Transaction, name: str) -> Record:
    missing = f"Specified OptionGroupName: {name} not found."
    return tx.require(OPTION_GROUP, name.lower(), ServiceError("OptionGroupNotFoundFault", missing, faults.NOT_FOUND))


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateOptionGroup": create_option_group,
    "DescribeOptionGroups": describe_option_groups,
    "ModifyOptionGroup": modify_option_group,
    "DeleteOptionGroup": delete_option_group,
}
