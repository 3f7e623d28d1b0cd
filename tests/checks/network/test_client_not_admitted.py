"""NW002: half-open paths, from both sides; what cannot be seen may be open."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import database, group, plan_of
from mainstay.checks.network.client_not_admitted import faults
from mainstay.core.findings import Finding
from mainstay.plan.resources import EgressRule, IngressRule, Instance, Resource, RulePeer
from mainstay.plan.values import Param, Ref, Unknown

Say = Callable[..., list[Finding]]
DB = database(security_groups=(Ref("DatabaseGroup"),))
NOWHERE = RulePeer(protocol="-1", cidr="127.0.0.1/32")


def tcp(port: int = 5432, **peer: object) -> RulePeer:
    return RulePeer(protocol="tcp", from_port=port, to_port=port, **peer)  # type: ignore[arg-type]  # any peer


def client(**changes: object) -> Resource:
    return group(key="AppGroup", description="the application", **changes)


TO_DB = client(egress=(tcp(group=Ref("DatabaseGroup")),))
FROM_APP = tcp(group=Ref("AppGroup"))


@pytest.mark.parametrize(
    ("resources", "subject"),
    [
        ((group(), TO_DB), "Database"),
        ((group(ingress=(FROM_APP,)), TO_DB), None),
        ((group(ingress=(tcp(3306, group=Ref("AppGroup")),)), TO_DB), "Database"),
        ((group(ingress=(tcp(cidr="10.0.0.0/16"),)), TO_DB), None),
        ((group(ingress=(tcp(3306, cidr="10.0.0.0/16"),)), TO_DB), "Database"),
        ((group(ingress=(tcp(group=Ref("Other")),)), group(key="Other"), TO_DB), "Database"),
        ((group(ingress=(Unknown("a list", is_list=True),)), TO_DB), None),
        ((group(extras={"SecurityGroupIngress": "odd"}), TO_DB), None),
        ((group(), group(key="Other"), client(egress=(tcp(group=Ref("Other")),))), None),
        ((group(), client(egress=(tcp(443, group=Ref("DatabaseGroup")),))), None),
        ((group(), client()), None),  # an open way out says nothing of where it goes
        ((group(ingress=(FROM_APP,)), client()), None),
        ((group(ingress=(FROM_APP,)), client(egress=(NOWHERE,))), "AppGroup"),
        ((group(ingress=(FROM_APP,)), client(egress=(tcp(443, cidr="0.0.0.0/0"),))), "AppGroup"),
        ((group(ingress=(FROM_APP,)), client(egress=(tcp(cidr="10.0.0.0/16"),))), None),
        ((group(ingress=(FROM_APP,)), client(egress=(RulePeer(protocol="-1", cidr="0.0.0.0/0"),))), None),
        ((group(ingress=(FROM_APP,)), client(egress=(tcp(prefix_list="pl-1"),))), None),
    ],
)
def test_paths(resources: tuple[Resource, ...], subject: str | None, say: Say) -> None:
    findings = say(faults, plan_of(DB, *resources))
    assert [finding.subject for finding in findings] == ([] if subject is None else [subject])


def test_rules_of_their_own(say: Say) -> None:
    way_out = EgressRule(
        key="Out",
        group=Ref("AppGroup"),
        protocol="tcp",
        from_port=5432,
        to_port=5432,
        destination_group=Ref("DatabaseGroup"),
    )
    elsewhere = EgressRule(key="Out2", group=Ref("Other"), protocol="-1", cidr="0.0.0.0/0")
    way_in = IngressRule(
        key="In",
        group=Ref("DatabaseGroup"),
        protocol="tcp",
        from_port=5432,
        to_port=5432,
        source_group=Ref("AppGroup"),
    )
    closed = client(egress=(NOWHERE,))
    assert say(faults, plan_of(DB, group(), closed, way_out, elsewhere, way_in)) == []
    assert [each.subject for each in say(faults, plan_of(DB, group(), closed, elsewhere, way_in))] == ["AppGroup"]
    assert [each.subject for each in say(faults, plan_of(DB, group(), closed, way_out))] == ["Database"]
    assert [each.subject for each in say(faults, plan_of(DB, group(), client(), way_out))] == ["Database"]


@pytest.mark.parametrize(("key", "count"), [("Bastion", 1), ("JumpBastionHost", 1), ("Worker", 0)])
def test_a_bastion_is_a_client(key: str, count: int, say: Say) -> None:
    host = Instance(key=key, image="ami-1", security_groups=(Ref("AppGroup"),))
    assert len(say(faults, plan_of(DB, group(), client(), host))) == count
    assert say(faults, plan_of(DB, group(ingress=(FROM_APP,)), client(), host)) == []


@pytest.mark.parametrize(
    "db",
    [
        database(),
        database(security_groups=(Ref("DatabaseGroup"), "sg-outside")),
        database(security_groups=(Ref("DatabaseGroup"),), port=Param("Port")),
        database(security_groups=(Ref("DatabaseGroup"),), engine="oracle-ee"),
    ],
)
def test_databases_that_cannot_be_seen(db: Resource, say: Say) -> None:
    assert say(faults, plan_of(db, group(), TO_DB)) == []


def test_a_port_of_its_own(say: Say) -> None:
    db = database(security_groups=(Ref("DatabaseGroup"),), port=6000)
    closed = client(egress=(tcp(6000, group=Ref("DatabaseGroup")),))
    (finding,) = say(faults, plan_of(db, group(ingress=(FROM_APP,)), closed))
    assert "DatabaseGroup does not admit AppGroup to port 6000" in finding.detail
    assert "TCP 6000 from AppGroup" in finding.hint


def test_of_several_groups_the_first_is_named(say: Say) -> None:
    db = database(security_groups=(Ref("DatabaseGroup"), Ref("Second")))
    (shut,) = say(faults, plan_of(db, group(), group(key="Second"), TO_DB))
    assert "DatabaseGroup or Second does not admit AppGroup to port 5432" in shut.detail
    assert shut.hint == "add an ingress rule to DatabaseGroup: TCP 5432 from AppGroup"
    (closed,) = say(faults, plan_of(db, group(ingress=(FROM_APP,)), group(key="Second"), client(egress=(NOWHERE,))))
    assert closed.detail.startswith("AppGroup is admitted by DatabaseGroup, but nothing lets AppGroup out")
    assert closed.hint == "add an egress rule to AppGroup: TCP 5432 to DatabaseGroup"
