"""PX009: the ways of a proxy: out, into the database, and in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import database, group
from mainstay.checks.proxy.examples import fronted, peer, proxy
from mainstay.checks.proxy.proxy_cut_off import faults
from mainstay.core.findings import Finding
from mainstay.plan.resources import (
    IngressRule,
    Resource,
    SecurityGroup,
)
from mainstay.plan.values import (
    Param,
    Ref,
)

Say = Callable[..., list[Finding]]


def proxy_group(**changes: object) -> SecurityGroup:
    return group(
        **({"key": "ProxyGroup", "description": "the proxy", "ingress": (peer(cidr="10.0.0.0/16"),)} | changes)
    )


NOWHERE = peer(protocol="-1", from_port=None, to_port=None, cidr="127.0.0.1/32")
TO_DB = (peer(group=Ref("DatabaseGroup")),)
ON_6000 = database(security_groups=(Ref("DatabaseGroup"),), port=6000)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({}, []),
        ({"DatabaseGroup": group()}, ["DatabaseGroup does not admit Proxy to port 5432"]),
        ({"DatabaseGroup": group(ingress=(peer(cidr="10.0.0.0/16"),))}, []),
        ({"DatabaseGroup": group(ingress=(peer(group=Ref("Other")),))}, []),  # who that is cannot be seen
        ({"ProxyGroup": proxy_group(egress=(NOWHERE,))}, ["nothing lets Proxy out to Database on 5432"]),
        ({"ProxyGroup": proxy_group(egress=())}, []),  # the formats make opposite things of an empty list
        ({"ProxyGroup": proxy_group(egress=None)}, []),
        ({"ProxyGroup": proxy_group(egress=(peer(from_port=443, to_port=443, cidr="0.0.0.0/0"),))}, ["nothing lets"]),
        ({"ProxyGroup": proxy_group(ingress=(), egress=TO_DB)}, ["ProxyGroup of Proxy admits nobody"]),
        ({"ProxyGroup": None}, []),
        ({"ProxyGroup": proxy_group(ingress=(), extras={"SecurityGroupIngress": 1})}, []),
        ({"DatabaseGroup": group(extras={"SecurityGroupIngress": 1})}, []),
        ({"DatabaseGroup": None}, []),
        ({"Database": database(security_groups=(Ref("DatabaseGroup"),), port=Param("Port"))}, []),
        ({"Database": ON_6000}, ["to port 6000"]),
        ({"Database": ON_6000, "ProxyGroup": proxy_group(egress=TO_DB)}, ["on 6000", "to port 6000"]),
        ({"Proxy": proxy(security_groups=())}, []),
        ({"Proxy": proxy(security_groups=(Ref("ProxyGroup"), "sg-1"))}, []),
    ],
)
def test_ways(parts: dict[str, Resource | None], said: list[str], say: Say) -> None:
    details = [each.detail for each in say(faults, fronted(intent=None, **parts))]
    assert len(details) == len(said)
    assert all(part in detail for part, detail in zip(said, details, strict=True))


def test_a_rule_of_its_own_admits(say: Say) -> None:
    rule = IngressRule(
        key="In", group=Ref("ProxyGroup"), protocol="tcp", from_port=5432, to_port=5432, cidr="10.0.0.0/16"
    )
    assert say(faults, fronted(ProxyGroup=proxy_group(ingress=(), egress=TO_DB), In=rule)) == []


def test_of_several_groups_the_first_is_named(say: Say) -> None:
    both = {
        "Database": database(security_groups=(Ref("DatabaseGroup"), Ref("Second"))),
        "Second": group(key="Second"),
        "Proxy": proxy(security_groups=(Ref("ProxyGroup"), Ref("Last"))),
        "Last": group(key="Last", egress=(NOWHERE,)),
        "DatabaseGroup": group(),
        "ProxyGroup": proxy_group(egress=(NOWHERE,)),
    }
    closed, shut = say(faults, fronted(intent=None, **both))
    assert "nothing lets Proxy out to Database on 5432" in closed.detail
    assert closed.hint == "add an egress rule to ProxyGroup: TCP 5432 to DatabaseGroup"
    assert "DatabaseGroup or Second does not admit Proxy to port 5432" in shut.detail
    assert shut.hint == "add an ingress rule to DatabaseGroup: TCP 5432 from ProxyGroup"
