"""NW001: peers, ports, rules inside a group and of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import database, group, plan_of
from mainstay.checks.network.open_to_everyone import faults
from mainstay.core.findings import Finding
from mainstay.plan.resources import IngressRule, RulePeer
from mainstay.plan.values import Param, Ref, Unknown

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("peer", "ports"),
    [
        (RulePeer(protocol="tcp", from_port=5432, to_port=5432, cidr="0.0.0.0/0"), "5432"),
        (RulePeer(protocol="tcp", from_port=5432, to_port=5432, cidr_v6="::/0"), "5432"),
        (RulePeer(protocol="tcp", from_port=3306, to_port=5432, cidr="0.0.0.0/0"), "3389, 3306, 5432"),
        (RulePeer(protocol="-1", cidr="0.0.0.0/0"), "22, 3389, 3306, 5432"),
        (RulePeer(protocol="6", from_port=22, to_port=22, cidr="0.0.0.0/0"), "22"),
        (RulePeer(protocol="tcp", from_port=443, to_port=443, cidr="0.0.0.0/0"), None),
        (RulePeer(protocol="tcp", from_port=5433, to_port=5439, cidr="0.0.0.0/0"), None),
        (RulePeer(protocol="tcp", from_port=5431, to_port=5431, cidr="0.0.0.0/0"), None),
        (RulePeer(protocol="udp", from_port=0, to_port=65535, cidr="0.0.0.0/0"), None),
        (RulePeer(protocol="tcp", from_port=5432, to_port=5432, cidr="10.0.0.0/8"), None),
        (RulePeer(protocol="tcp", from_port=5432, to_port=5432, group=Ref("Other")), None),
        (RulePeer(protocol="tcp", from_port=Param("Port"), to_port=5432, cidr="0.0.0.0/0"), None),
        (RulePeer(protocol="tcp", from_port=5432, to_port=Param("Port"), cidr="0.0.0.0/0"), None),
        (RulePeer(protocol=Param("Protocol"), from_port=5432, to_port=5432, cidr="0.0.0.0/0"), None),
        (RulePeer(protocol="tcp", from_port=5432, to_port=5432, cidr=Param("Cidr")), None),
        (Unknown("a list that the target knows", is_list=True), None),
    ],
)
def test_peers(peer: object, ports: str | None, say: Say) -> None:
    details = [finding.detail for finding in say(faults, plan_of(group(ingress=(peer,))))]
    assert len(details) == (ports is not None)
    assert all(detail.endswith(f" to port {ports}.") for detail in details)


def test_a_rule_of_its_own_is_the_subject(say: Say) -> None:
    rule = IngressRule(
        key="Way", group=Ref("DatabaseGroup"), protocol="tcp", from_port=5432, to_port=5432, cidr="0.0.0.0/0"
    )
    elsewhere = IngressRule(
        key="Away", group=Ref("Other"), protocol="tcp", from_port=5432, to_port=5432, cidr_v6="::/0"
    )
    findings = say(faults, plan_of(group(), rule, elsewhere))
    assert [finding.subject for finding in findings] == ["Way"]


@pytest.mark.parametrize(("port", "attached", "count"), [(6000, True, 1), (6000, False, 0), (6001, True, 0)])
def test_the_port_of_an_attached_database(port: int, attached: bool, count: int, say: Say) -> None:
    db = database(port=port, security_groups=(Ref("DatabaseGroup" if attached else "Other"),))
    peer = RulePeer(protocol="tcp", from_port=6000, to_port=6000, cidr="0.0.0.0/0")
    assert len(say(faults, plan_of(db, group(ingress=(peer,))))) == count


def test_a_port_that_cannot_be_seen(say: Say) -> None:
    db = database(port=Param("Port"), security_groups=(Ref("DatabaseGroup"),))
    peer = RulePeer(protocol="tcp", from_port=5432, to_port=5432, cidr="0.0.0.0/0")
    assert len(say(faults, plan_of(db, group(ingress=(peer,))))) == 1
