"""NW002: a client that one side lets through and the other side does not."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import database, group, plan_of
from mainstay.checks.links import behind
from mainstay.checks.network.clients import Client, clients_of, faults_of, way_of
from mainstay.checks.network.traffic import port_of, proxy_port
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, DbProxy, IngressRule, Instance, RulePeer
from mainstay.plan.values import Ref


def _shop(*rules: IngressRule) -> Plan:
    way_out = RulePeer(protocol="tcp", from_port=5432, to_port=5432, group=Ref("DatabaseGroup"))
    client = group(key="AppGroup", description="the application", egress=(way_out,))
    host = Instance(key="App", image="ami-0a1b2c3d4e5f60718", security_groups=(Ref("AppGroup"),))
    return plan_of(database(security_groups=(Ref("DatabaseGroup"),)), group(), client, host, *rules)


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
    port = port_of(db, scene)
    if port is None:
        return
    for client in clients_of(db, port, scene):
        way = way_of(client, db, port, scene)
        if client.may_go_elsewhere and _has_another_way(client, db, scene):
            continue
        # A public address is reached from outside as well.
        if db.is_public is False or all(gap.side != "network" for gap in way.gaps):
            yield from faults_of(client, way, db, scene)


def _has_another_way(client: Client, db: DbInstance, scene: Scene) -> bool:
    """Whether the client may come by a proxy that stands before the instance."""
    proxies = (proxy for proxy in scene.region.of(DbProxy) if db in behind(proxy, scene))
    ports = ((proxy, proxy_port(proxy)) for proxy in proxies)
    return any(port is None or not way_of(client, proxy, port, scene).is_shut for proxy, port in ports)
