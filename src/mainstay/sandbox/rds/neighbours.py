"""Where RDS looks into other services: subnets, security groups, keys and secrets of the same sandbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds import faults
from mainstay.sandbox.rds.records import Record
from mainstay.sandbox.services import keys
from mainstay.sandbox.services.ec2.groups import ingress_rules
from mainstay.sandbox.services.ec2.records import GROUP, SUBNET
from mainstay.sandbox.state import Transaction


def subnets(tx: Transaction, ids: Iterable[str]) -> list[Record]:
    """The subnets of these ids; RDS's refusal of the first that does not exist."""
    return [
        tx.require(SUBNET.name, each, ServiceError("InvalidSubnet", f"Subnet {each} does not exist.")) for each in ids
    ]


def check_security_groups(tx: Transaction, ids: Iterable[str], vpc: str | None) -> None:
    """Refuse security groups that do not exist, or stand in another VPC than the subnet group."""
    for each in ids:
        group = tx.get(GROUP.name, each)
        if group is None:
            raise faults.invalid_value(f"Invalid security group , groupId= {each}, groupName=.")
        if vpc is not None and group.get("VpcId") not in (None, vpc):
            raise ServiceError(
                "InvalidVPCNetworkStateFault",
                f"The DB instance and EC2 security group {each} are in different VPCs. The DB instance is in {vpc} "
                f"and the EC2 security group is in {group['VpcId']}",
            )


def usable_key(tx: Transaction, key: str) -> str:
    """The ARN of a key by id, ARN or alias; RDS's refusal when it does not exist or is not enabled."""
    return str(keys.require_usable(tx, key)["Arn"])


def admitting_refusal(tx: Transaction, groups: Iterable[str], port: int) -> str | None:
    """Why these security groups let nobody reach the port, or None when some rule of one of them does.

    On this machine every client is 127.0.0.1, which stands for any client that some rule admits.
    """
    named: list[str] = []
    for each in groups:
        group = tx.get(GROUP.name, each)
        if group is None:
            named.append(f"{each} (deleted)")
            continue
        if any(_opens(rule, port) for rule in ingress_rules(tx, each)):
            return None
        named.append(f"{each} ({group.get('GroupName', '')})")
    if not named:
        return None
    return f"security group {', '.join(named)} admits nobody on port {port}: no ingress rule covers it"


def _opens(rule: Mapping[str, Any], port: int) -> bool:
    if str(rule["IpProtocol"]) == "-1":
        return True
    lowest, highest = int(rule.get("FromPort", 0)), int(rule.get("ToPort", 65535))
    return str(rule["IpProtocol"]) in ("tcp", "6") and lowest <= port <= highest


def default_group(tx: Transaction, vpc: str | None) -> list[str]:
    """The default security group of a VPC, which RDS takes when none is named."""
    return [
        str(group["GroupId"])
        for group in tx.all(GROUP.name)
        if vpc is not None and group["VpcId"] == vpc and group["GroupName"] == "default"
    ]


def admits_to_proxy(tx: Transaction, proxy: Mapping[str, Any]) -> str | None:
    """Why nobody may reach this proxy, or None; before it has a port, it has no address either."""
    return admitting_refusal(tx, proxy["VpcSecurityGroupIds"], int(proxy["_port"])) if "_port" in proxy else None


def admits(tx: Transaction, db: Mapping[str, Any]) -> str | None:
    """Why nobody may reach this instance, or None."""
    groups = [each["VpcSecurityGroupId"] for each in db.get("VpcSecurityGroups") or []]
    return admitting_refusal(tx, groups, int(db["_port"]))
