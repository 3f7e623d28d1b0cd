"""Security groups and their rules; each rule is a record of its own, and a group's permissions are made from them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any, Final

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.ec2.records import (
    DEPENDENCY,
    ENDPOINT,
    GROUP,
    INSTANCE,
    RULE,
    VPC,
    delete,
    describing,
    found_page,
    new_tags,
    put,
    require,
)
from mainstay.sandbox.services.handler import Answer, Params, Table, refuse_if, with_token
from mainstay.sandbox.state import Record, Transaction

INVALID: Final = "InvalidParameterValue"
PEERS: Final = ("CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupInfo")
# What a description may hold: EC2 API, CreateSecurityGroup, checked 2026-11-20.
_DESCRIPTION: Final = r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}"


def ingress_rules(tx: Transaction, group: str) -> list[Record]:
    """The rules that let somebody in: IpProtocol, FromPort, ToPort and one of PEERS each."""
    return [rule for rule in rules_of(tx, group) if not rule["IsEgress"]]


def rules_of(tx: Transaction, group: str) -> list[Record]:
    """Every rule of a group."""
    return [rule for rule in tx.all(RULE.name) if rule["GroupId"] == group]


def create_security_group(tx: Transaction, params: Params) -> Answer:
    """A group that lets nobody in and everybody out."""
    name, text = params["GroupName"], params["Description"]
    refuse_if("VpcId" not in params, "VPCIdNotSpecified", "No default VPC for this user")
    vpc = require(tx, VPC, params["VpcId"])["VpcId"]
    refuse_if(
        name.startswith("sg-"), INVALID, f"Value ({name}) for parameter GroupName is invalid. It starts with sg-."
    )
    refuse_if(len(name) > 255 or not name, INVALID, "Value for parameter GroupName must have 1 to 255 characters.")
    refuse_if(
        not re.fullmatch(_DESCRIPTION, text), INVALID, f"Value ({text}) for parameter GroupDescription is invalid."
    )
    taken = name == "default" or any(
        group["GroupName"] == name and group["VpcId"] == vpc for group in tx.all(GROUP.name)
    )
    refuse_if(taken, "InvalidGroup.Duplicate", f"The security group '{name}' already exists for VPC '{vpc}'")
    group = _new(tx, vpc, name, text, new_tags(params, GROUP))
    _add(tx, group, {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}, is_egress=True)
    return {"GroupId": group["GroupId"], "Tags": group["Tags"], "SecurityGroupArn": group["SecurityGroupArn"]}


def create_default(tx: Transaction, vpc: str) -> None:
    """The group that a network is born with: its members reach each other, and everything."""
    group = _new(tx, vpc, "default", "default VPC security group", [])
    _add(tx, group, {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group["GroupId"]}]}, is_egress=False)
    _add(tx, group, {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}, is_egress=True)


def describe_security_groups(tx: Transaction, params: Params) -> Answer:
    """Groups with their permissions, by id, name or filter."""
    names = params.get("GroupNames")
    found, token = found_page(tx, params, GROUP, "GroupIds")
    shown = [_with_permissions(tx, group) for group in found if names is None or group["GroupName"] in names]
    return with_token({"SecurityGroups": shown}, token)


def delete_security_group(tx: Transaction, params: Params) -> Answer:
    """Remove a group that nothing wears and no rule of another group names."""
    group = require(tx, GROUP, params.get("GroupId", ""))
    identifier = group["GroupId"]
    is_default = group["GroupName"] == "default"
    refuse_if(
        is_default, "CannotDelete", f"the specified group: '{identifier}' name: 'default' cannot be deleted by a user"
    )
    named = any(
        rule.get("ReferencedGroupInfo", {}).get("GroupId") == identifier and rule["GroupId"] != identifier
        for rule in tx.all(RULE.name)
    )
    message = f"resource {identifier} has a dependent object"
    refuse_if(named or identifier in set(_worn(tx)), DEPENDENCY, message)
    forget(tx, group)
    return {"Return": True, "GroupId": identifier}


def forget(tx: Transaction, group: Record) -> None:
    """Remove a group with its rules, without asking who needs it."""
    for rule in rules_of(tx, group["GroupId"]):
        delete(tx, RULE, rule)
    delete(tx, GROUP, group)


def authorize_security_group_ingress(tx: Transaction, params: Params) -> Answer:
    """Let somebody in."""
    return _authorize(tx, params, is_egress=False)


def authorize_security_group_egress(tx: Transaction, params: Params) -> Answer:
    """Let somebody out."""
    return _authorize(tx, params, is_egress=True)


def revoke_security_group_ingress(tx: Transaction, params: Params) -> Answer:
    """Let somebody in no more."""
    return _revoke(tx, params, is_egress=False)


def revoke_security_group_egress(tx: Transaction, params: Params) -> Answer:
    """Let somebody out no more."""
    return _revoke(tx, params, is_egress=True)


def _new(tx: Transaction, vpc: str, name: str, text: str, tags: list[dict[str, str]]) -> Record:
    identifier = tx.random_id(GROUP.prefix)
    group = {
        "GroupId": identifier,
        "GroupName": name,
        "Description": text,
        "OwnerId": tx.account,
        "VpcId": vpc,
        "SecurityGroupArn": tx.arn("ec2", f"security-group/{identifier}"),
        "Tags": tags,
    }
    put(tx, GROUP, group)
    return group


def _authorize(tx: Transaction, params: Params, *, is_egress: bool) -> Answer:
    group = require(tx, GROUP, params.get("GroupId", ""))
    added = [rule for permission in _permissions(params) for rule in _add(tx, group, permission, is_egress=is_egress)]
    refuse_if(not added, "MissingParameter", "The request must contain the parameter ipPermissions")
    return {"Return": True, "SecurityGroupRules": added}


def _revoke(tx: Transaction, params: Params, *, is_egress: bool) -> Answer:
    group = require(tx, GROUP, params.get("GroupId", ""))
    known = [rule for rule in rules_of(tx, group["GroupId"]) if rule["IsEgress"] == is_egress]
    wanted = [rule for rule in known if rule["SecurityGroupRuleId"] in params.get("SecurityGroupRuleIds", [])]
    for permission in _permissions(params):
        for sought in _flat(tx, group, permission, is_egress=is_egress):
            found = [rule for rule in known if _same(rule, sought)]
            message = "The specified rule does not exist in this security group."
            refuse_if(not found, "InvalidPermission.NotFound", message)
            wanted += found
    for rule in wanted:
        delete(tx, RULE, rule)
    return {"Return": True}


def _permissions(params: Params) -> list[dict[str, Any]]:
    """The permissions, also from the older form with members of their own."""
    old = {name: params[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in params}
    if "CidrIp" in params:
        old["IpRanges"] = [{"CidrIp": params["CidrIp"]}]
    return list(params.get("IpPermissions", [])) or ([old] if old else [])


def _add(tx: Transaction, group: Record, permission: dict[str, Any], *, is_egress: bool) -> list[Record]:
    rules = []
    for rule in _flat(tx, group, permission, is_egress=is_egress):
        known = rules_of(tx, group["GroupId"])
        twin = any(old["IsEgress"] == is_egress and _same(old, rule) for old in known)
        peer = next(str(rule[name]) for name in PEERS if name in rule)
        message = f'the specified rule "peer: {peer}, {rule["IpProtocol"]}, ALLOW" already exists'
        refuse_if(twin, "InvalidPermission.Duplicate", message)
        put(tx, RULE, rule)
        rules.append(rule)
    return rules


def _flat(tx: Transaction, group: Record, permission: dict[str, Any], *, is_egress: bool) -> Iterator[Record]:
    """One rule a peer, checked."""
    ports = _ports(permission)
    members = (("IpRanges", "CidrIp", "CidrIpv4"), ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"))
    peers: list[tuple[str, Any, dict[str, Any]]] = []
    for listed, given, kept in members:
        peers += [(kept, _cidr(item[given]), item) for item in permission.get(listed, [])]
    peers += [("PrefixListId", item["PrefixListId"], item) for item in permission.get("PrefixListIds", [])]
    for item in permission.get("UserIdGroupPairs", []):
        other = require(tx, GROUP, item.get("GroupId", ""))
        message = f"You have specified two resources that belong to different networks: {other['GroupId']}"
        refuse_if(other["VpcId"] != group["VpcId"], "InvalidGroup.NotFound", message)
        info = {"GroupId": other["GroupId"], "UserId": tx.account, "VpcId": other["VpcId"]}
        peers.append(("ReferencedGroupInfo", info, item))
    for member, peer, item in peers:
        text = item.get("Description")
        refuse_if(text and not re.fullmatch(_DESCRIPTION, text), INVALID, f"Invalid rule description '{text}'.")
        identifier = tx.random_id(RULE.prefix)
        described = {"Description": text} if text else {}
        arn = tx.arn("ec2", f"security-group-rule/{identifier}")
        own = {"SecurityGroupRuleId": identifier, "SecurityGroupRuleArn": arn, "Tags": []}
        place = {"GroupId": group["GroupId"], "GroupOwnerId": tx.account, "IsEgress": is_egress}
        yield {**own, **place, **ports, **described, member: peer}


def _ports(permission: dict[str, Any]) -> dict[str, Any]:
    protocol = str(permission.get("IpProtocol", "")).lower()
    protocol = {"6": "tcp", "17": "udp", "1": "icmp", "all": "-1"}.get(protocol, protocol)
    known = protocol in ("-1", "tcp", "udp", "icmp", "icmpv6") or protocol.isdigit()
    refuse_if(not known, INVALID, f"Invalid value '{protocol}' for IP protocol. Unknown protocol.")
    if protocol == "-1":
        return {"IpProtocol": "-1", "FromPort": -1, "ToPort": -1}
    start, end = permission.get("FromPort"), permission.get("ToPort")
    needs_ports = protocol in ("tcp", "udp")
    refuse_if(
        needs_ports and (start is None or end is None),
        INVALID,
        f"Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange ({protocol}).",
    )
    first, last = -1 if start is None else start, -1 if end is None else end
    is_range = not needs_ports or 0 <= first <= last <= 65_535
    refuse_if(not is_range, INVALID, f"Invalid TCP/UDP port range ({first}:{last})")
    return {"IpProtocol": protocol, "FromPort": first, "ToPort": last}


def _cidr(text: str) -> str:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        message = f"CIDR block {text} is malformed"
        raise ServiceError(INVALID, message) from None
    return str(network)


def _same(one: Record, other: Record) -> bool:
    return all(one.get(name) == other.get(name) for name in ("IpProtocol", "FromPort", "ToPort", *PEERS))


def _with_permissions(tx: Transaction, group: Record) -> Answer:
    rules = rules_of(tx, group["GroupId"])
    sides = {
        side: _grouped([rule for rule in rules if rule["IsEgress"] == is_egress])
        for side, is_egress in (("IpPermissions", False), ("IpPermissionsEgress", True))
    }
    return {**group, **sides}


def _grouped(rules: list[Record]) -> list[Answer]:
    permissions: dict[tuple[Any, ...], Answer] = {}
    for rule in rules:
        key = (rule["IpProtocol"], rule["FromPort"], rule["ToPort"])
        ports = {} if rule["IpProtocol"] == "-1" else {"FromPort": rule["FromPort"], "ToPort": rule["ToPort"]}
        lists: Answer = {"IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}
        permission = permissions.setdefault(key, {"IpProtocol": rule["IpProtocol"], **ports, **lists})
        described = {"Description": rule["Description"]} if "Description" in rule else {}
        if "CidrIpv4" in rule:
            permission["IpRanges"].append({"CidrIp": rule["CidrIpv4"], **described})
        elif "CidrIpv6" in rule:
            permission["Ipv6Ranges"].append({"CidrIpv6": rule["CidrIpv6"], **described})
        elif "PrefixListId" in rule:
            permission["PrefixListIds"].append({"PrefixListId": rule["PrefixListId"], **described})
        else:
            info = rule["ReferencedGroupInfo"]
            pair = {"GroupId": info["GroupId"], "UserId": info["UserId"]}
            permission["UserIdGroupPairs"].append({**pair, **described})
    return list(permissions.values())


def _worn(tx: Transaction) -> Iterator[str]:
    """The groups that instances, endpoints and databases wear."""
    for machine in tx.all(INSTANCE.name):
        if machine["State"]["Name"] != "terminated":
            yield from (item["GroupId"] for item in machine["SecurityGroups"])
    for endpoint in tx.all(ENDPOINT.name):
        yield from (item["GroupId"] for item in endpoint["Groups"])
    for database in tx.all("rds:db"):
        yield from (item["VpcSecurityGroupId"] for item in database.get("VpcSecurityGroups", []))


HANDLERS: Final[Table] = {
    "CreateSecurityGroup": create_security_group,
    "DescribeSecurityGroups": describe_security_groups,
    "DescribeSecurityGroupRules": describing(RULE, "SecurityGroupRules", "SecurityGroupRuleIds"),
    "DeleteSecurityGroup": delete_security_group,
    "AuthorizeSecurityGroupIngress": authorize_security_group_ingress,
    "AuthorizeSecurityGroupEgress": authorize_security_group_egress,
    "RevokeSecurityGroupIngress": revoke_security_group_ingress,
    "RevokeSecurityGroupEgress": revoke_security_group_egress,
}
