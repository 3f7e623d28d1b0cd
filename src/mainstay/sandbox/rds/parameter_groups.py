"""DB parameter groups: what somebody set, and which instances have still to take it over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay import facts
from mainstay.facts import ParameterFact
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds import faults, operations
from mainstay.sandbox.rds.events import emit
from mainstay.sandbox.rds.parameters import admits, allowed, engine_of, known_parameters, require_parameter
from mainstay.sandbox.rds.records import INSTANCE, PARAMETER_GROUP, Record, answer, arn, page, put_instance, tags_of
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction

MOST_PARAMETERS: Final = 20  # a call; RDS API reference, ModifyDBParameterGroup (read 2026-11-20)
# What the API calls the kinds of parameters that have a name of their own there.
_TYPES: Final[Mapping[str, str]] = {"boolean": "boolean", "integer": "integer", "real": "float"}


def create_parameter_group(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """An empty group of a family."""
    name, family = params["DBParameterGroupName"].lower(), params["DBParameterGroupFamily"]
    if not facts.identifier("parameter_group").admits(name):
        raise faults.invalid_value(f"The parameter DBParameterGroupName is not a valid identifier: {name}")
    if not _is_family(family):
        raise faults.invalid_value(f"ParameterGroupFamily {family} is not a valid parameter group family.")
    if tx.get(PARAMETER_GROUP, name):
        raise ServiceError("DBParameterGroupAlreadyExists", f"Parameter group {name} already exists")
    most = facts.load("limits").data["quotas"]["parameter_groups"]
    if len(tx.all(PARAMETER_GROUP)) >= most:
        raise ServiceError("DBParameterGroupQuotaExceeded", f"Cannot create more than {most} DB parameter groups.")
    record = _record(tx, name, family, params["Description"]) | {"_tags": tags_of(params)}
    tx.put(PARAMETER_GROUP, name, record)
    return {"DBParameterGroup": answer(record)}


def _is_family(name: str) -> bool:
    return any(name in facts.families(engine) for engine in facts.ENGINES)


def _record(tx: Transaction, name: str, family: str, description: str) -> Record:
    return {
        "DBParameterGroupName": name,
        "DBParameterGroupFamily": family,
        "Description": description,
        "DBParameterGroupArn": arn(tx, "pg", name),
        "_parameters": {},
        "_tags": [],
    }


def require_group(tx: Transaction, name: str) -> Record:
    """The group of this name; the defaults of each family exist without having been made."""
    record = tx.get(PARAMETER_GROUP, name.lower())
    if record is not None:
        return record
    family = name.lower().removeprefix("default.")
    if name.lower() == f"default.{family}" and _is_family(family):
        return _record(tx, name.lower(), family, f"Default parameter group for {family}")
    raise faults.parameter_group_not_found(name)


def group_for(tx: Transaction, name: str | None, family: str) -> Record:
    """The group that an instance of this family is to use; RDS's refusal when it is of another family."""
    record = require_group(tx, name or f"default.{family}")
    if record["DBParameterGroupFamily"] != family:
        raise faults.invalid_combination(
            f"The parameter group {record['DBParameterGroupName']} with DBParameterGroupFamily "
            f"{record['DBParameterGroupFamily']} can't be used for this instance. Use a parameter group with "
            f"DBParameterGroupFamily {family}."
        )
    return record


def values_of(record: Record) -> dict[str, str]:
    """What somebody set in a group: parameter name to value."""
    return {name: each["value"] for name, each in record["_parameters"].items()}


def describe_parameter_groups(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """One group, or all that were made."""
    name = params.get("DBParameterGroupName")
    found = [require_group(tx, name)] if name else tx.all(PARAMETER_GROUP)
    return page([answer(record) for record in found], params, "DBParameterGroups")


def describe_parameters(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """The parameters of a group, those that somebody set with their values."""
    record = require_group(tx, params["DBParameterGroupName"])
    shown = [_shown(parameter, record) for parameter in _all_of(record)]
    source = params.get("Source")
    return page([one for one in shown if source in (None, one["Source"])], params, "Parameters")


def _all_of(record: Record) -> list[ParameterFact]:
    known = known_parameters(engine_of(record["DBParameterGroupFamily"]))
    extra = [require_parameter(record["DBParameterGroupFamily"], name) for name in record["_parameters"]]
    return list({parameter.name: parameter for parameter in [*known.values(), *extra]}.values())


def _shown(parameter: ParameterFact, record: Record) -> Record:
    own = record["_parameters"].get(parameter.name)
    shown = {
        "ParameterName": parameter.name,
        "ParameterValue": own["value"] if own else None,
        "Description": f"{parameter.name} of {record['DBParameterGroupFamily']}",
        "Source": "user" if own else "engine-default",
        "ApplyType": "static" if parameter.is_static else "dynamic",
        "DataType": _TYPES.get(parameter.kind, "string"),
        "AllowedValues": allowed(parameter) or None,
        "IsModifiable": True,
        "ApplyMethod": own["method"] if own else "pending-reboot",
    }
    return answer(shown)


def modify_parameter_group(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Set parameters: dynamic ones reach running instances at once, static ones with a restart."""
    record = _own_group(tx, params["DBParameterGroupName"])
    wanted = params["Parameters"]
    if len(wanted) > MOST_PARAMETERS:
        raise faults.invalid_value(
            f"Only {MOST_PARAMETERS} parameters can be modified in one request, not {len(wanted)}."
        )
    for one in wanted:
        _check(record["DBParameterGroupFamily"], one)
        record["_parameters"][one["ParameterName"]] = {
            "value": str(one["ParameterValue"]),
            "method": one["ApplyMethod"],
        }
    return _spread(tx, record, [one["ParameterName"] for one in wanted if one["ApplyMethod"] == "immediate"])


def _check(family: str, one: Mapping[str, Any]) -> None:
    if not one.get("ParameterName") or one.get("ParameterValue") is None or not one.get("ApplyMethod"):
        raise faults.invalid_value("ParameterName, ParameterValue and ApplyMethod must be given for each parameter.")
    parameter, value = require_parameter(family, one["ParameterName"]), str(one["ParameterValue"])
    if one["ApplyMethod"] not in ("immediate", "pending-reboot"):
        raise faults.invalid_value(f"Invalid apply method: {one['ApplyMethod']}")
    if parameter.is_static and one["ApplyMethod"] == "immediate":
        raise faults.invalid_combination(f"cannot use immediate apply method for static parameter: {parameter.name}")
    if not admits(parameter, value):
        raise faults.invalid_value(
            f"Invalid parameter value: {value} for: {parameter.name} allowed values are: {allowed(parameter)}"
        )


def reset_parameter_group(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Take parameters back to the engine's own values: those named, or all."""
    record = _own_group(tx, params["DBParameterGroupName"])
    if params.get("ResetAllParameters"):
        names = list(record["_parameters"])
    else:
        names = [one["ParameterName"] for one in params.get("Parameters") or []]
    record["_parameters"] = {name: each for name, each in record["_parameters"].items() if name not in names}
    return _spread(tx, record, [name for name in names if not _is_static(record, name)])


def _is_static(record: Record, name: str) -> bool:
    return require_parameter(record["DBParameterGroupFamily"], name).is_static


def _own_group(tx: Transaction, name: str) -> Record:
    record = require_group(tx, name)
    if name.lower().startswith("default."):
        raise ServiceError("InvalidDBParameterGroupState", f"The default parameter group {name} cannot be modified.")
    return record


def _spread(tx: Transaction, record: Record, immediate: list[str]) -> Record:
    """Write the group, and have the instances that use it take it over."""
    name = record["DBParameterGroupName"]
    tx.put(PARAMETER_GROUP, name, record)
    for db in tx.all(INSTANCE):
        if db["DBParameterGroups"][0]["DBParameterGroupName"] != name:
            continue
        if immediate:
            operations.enqueue(tx, operations.RELOAD, db, names=immediate)
        if not immediate or len(immediate) < len(record["_parameters"]):
            db["DBParameterGroups"][0]["ParameterApplyStatus"] = "pending-reboot"
            put_instance(tx, db)
    emit(tx, "RDS-EVENT-0092", name, source_type="db-parameter-group")
    return {"DBParameterGroupName": name}


def delete_parameter_group(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Remove a group that no instance uses."""
    record = _own_group(tx, params["DBParameterGroupName"])
    name = record["DBParameterGroupName"]
    if any(db["DBParameterGroups"][0]["DBParameterGroupName"] == name for db in tx.all(INSTANCE)):
        raise ServiceError(
            "InvalidDBParameterGroupState", "One or more database instances are still members of this parameter group "
            f"{name}, so the group cannot be deleted"
        )  # fmt: skip
    tx.delete(PARAMETER_GROUP, name)
    return {}


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateDBParameterGroup": create_parameter_group,
    "DescribeDBParameterGroups": describe_parameter_groups,
    "DescribeDBParameters": describe_parameters,
    "ModifyDBParameterGroup": modify_parameter_group,
    "ResetDBParameterGroup": reset_parameter_group,
    "DeleteDBParameterGroup": delete_parameter_group,
}
