"""NW004: a group, subnet, route table or subnet group that nothing in the plan uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.checks.examples import database, group, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, is_shown
from mainstay.core.findings import Harm, Severity
from mainstay.plan.graph import edges, references
from mainstay.plan.mentions import is_mentioned, unknowns_of
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import (
    EgressRule,
    IngressRule,
    Resource,
    Route,
    RouteTable,
    SecurityGroup,
    Subnet,
    SubnetGroup,
    VpcEndpoint,
)
from mainstay.plan.values import Ref, Unknown

# What belongs to a thing is no use of it: a group's own rules, a table's own routes and its doors.
_OWN: Final = (
    (IngressRule, "group"),
    (EgressRule, "group"),
    (Route, "route_table"),
    (VpcEndpoint, "route_tables"),
)
_EVERYWHERE: Final = "0.0.0.0/0"


def _bad() -> Plan:
    """A group stands beside the database's, and nothing wears it"""
    spare = group(key="OldGroup", description="the application before last")
    return plan_of(database(security_groups=(Ref("DatabaseGroup"),)), group(), spare)


def _good() -> Plan:
    """The database wears both"""
    spare = group(key="OldGroup", description="the application before last")
    return plan_of(database(security_groups=(Ref("DatabaseGroup"), Ref("OldGroup"))), group(), spare)


@rule(
    id="NW004",
    severity=Severity.INFO,
    harm=Harm.DRIFT,
    summary="a part of the network is used by nobody",
    source="Security Hub EC2.22; VPC User Guide, VPC_Route_Tables, main route table (2026-11-21)",
    applies_to=(SecurityGroup, Subnet, RouteTable, SubnetGroup),
    bad=_bad,
    good=_good,
)
def faults(one: Resource, scene: Scene) -> Iterator[Fault]:
    """What nothing uses is either left over, and one day worn or filled by mistake, or was meant to be used: a subnet
    whose route table is not associated with it goes by the VPC's main one, which leads nowhere.
    """
    # By a fixed name others may find it, and what Terraform shows does not tell the outputs of its modules.
    if getattr(one, "name", None) is not None or is_shown(one) or one.key in _used(scene.region):
        return
    if is_mentioned(one.key, scene.region) or _hides_links(scene.region):
        return
    words, hint = _said(one)
    is_meant = isinstance(one, RouteTable) and _leads_out(one, scene.region)
    yield Fault(one, words, hint, Severity.WARNING if is_meant else None)


def _said(one: Resource) -> tuple[str, str]:
    export = "delete it, use it, or put its id out where another stack uses it"
    if isinstance(one, RouteTable):
        hint = "associate its subnets with it (AWS::EC2::SubnetRouteTableAssociation), or delete it"
        return f"No subnet is associated with {one.key}: whichever it is meant for goes by the VPC's main one.", hint
    if isinstance(one, SecurityGroup):
        return f"Nothing here wears {one.key}, and no other group's rules name it.", export
    return f"Nothing here stands in {one.key}.", export


def _leads_out(table: RouteTable, region: RegionPlan) -> bool:
    return any(route.route_table == Ref(table.key) and route.destination == _EVERYWHERE for route in region.of(Route))


def _used(region: RegionPlan) -> frozenset[str]:
    """The keys of the resources that another one, or an output, names."""

    def found() -> frozenset[str]:
        named = {key for output in region.outputs for key in references(output.value)}
        for one in region.resources:
            own = {field for kind, field in _OWN if isinstance(one, kind)} | {"depends_on"}
            named |= {edge.target for edge in edges(one) if edge.field not in own and edge.target != one.key}
        return frozenset(named)

    return region.remember(("used",), found)


def _hides_links(region: RegionPlan) -> bool:
    """Whether something in the plan is known to nobody, not even as it was written: it may name any resource."""
    found = (each for one in region.resources for each in unknowns_of(one))
    # What a template leaves out names nothing.
    return region.remember(
        ("hides links",), lambda: any(each.source is None and each != Unknown("not written") for each in found)
    )
