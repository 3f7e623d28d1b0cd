"""Who is known to connect: by rules, by name, by what a function is told; each judged by all that it wears."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import database, group, plan_of
from mainstay.checks.network.client_not_admitted import faults
from mainstay.checks.proxy.examples import fronted, peer, pool, proxy
from mainstay.checks.proxy.proxy_cut_off import faults as proxy_faults
from mainstay.core.findings import Finding, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    Function,
    Instance,
    Resource,
    RotationSchedule,
    Secret,
    SecretAttachment,
    Subnet,
    SubnetGroup,
    Vpc,
)
from mainstay.plan.values import Attr, Param, Ref, SecretField

Say = Callable[..., list[Finding]]
DB = database(security_groups=(Ref("DatabaseGroup"),))
APP = group(key="AppGroup", description="the application")
FROM_APP = group(ingress=(peer(group=Ref("AppGroup")),))
NOWHERE = peer(protocol="-1", from_port=None, to_port=None, cidr="127.0.0.1/32")
SECRET = (Secret(key="Login"), SecretAttachment(key="Attached", secret=Ref("Login"), target=Ref("Database")))
ROTATION = RotationSchedule(key="Rotation", secret=Ref("Attached"), function=Ref("Job"), every=Duration.days(30))


def job(**fields: object) -> Function:
    own: dict[str, object] = {"key": "Job", "role": "arn", "subnets": ("subnet-1",)}
    own |= {"security_groups": (Ref("AppGroup"),)}
    return Function(**(own | fields))  # type: ignore[arg-type]  # fields of a function


def told(value: object) -> Function:
    return job(environment={"TARGET": value})


ADDRESS = Attr("Database", "endpoint_address")


@pytest.mark.parametrize(
    ("client", "more", "why"),
    [
        (told(ADDRESS), (), "Job is told the address of Database, but DatabaseGroup does not admit Job to port 5432."),
        (job(), (*SECRET, ROTATION), "Job rotates Login of Database, but DatabaseGroup does not admit Job"),
        (told(Ref("Login")), SECRET, "Job is told of Login of Database, but DatabaseGroup does not admit Job"),
        (told(Attr("Login", "arn")), SECRET, "Job is told of Login of Database"),
        (told(Attr("Attached", "id")), SECRET, "Job is told of Login of Database"),
        (told(SecretField(Ref("Login"), "password")), SECRET, "Job is told of Login of Database"),
        (told("db.example.org"), SECRET, None),
        (told(Attr("Database", "arn")), (), None),
        (job(), (*SECRET[:1], ROTATION), None),  # a secret of something else
        (told(Ref("Login")), SECRET[:1], None),
        (told(Ref("Login")), (SECRET[0], SecretAttachment(key="A", secret=Ref("Login"), target="cluster")), None),
    ],
)
def test_functions_by_what_they_are_told(
    client: Function, more: tuple[Resource, ...], why: str | None, say: Say
) -> None:
    findings = say(faults, plan_of(DB, group(), APP, client, *more))
    assert len(findings) == (why is not None)
    assert all(why in finding.detail for finding in findings if why)
    assert all(finding.hint == "add an ingress rule to DatabaseGroup: TCP 5432 from AppGroup" for finding in findings)
    assert say(faults, plan_of(DB, FROM_APP, APP, client, *more)) == []


def test_the_password_of_an_instance_tells_its_secret(say: Say) -> None:
    db = database(security_groups=(Ref("DatabaseGroup"),), password=SecretField(Ref("Login"), "password"))
    assert len(say(faults, plan_of(db, group(), APP, told(Ref("Login")), Secret(key="Login")))) == 1


def test_its_way_out_counts_as_well(say: Say) -> None:
    closed = group(key="AppGroup", description="the application", egress=(NOWHERE,))
    (finding,) = say(faults, plan_of(DB, FROM_APP, closed, told(ADDRESS)))
    assert (finding.key, finding.detail) == (
        "AppGroup",
        "Job is told the address of Database, but nothing lets Job out to Database on 5432.",
    )
    assert finding.hint == "add an egress rule to AppGroup: TCP 5432 to DatabaseGroup"


def test_another_group_that_it_wears_may_be_the_one_admitted(say: Say) -> None:
    leaving = group(key="OutGroup", description="out", egress=(peer(group=Ref("DatabaseGroup")),))
    host = Instance(key="Host", image="ami-1", security_groups=(Ref("OutGroup"), Ref("AppGroup")))
    assert say(faults, plan_of(DB, FROM_APP, APP, leaving, host)) == []
    # With that group alone it is shut out.
    alone = Instance(key="Host", image="ami-1", security_groups=(Ref("OutGroup"),))
    (finding,) = say(faults, plan_of(DB, FROM_APP, APP, leaving, alone))
    assert finding.detail == "Host may leave for DatabaseGroup, but DatabaseGroup does not admit Host to port 5432."


@pytest.mark.parametrize(
    ("is_public", "more", "severity"),
    [
        (False, (), Severity.WARNING),
        (False, (*SECRET, ROTATION), Severity.ERROR),
        (True, (), None),
        (None, (), None),
    ],
)
def test_a_function_in_no_network(
    is_public: bool | None, more: tuple[Resource, ...], severity: Severity | None, say: Say
) -> None:
    db = database(security_groups=(Ref("DatabaseGroup"),), is_public=is_public)
    outside = job(subnets=(), security_groups=(), environment={"HOST": ADDRESS})
    findings = say(faults, plan_of(db, group(), outside, *more))
    assert [finding.severity for finding in findings] == ([] if severity is None else [severity])
    assert all("Job stands in no VPC, Database in one" in finding.detail for finding in findings)
    # It may read a secret for another reason than to log in.
    reader = job(subnets=(), security_groups=(), environment={"SECRET": Ref("Login")})
    assert say(faults, plan_of(db, group(), reader, *SECRET)) == []


def in_network(*resources: Resource) -> Plan:
    places = (
        Vpc(key="Vpc", cidr="10.0.0.0/16"),
        Subnet(key="Inner", vpc=Ref("Vpc"), cidr="10.0.1.0/24"),
        Subnet(key="Outer", vpc=Ref("Vpc"), cidr="10.0.2.0/24"),
        SubnetGroup(key="Subnets", description="d", subnets=(Ref("Inner"),)),
    )
    return plan_of(*places, *resources)


@pytest.mark.parametrize(
    ("cidr", "count"),
    [("10.0.2.0/24", 0), ("10.0.0.0/16", 0), ("10.0.2.0/25", 0), ("10.0.1.0/24", 1), ("10.9.0.0/16", 1)],
)
def test_addresses_of_the_client(cidr: str, count: int, say: Say) -> None:
    db = database(security_groups=(Ref("DatabaseGroup"),), subnet_group=Ref("Subnets"))
    client = job(subnets=(Ref("Outer"),), environment={"HOST": ADDRESS})
    admitting = group(ingress=(peer(cidr=cidr),), vpc=Ref("Vpc"))
    assert len(say(faults, in_network(db, admitting, APP, client))) == count


def bastion(*groups: str) -> Instance:
    return Instance(key="Bastion", image="ami-1", security_groups=tuple(Ref(one) for one in groups))


def test_a_bastion_is_meant_for_the_databases_that_it_reaches(say: Say) -> None:
    other = database(key="Other", security_groups=(Ref("OtherGroup"),))
    plan = plan_of(DB, FROM_APP, APP, bastion("AppGroup"), other, group(key="OtherGroup"))
    assert say(faults, plan) == []
    shut = plan_of(DB, group(), APP, bastion("AppGroup"), other, group(key="OtherGroup"))
    assert [finding.subject for finding in say(faults, shut)] == ["Database", "Other"]
    unseen = database(key="Other", security_groups=(Ref("OtherGroup"),), port=Param("Port"))
    assert say(faults, plan_of(DB, group(), APP, bastion("AppGroup"), unseen, group(key="OtherGroup"))) == []


def test_a_proxy_is_another_way(say: Say) -> None:
    reader = told(Ref("Login"))
    open_proxy = group(key="ProxyGroup", description="the proxy", ingress=(peer(group=Ref("AppGroup")),))
    shut_proxy = group(key="ProxyGroup", description="the proxy", ingress=(peer(group=Ref("Other")),))
    parts: dict[str, Resource | None] = {
        "App": APP,
        "Job": reader,
        "Login": SECRET[0],
        "Attached": SECRET[1],
        "Other": group(key="Other"),
    }
    assert say(faults, fronted(intent=None, ProxyGroup=open_proxy, **parts)) == []
    (finding,) = say(faults, fronted(intent=None, ProxyGroup=shut_proxy, **parts))
    assert "is told of Login" in finding.detail


def test_clients_of_a_proxy(say: Say) -> None:
    client = told(Attr("Proxy", "endpoint_address"))
    shut = group(key="ProxyGroup", description="the proxy", ingress=(peer(group=Ref("Other")),))
    (finding,) = say(proxy_faults, fronted(ProxyGroup=shut, Other=group(key="Other"), App=APP, Job=client))
    assert (finding.key, finding.detail) == (
        "Proxy",
        "Job is told the address of Proxy, but ProxyGroup does not admit Job to port 5432.",
    )
    assert say(proxy_faults, fronted(App=APP, Job=client)) == []
    naming = group(key="AppGroup", description="the application", egress=(peer(group=Ref("ProxyGroup")),))
    (finding,) = say(proxy_faults, fronted(ProxyGroup=shut, Other=group(key="Other"), App=naming))
    assert finding.detail.startswith("AppGroup may leave for ProxyGroup, but ProxyGroup does not admit AppGroup")
    unseen = proxy(engine_family=Param("Family"))
    assert say(proxy_faults, fronted(Proxy=unseen, ProxyGroup=shut, Other=group(key="Other"), App=naming)) == []


def test_a_proxy_of_mysql_listens_elsewhere(say: Say) -> None:
    front = proxy(engine_family="MYSQL")
    client = told(Attr("Proxy", "endpoint_address"))
    (finding,) = say(proxy_faults, fronted(Proxy=front, App=APP, Job=client))
    assert finding.detail.endswith("ProxyGroup does not admit Job to port 3306.")
    admitting = group(
        key="ProxyGroup", description="p", ingress=(peer(cidr="10.0.0.0/16", from_port=3306, to_port=3306),)
    )
    assert say(proxy_faults, fronted(Proxy=front, ProxyGroup=admitting, App=APP, Job=client)) == []


def test_only_a_proxy_before_this_database_is_another_way(say: Say) -> None:
    parts: dict[str, Resource | None] = {"App": APP, "Login": SECRET[0], "Attached": SECRET[1]}
    other = database(key="Other")
    elsewhere = pool(instances=(Ref("Other"),))
    (finding,) = say(faults, fronted(intent=None, **parts, Job=told(Ref("Login")), Other=other, Pool=elsewhere))
    assert "is told of Login" in finding.detail
    # Who rotates has to come to the database itself.
    (finding,) = say(faults, fronted(intent=None, **parts, Job=job(), Rotation=ROTATION))
    assert "rotates Login" in finding.detail


def test_each_rule_speaks_of_its_own_clients(say: Say) -> None:
    closed = group(key="ProxyGroup", description="the proxy", egress=(NOWHERE,), ingress=(peer(cidr="10.0.0.0/16"),))
    assert say(faults, fronted(ProxyGroup=closed)) == []
    shut = group(key="ProxyGroup", description="the proxy", ingress=(peer(group=Ref("Other")),))
    host = fronted(ProxyGroup=shut, Other=group(key="Other"), App=APP, Bastion=bastion("AppGroup"))
    assert say(proxy_faults, host) == []
    assert [finding.subject for finding in say(faults, host)] == ["Database"]
