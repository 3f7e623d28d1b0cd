"""NW001: an engine's port, or a port for administrators, open to the whole internet."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import database, group, plan_of
from mainstay.checks.network.traffic import port_of, wearers
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, RulePeer, SecurityGroup
from mainstay.plan.traffic import ingress
from mainstay.plan.values import Ref

# Security Hub EC2.13, EC2.14 and EC2.19 (2026-11-20): SSH, RDP, MySQL, PostgreSQL.
_ALWAYS = (22, 3389, 3306, 5432)


def _open_to(cidr: str) -> Plan:
    peer = RulePeer(protocol="tcp", from_port=5432, to_port=5432, cidr=cidr)
    return plan_of(database(security_groups=(Ref("DatabaseGroup"),)), group(ingress=(peer,)))


def _bad() -> Plan:
    """5432 from 0.0.0.0/0, for testing"""
    return _open_to("0.0.0.0/0")


def _good() -> Plan:
    """5432 from 10.0.0.0/8"""
    return _open_to("10.0.0.0/8")


@rule(
    id="NW001",
    severity=Severity.ERROR,
    harm=Harm.SECURITY,
    summary="a port is open to the whole internet",
    source="Security Hub EC2.13, EC2.14, EC2.19 (2026-11-20)",
    applies_to=(SecurityGroup,),
    field="ingress",
    bad=_bad,
    good=_good,
)
def faults(group: SecurityGroup, scene: Scene) -> Iterator[Fault]:
    """Whoever scans the internet finds the port, and may try passwords for as long as they like. A private subnet hides
    it only until somebody adds a route or a public address.
    """
    attached = [one for one in wearers(group, scene.region) if isinstance(one, DbInstance)]
    ports = dict.fromkeys((*_ALWAYS, *(port for db in attached if (port := port_of(db, scene)) is not None)))
    for opening in ingress(group, scene.region):
        reached = [port for port in ports if opening.covers(port)]
        if opening.is_to_everyone and reached:
            yield Fault(
                opening.resource,
                f"{group.key} admits {opening.cidr} to port {', '.join(map(str, reached))}.",
                "admit the security group of the clients instead; let people in through SSM, without an open port",
            )
