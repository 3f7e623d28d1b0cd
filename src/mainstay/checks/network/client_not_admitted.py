"""NW002: a client that one side lets through and the other side does not."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import database, group, plan_of
from mainstay.checks.network.traffic import groups_of, lets_through, names, port_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, IngressRule, Instance, RulePeer, SecurityGroup
from mainstay.plan.traffic import egress, ingress
from mainstay.plan.values import Ref


def _shop(*rules: IngressRule) -> Plan:
    way_out = RulePeer(protocol="tcp", from_port=5432, to_port=5432, group=Ref("DatabaseGroup"))
    client = group(key="AppGroup", description="the application", egress=(way_out,))
    return plan_of(database(security_groups=(Ref("DatabaseGroup"),)), group(), client, *rules)


def _bad() -> Plan:
    """The application's group may reach the database's, which admits nobody"""
    return _shop()


def _good() -> Plan:
    """The application's group may reach the database's, which admits it"""
    way_in = IngressRule(
        key="FromApp",
        group=Ref("DatabaseGroup"),
        protocol="tcp",
        from_port=5432,
        to_port=5432,
        source_group=Ref("AppGroup"),
    )
    return _shop(way_in)


@rule(
    id="NW002",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="a client cannot reach the database",
    source="VPC User Guide, vpc-security-groups: a connection needs egress there and ingress here (2026-11-20)",
    applies_to=(DbInstance,),
    field="security_groups",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """The stack deploys green, and every connection of that client times out: a rotation fails at night, a bastion is
    useless on the day it is needed.
    """
    port, groups = port_of(db, scene), groups_of(db.security_groups, scene)
    # With a group that the plan does not resolve, what is admitted cannot be seen.
    if port is None or not groups or len(groups) != len(db.security_groups):
        return
    if any(hides(group, "ingress") for group in groups):
        return
    admitting = [opening for group in groups for opening in ingress(group, scene.region)]
    bastions = [group for each in scene.region.of(Instance) for group in _bastion_groups(each, scene)]
    for client in scene.region.of(SecurityGroup):
        leaving = egress(client, scene.region)
        may_leave = client.egress is None or lets_through(leaving, groups, port)
        means_to = client in bastions or names(leaving, groups, port)
        if means_to and not lets_through(admitting, [client], port):
            yield Fault(
                db,
                f"{client.key} is a client of {db.key}, but {_list(groups)} does not admit it to port {port}.",
                f"add an ingress rule to {groups[0].key}: TCP {port} from {client.key}",
            )
        if names(admitting, [client], port) and not may_leave:
            yield Fault(
                client,
                f"{groups[0].key} admits {client.key} to port {port}, but nothing lets {client.key} out to it.",
                f"add an egress rule to {client.key}: TCP {port} to {groups[0].key}",
            )


def _bastion_groups(instance: Instance, scene: Scene) -> list[SecurityGroup]:
    # Any other instance may have nothing to do with the database; one that is called a bastion has.
    return groups_of(instance.security_groups, scene) if "bastion" in instance.key.lower() else []


def _list(groups: list[SecurityGroup]) -> str:
    return " or ".join(group.key for group in groups)
