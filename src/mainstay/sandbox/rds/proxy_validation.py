"""What RDS checks of a proxy before it begins, beyond what botocore does; the bounds are those of the facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay import facts
from mainstay.sandbox.errors import ServiceError, not_implemented
from mainstay.sandbox.rds import faults, neighbours
from mainstay.sandbox.rds.records import Record
from mainstay.sandbox.services.iam import ROLE
from mainstay.sandbox.state import Transaction

Params = Mapping[str, Any]

PINNING_FILTER: Final = "EXCLUDE_VARIABLE_SETS"


def checked_name(name: str) -> str:
    """The name in lower case; refused when RDS would refuse it."""
    if not facts.identifier("proxy").admits(name):
        raise faults.invalid_value(
            f"The parameter DBProxyName is not valid: {name}. It must begin with a letter, contain only ASCII letters, "
            "digits, and hyphens, and not end with a hyphen or contain two consecutive hyphens."
        )
    return name.lower()


def check_new(params: Params) -> None:
    """Refuse families and networks that RDS does not have, and by name those that the sandbox has not."""
    family = params["EngineFamily"]
    if family == "SQLSERVER":
        raise not_implemented("rds", "CreateDBProxy", "EngineFamily SQLSERVER")
    if not facts.client_passwords(family):
        raise faults.invalid_value(f"Invalid engine family: {family}. Valid values: MYSQL, POSTGRESQL, SQLSERVER.")
    for member in ("EndpointNetworkType", "TargetConnectionNetworkType"):
        if params.get(member) not in (None, "IPV4"):
            raise not_implemented("rds", "CreateDBProxy", f"{member} {params[member]}")
    if params.get("DefaultAuthScheme") == "IAM_AUTH":
        # There is no secret whose login could stand in for the tokens that the sandbox does not have.
        raise not_implemented("rds", "CreateDBProxy", "DefaultAuthScheme IAM_AUTH: it has no tokens to log in with")
    if params.get("DefaultAuthScheme") not in (None, "NONE"):
        raise faults.invalid_value(f"Invalid default authentication scheme: {params['DefaultAuthScheme']}.")


def checked_logins(params: Params, family: str) -> list[Record]:
    """The `Auth` of a request with its defaults; refused when no login is named, or one does not fit the family.

    A secret that is missing shows at runtime, as AUTH_FAILURE: RDS does not look for it here.
    """
    logins, most = list(params.get("Auth") or []), facts.limit("proxy", "most_secrets")
    if not 1 <= len(logins) <= most:
        raise faults.invalid_value(f"A DB proxy needs 1 to {most} entries in Auth; {len(logins)} were given.")
    return [_checked_login(login, params, family) for login in logins]


def _checked_login(login: Params, params: Params, family: str) -> Record:
    iam, how = login.get("IAMAuth") or "DISABLED", login.get("ClientPasswordAuthType")
    if login.get("AuthScheme") not in (None, "SECRETS"):
        raise faults.invalid_value(f"Invalid authentication scheme: {login['AuthScheme']}. Valid values: SECRETS.")
    if not login.get("SecretArn"):
        raise faults.invalid_value("SecretArn is required for the authentication scheme SECRETS.")
    if iam == "ENABLED":
        raise faults.invalid_combination(f"IAMAuth ENABLED isn't supported for the engine family {family}.")
    if iam not in ("DISABLED", "REQUIRED"):
        raise faults.invalid_value(f"Invalid IAM authentication: {iam}. Valid values: DISABLED, REQUIRED.")
    if iam == "REQUIRED" and not params.get("RequireTLS"):
        raise faults.invalid_combination("RequireTLS must be true when IAMAuth is REQUIRED.")
    if how is not None and how not in facts.client_passwords(family):
        raise faults.invalid_combination(
            f"ClientPasswordAuthType {how} isn't supported for the engine family {family}."
        )
    return {
        "Description": login.get("Description"),
        "UserName": login.get("UserName"),
        "AuthScheme": "SECRETS",
        "SecretArn": login["SecretArn"],
        "IAMAuth": iam,
        "ClientPasswordAuthType": how or facts.client_passwords(family)[0],
    }


def checked_role(tx: Transaction, role: str) -> str:
    """The role's ARN; refused when there is no such role."""
    if not role.startswith("arn:") or tx.get(ROLE, role.rsplit("/", 1)[-1]) is None:
        raise faults.invalid_value(
            f"IAM role ARN value is invalid or does not include the required permissions: {role}"
        )
    return role


def idle_timeout(params: Params) -> int:
    """How long a client may be silent, in seconds."""
    given = params.get("IdleClientTimeout")
    seconds = facts.limit("proxy", "default_idle_client_seconds") if given is None else int(given)
    least, most = (facts.limit("proxy", f"{name}_idle_client_seconds") for name in ("least", "most"))
    if not least <= seconds <= most:
        raise faults.invalid_value(
            f"IdleClientTimeout must be between {least} and {most} seconds; {seconds} was given."
        )
    return seconds


def network(tx: Transaction, params: Params) -> Record:
    """The proxy's place: subnets of one VPC in at least two zones, and its security groups."""
    found = neighbours.subnets(tx, params["VpcSubnetIds"])
    vpcs, zones = {subnet["VpcId"] for subnet in found}, {subnet["AvailabilityZone"] for subnet in found}
    if len(vpcs) > 1:
        raise ServiceError("InvalidSubnet", f"The subnets belong to more than one VPC: {', '.join(sorted(vpcs))}.")
    least = facts.limit("proxy", "least_zones")
    if len(zones) < least:
        raise ServiceError("InvalidSubnet", f"A DB proxy needs subnets in at least {least} Availability Zones.")
    vpc = vpcs.pop()
    groups = list(params.get("VpcSecurityGroupIds") or [])
    neighbours.check_security_groups(tx, groups, vpc)
    return {
        "VpcId": vpc,
        "VpcSubnetIds": list(params["VpcSubnetIds"]),
        "VpcSecurityGroupIds": groups or neighbours.default_group(tx, vpc),
    }


def pool_configuration(wanted: Params, family: str | None) -> Record:
    """The whole pool configuration for what was asked; what is left out gets RDS's default, not its old value."""
    least, most = facts.limit("proxy", "least_percent"), facts.limit("proxy", "most_percent")
    given = wanted.get("MaxConnectionsPercent")
    percent = most if given is None else int(given)
    if not least <= percent <= most:
        raise faults.invalid_value(f"MaxConnectionsPercent must be between {least} and {most}; {percent} was given.")
    return {
        "MaxConnectionsPercent": percent,
        "MaxIdleConnectionsPercent": _idle_percent(wanted, percent),
        "ConnectionBorrowTimeout": _borrow_timeout(wanted),
        "SessionPinningFilters": _pinning_filters(wanted, family),
        "InitQuery": wanted.get("InitQuery"),
    }


def _idle_percent(wanted: Params, percent: int) -> int:
    given = wanted.get("MaxIdleConnectionsPercent")
    if given is None:
        return percent // 2
    if wanted.get("MaxConnectionsPercent") is None:
        raise faults.invalid_combination("MaxIdleConnectionsPercent can't be given without MaxConnectionsPercent.")
    if not 0 <= int(given) <= percent:
        raise faults.invalid_value(f"MaxIdleConnectionsPercent must be between 0 and {percent}; {given} was given.")
    return int(given)


def _borrow_timeout(wanted: Params) -> int:
    given, most = wanted.get("ConnectionBorrowTimeout"), facts.limit("proxy", "most_borrow_seconds")
    seconds = facts.limit("proxy", "default_borrow_seconds") if given is None else int(given)
    if not 0 <= seconds <= most:
        raise faults.invalid_value(
            f"ConnectionBorrowTimeout must be between 0 and {most} seconds; {seconds} was given."
        )
    return seconds


def _pinning_filters(wanted: Params, family: str | None) -> list[str]:
    filters = list(wanted.get("SessionPinningFilters") or [])
    if any(each != PINNING_FILTER for each in filters):
        raise faults.invalid_value(f"Invalid session pinning filter: {', '.join(filters)}. Valid: {PINNING_FILTER}.")
    if filters and family == "POSTGRESQL":
        raise faults.invalid_combination("SessionPinningFilters aren't supported for the engine family POSTGRESQL.")
    return filters
