"""A VPC of the app's own, or one that it has looked up, as the network of a design.

A spec names a network by ids, and an app has tokens where ids will be. So the design is compiled with ids that stand
for them, which become parameters of its template, which the include fills in with the tokens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Network
from typing import Any, Final

from aws_cdk import Token, aws_ec2

from mainstay.core.errors import InputRefused
from mainstay.spec.existing_network import ApplicationSubnet, ExistingNetwork

_VPC: Final = "vpc-00000000000000000"
_VPC_PARAMETER: Final = "ExistingVpcId"
_STAND_IN: Final = re.compile(r"vpc-0{17}|subnet-[0-9a-f]{17}")
# What `from_lookup` answers before the CDK has looked (`dummy1a`) is no zone.
_ZONE: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-\d[a-z]")

Node = Any  # Any: JSON of a template


@dataclass(frozen=True, slots=True)
class Standing:
    """A network as a spec names it, and what its ids stand for: `values` by parameter of the template."""

    network: ExistingNetwork
    names: Mapping[str, str]
    values: Mapping[str, str]

    def placed(self, template: Mapping[str, Node]) -> dict[str, Node]:
        """The template with a parameter in the place of each id that stands for a token."""
        named: dict[str, Node] = _named(template, self.names)
        told = {name: {"Type": "String", "Description": "Of the network that exists"} for name in self.values}
        return {**named, "Parameters": {**named.get("Parameters", {}), **told}}


def standing_in(
    vpc: aws_ec2.IVpc,
    *,
    database_subnets: Sequence[aws_ec2.ISubnet] | None,
    service_subnets: Sequence[aws_ec2.ISubnet] | None,
) -> Standing:
    """A VPC with its subnets: the database's, and those of proxy, functions and bastion.

    Left out, they are the VPC's isolated and its private ones, each in the place of the other where one is missing.
    InputRefused for fewer than two of either.
    """
    isolated, private = vpc.isolated_subnets, vpc.private_subnets
    database = list(database_subnets or isolated or private)
    service = list(service_subnets or private or isolated)
    for what, subnets in (("database_subnets", database), ("service_subnets", service)):
        _refuse_too_few(vpc, what, subnets)
    ids = {one.node.path: one for one in [*database, *service]}
    stand_ins = {path: f"subnet-{number:017x}" for number, path in enumerate(ids, start=1)}
    names = {_VPC: _VPC_PARAMETER} | {
        stand_in: f"ExistingSubnet{number}" for number, stand_in in enumerate(stand_ins.values(), start=1)
    }
    network = ExistingNetwork(
        vpc=_VPC,
        isolated=tuple(stand_ins[one.node.path] for one in database),
        private=tuple(stand_ins[one.node.path] for one in service),
        application=tuple(_with_addresses(service, stand_ins)),
        zones=_zones(database),
    )
    values = {_VPC_PARAMETER: vpc.vpc_id} | {names[stand_ins[path]]: one.subnet_id for path, one in ids.items()}
    return Standing(network, names, values)


def _refuse_too_few(vpc: aws_ec2.IVpc, what: str, subnets: Sequence[aws_ec2.ISubnet]) -> None:
    if len(subnets) < 2:
        raise InputRefused(
            "too few subnets",
            detail=f"{vpc.node.path} has {len(subnets)} isolated or private subnets to take as {what}, "
            "and a database needs two, in different zones.",
            hint=f"give {what}=[…], or a VPC with isolated subnets in two zones",
        )


def _zones(subnets: Sequence[aws_ec2.ISubnet]) -> tuple[str, ...]:
    """The zones of the subnets in their order; none where one of them is not known before the deployment."""
    zones = tuple(str(one.availability_zone) for one in subnets)
    return zones if all(map(_ZONE.fullmatch, zones)) and len(set(zones)) > 1 else ()


def _with_addresses(subnets: Sequence[aws_ec2.ISubnet], stand_ins: Mapping[str, str]) -> list[ApplicationSubnet]:
    """The subnets whose addresses are known, by which an application in them can be admitted."""
    found = []
    for one in subnets:
        addresses = _addresses(one)
        if addresses is not None:
            found.append(ApplicationSubnet(id=stand_ins[one.node.path], cidr=addresses))
    return found


def _addresses(subnet: aws_ec2.ISubnet) -> IPv4Network | None:
    try:
        written = subnet.ipv4_cidr_block
    except RuntimeError:  # how the CDK says that an imported subnet does not tell
        return None
    if Token.is_unresolved(written):
        return None
    try:
        return IPv4Network(written)
    except (AddressValueError, ValueError):
        return None


def _named(node: Node, names: Mapping[str, str]) -> Node:
    match node:
        case {"Fn::Sub": str(text), **rest} if not rest:
            return {"Fn::Sub": _substituted(text, names)}
        case str() if node in names:
            return {"Ref": names[node]}
        case str() if _STAND_IN.search(node):
            return {"Fn::Sub": _substituted(node.replace("${", "${!"), names)}
        case Mapping():
            return {name: _named(value, names) for name, value in node.items()}
        case list():
            return [_named(value, names) for value in node]
    return node


def _substituted(text: str, names: Mapping[str, str]) -> str:
    return _STAND_IN.sub(lambda found: f"${{{names[found[0]]}}}" if found[0] in names else found[0], text)
