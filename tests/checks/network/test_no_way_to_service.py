"""NW003: each link of a way to a service, from both sides; what cannot be seen may be there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.examples import group, plan_of
from mainstay.checks.network.no_way_to_service import faults
from mainstay.core.findings import Finding, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Output, Plan
from mainstay.plan.policies import Condition, InlinePolicy, Policy, Statement
from mainstay.plan.resources import (
    Function,
    GatewayAttachment,
    Instance,
    InstanceProfile,
    InternetGateway,
    NatGateway,
    Opaque,
    Resource,
    Role,
    RotationSchedule,
    Route,
    RouteTable,
    RouteTableAssociation,
    RulePeer,
    Secret,
    SecretAttachment,
    Subnet,
    Vpc,
    VpcEndpoint,
)
from mainstay.plan.values import Attr, Param, Ref, Unknown

Say = Callable[..., list[Finding]]
ALL = "0.0.0.0/0"


def https(**peer: object) -> RulePeer:
    return RulePeer(protocol="tcp", from_port=443, to_port=443, **peer)  # type: ignore[arg-type]  # any peer


def door(service: str, **changes: object) -> VpcEndpoint:
    sound = VpcEndpoint(
        key=f"{service.capitalize()}Door",
        vpc=Ref("Vpc"),
        service=f"com.amazonaws.us-east-1.{service}",
        kind="Interface",
        subnets=(Ref("Private"),),
        groups=(Ref("DoorGroup"),),
        has_private_dns=True,
    )
    return replace(sound, **changes)  # type: ignore[arg-type]  # fields of an endpoint


def job(**fields: object) -> Function:
    own: dict[str, object] = {"key": "Job", "role": Ref("JobRole"), "environment": {"LOGIN": Attr("Login", "id")}}
    own |= {"subnets": (Ref("Private"),), "security_groups": (Ref("JobGroup"),)}
    return Function(**(own | fields))  # type: ignore[arg-type]  # fields of a function


def role(*statements: Statement, key: str = "JobRole", **fields: object) -> Role:
    policies = (InlinePolicy("Own", Policy(statements)),) if statements else ()
    return Role(key=key, trust=Policy(()), policies=policies, **fields)  # type: ignore[arg-type]  # fields of a role


PARTS: dict[str, Resource] = {
    one.key: one
    for one in (
        Vpc(key="Vpc", cidr="10.0.0.0/16", has_dns_support=True, has_dns_hostnames=True),
        Subnet(key="Public", vpc=Ref("Vpc"), cidr="10.0.0.0/24"),
        Subnet(key="Private", vpc=Ref("Vpc"), cidr="10.0.1.0/24"),
        RouteTable(key="Outer", vpc=Ref("Vpc")),
        RouteTable(key="Inner", vpc=Ref("Vpc")),
        RouteTableAssociation(key="PublicTable", subnet=Ref("Public"), route_table=Ref("Outer")),
        RouteTableAssociation(key="PrivateTable", subnet=Ref("Private"), route_table=Ref("Inner")),
        InternetGateway(key="Gateway"),
        GatewayAttachment(key="Attached", vpc=Ref("Vpc"), internet_gateway=Ref("Gateway")),
        Route(key="Out", route_table=Ref("Outer"), destination=ALL, internet_gateway=Ref("Gateway")),
        NatGateway(key="Nat", subnet=Ref("Public")),
        group(key="JobGroup", description="the function", vpc=Ref("Vpc")),
        group(key="DoorGroup", description="the doors", vpc=Ref("Vpc"), ingress=(https(group=Ref("JobGroup")),)),
        role(),
        Secret(key="Login"),
        job(),
    )
}
BY_NAT = Route(key="ByNat", route_table=Ref("Inner"), destination=ALL, nat_gateway=Ref("Nat"))
DOOR = door("secretsmanager", key="Door")


def plan(*more: Resource | None, **parts: Resource | None) -> Plan:
    every = [*(PARTS | parts).values(), *more]
    return plan_of(*(one for one in every if one is not None))


def changed(key: str, **fields: object) -> dict[str, Resource | None]:
    return {key: replace(PARTS[key], **fields)}  # type: ignore[arg-type]  # fields of its kind


@pytest.mark.parametrize(
    ("more", "parts", "words"),
    [
        (
            (),
            {},
            "Inner, the route table of Private, has no route to a NAT gateway; Vpc has no endpoint for secretsman",
        ),
        ((), {"PrivateTable": None}, "Private is associated with no route table, and its VPC's main one leads nowhere"),
        ((BY_NAT,), changed("JobGroup", egress=(https(cidr="10.0.0.0/8"),)), "nothing lets Job out to the internet"),
        ((DOOR,), changed("DoorGroup", ingress=()), "DoorGroup does not admit Job to port 443"),
        ((DOOR,), changed("DoorGroup", ingress=(https(group=Ref("DoorGroup")),)), "DoorGroup does not admit Job"),
        ((DOOR,), changed("DoorGroup", ingress=(https(cidr="10.0.2.0/24"),)), "DoorGroup does not admit Job"),
        ((DOOR,), changed("JobGroup", egress=(https(cidr="10.0.2.0/24"),)), "nothing lets Job out to Door on 443"),
        # Where a door has the service's name, NAT is no way.
        ((DOOR, BY_NAT), changed("DoorGroup", ingress=()), "DoorGroup does not admit Job to port 443"),
        ((replace(DOOR, has_private_dns=False),), {}, "Door does not answer for the service's own name"),
        ((DOOR,), changed("Vpc", has_dns_hostnames=None), "Door need EnableDnsHostnames on Vpc"),
        ((replace(DOOR, vpc=Ref("Other")), Vpc(key="Other", cidr="10.9.0.0/16")), {}, "Door is no door of Vpc"),
        ((), {"Job": job(subnets=(Ref("Public"),))}, "leads to an internet gateway, which takes a public address"),
        ((BY_NAT,), {"Job": job(subnets=(Ref("Private"), Ref("Public")))}, "Public leads to an internet gateway"),
    ],
)
def test_what_keeps_a_function_from_its_secret(
    more: tuple[Resource, ...], parts: dict[str, Resource | None], words: str, say: Say
) -> None:
    (finding,) = say(faults, plan(*more, **parts))
    assert (finding.key, finding.severity) == ("Job", Severity.ERROR)
    assert finding.detail.startswith("Job is told of Login, which it reads; it calls secretsmanager, but ")
    assert words in finding.detail


@pytest.mark.parametrize(
    ("more", "parts"),
    [
        ((BY_NAT,), {}),
        ((DOOR,), {}),
        ((DOOR,), changed("DoorGroup", ingress=(https(cidr="10.0.1.0/24"),))),
        ((DOOR,), changed("DoorGroup", ingress=(https(cidr=Attr("Vpc", "CidrBlock")),))),
        ((DOOR,), changed("DoorGroup", ingress=(https(prefix_list="pl-1"),))),
        ((replace(DOOR, has_private_dns=False), BY_NAT), {}),
        ((replace(DOOR, has_private_dns=None),), {}),
        ((replace(DOOR, service=Unknown("later")),), {}),
        ((), {"Job": job(subnets=(Param("Subnet"),))}),
        ((), {"Job": job(subnets=(), security_groups=())}),
        ((), {"Job": job(environment={"LOGIN": "shop/login"})}),
        ((), {"Vpc": None}),
        ((), changed("Private", vpc="vpc-0a1b2c3d")),
        ((Route(key="ByTransit", route_table=Ref("Inner"), destination="10.0.0.0/8"),), {}),
        ((Opaque(key="More", type="Custom::Door", properties={"Vpc": {"Ref": "Vpc"}}),), {}),
    ],
)
def test_what_is_a_way_or_may_be_one(more: tuple[Resource, ...], parts: dict[str, Resource | None], say: Say) -> None:
    assert say(faults, plan(*more, **parts)) == []


def test_what_to_do(say: Say) -> None:
    (neither,) = say(faults, plan())
    assert neither.hint == (
        "route 0.0.0.0/0 of Private to a NAT gateway in a subnet that has an internet gateway; or "
        "add an interface endpoint for secretsmanager to Vpc, with private DNS"
    )
    two = job(subnets=(Ref("Private"), Ref("Second")))
    (both,) = say(faults, plan(Subnet(key="Second", vpc=Ref("Vpc"), cidr="10.0.2.0/24"), Job=two))
    to_nat = "to a NAT gateway in a subnet that has an internet gateway"
    assert both.hint == (
        f"route 0.0.0.0/0 of Private {to_nat} and route 0.0.0.0/0 of Second {to_nat}; or "
        "add an interface endpoint for secretsmanager to Vpc, with private DNS"
    )
    (shut,) = say(faults, plan(DOOR, **changed("DoorGroup", ingress=())))
    assert shut.hint == "add an ingress rule to DoorGroup: TCP 443 from JobGroup"
    (closed,) = say(faults, plan(DOOR, **changed("JobGroup", egress=(https(cidr="10.0.2.0/24"),))))
    assert closed.hint == "add an egress rule to JobGroup: TCP 443 to DoorGroup"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"subnet": Ref("Private")}, ["Nat stands in Private, from which no route leads to an attached internet"]),
        ({"subnet": Ref("Private"), "extras": {"ConnectivityType": "private"}}, ["Nat is a private NAT gateway"]),
        ({"subnet": "subnet-0a1b2c3d"}, []),
    ],
)
def test_a_nat_gateway_at_a_wrong_place_is_said_once(fields: dict[str, object], said: list[str], say: Say) -> None:
    findings = say(faults, plan(BY_NAT, **changed("Nat", **fields)))
    assert len(findings) == len(said)
    assert all(words in finding.detail for words, finding in zip(said, findings, strict=True))
    # One that is private by intention is the client's fault, any other its own.
    assert [finding.key for finding in findings] == (["Job"] if "extras" in fields else ["Nat"] if said else [])


def test_what_else_is_wrong_is_said_of_the_client_as_well(say: Say) -> None:
    shut = changed("JobGroup", egress=(https(cidr="10.0.0.0/8"),)) | changed("Nat", subnet=Ref("Private"))
    assert [finding.key for finding in say(faults, plan(BY_NAT, **shut))] == ["Nat", "Job"]


def test_a_rotation_needs_secrets_manager(say: Say) -> None:
    attachment = SecretAttachment(key="Held", secret=Ref("Login"), target="shop")
    every = {"key": "Rotation", "function": Ref("Job"), "every": Duration.days(30)}
    known = RotationSchedule(secret=Ref("Held"), **every)  # type: ignore[arg-type]  # fields of a schedule
    (finding,) = say(faults, plan(attachment, known, Job=job(environment={})))
    assert finding.detail.startswith("Job rotates Login; it calls secretsmanager, but ")
    unknown = RotationSchedule(secret="arn", **every)  # type: ignore[arg-type]  # as above
    (finding,) = say(faults, plan(unknown, Job=job(environment={})))
    assert finding.detail.startswith("Job rotates a secret; it calls")
    other = replace(known, function=Ref("Other"))
    assert say(faults, plan(attachment, other, Job=job(environment={}))) == []
    # For several reasons it needs it once.
    assert len(say(faults, plan(attachment, known))) == 1
    told = job(environment={"LOGIN": Attr("Held", "id")})
    assert len(say(faults, plan(attachment, Job=told))) == 1


@pytest.mark.parametrize(
    ("action", "severity"),
    [
        ("backup:PutRestoreValidationResult", Severity.ERROR),
        ("secretsmanager:GetSecretValue", Severity.WARNING),
        ("rds:DescribeDBInstances", Severity.WARNING),
        ("cloudwatch:PutMetricData", Severity.WARNING),
        ("kms:Sign", Severity.WARNING),
        ("kms:Decrypt", None),  # Secrets Manager and others decrypt for it
        ("sns:Publish", None),  # Lambda tells of failures for it
        ("logs:PutLogEvents", None),
        ("secretsmanager:*", None),
        ("rds-db:connect", None),
        (Unknown("later"), None),
    ],
)
def test_what_its_role_allows(action: object, severity: Severity | None, say: Say) -> None:
    statement = Statement(actions=(action,), resources=("*",))  # type: ignore[arg-type]  # whatever a case wants
    findings = say(faults, plan(Job=job(environment={}), JobRole=role(statement)))
    assert [finding.severity for finding in findings] == ([] if severity is None else [severity])
    assert all(f"Job may do {action}; it calls " in finding.detail for finding in findings)
    # Of a role that others wear too, nobody knows who uses what.
    shared = plan(job(key="Other", environment={}, subnets=()), Job=job(environment={}), JobRole=role(statement))
    assert say(faults, shared) == []
    denied = replace(statement, effect="Deny")
    assert say(faults, plan(Job=job(environment={}), JobRole=role(denied))) == []
    via = replace(statement, conditions=(Condition("StringEquals", "kms:ViaService", ("x",)),))
    assert say(faults, plan(Job=job(environment={}), JobRole=role(via))) == []


def policy(**changes: object) -> Opaque:
    statement = {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": "*"} | changes
    properties: dict[str, object] = {"Roles": [{"Ref": "JobRole"}], "PolicyDocument": {"Statement": [statement]}}
    return Opaque(key="Apart", type="AWS::IAM::Policy", properties=properties)  # type: ignore[arg-type]  # JSON


@pytest.mark.parametrize(
    ("apart", "count"),
    [
        (policy(), 1),
        (policy(Action="secretsmanager:GetSecretValue"), 1),
        (policy(Action=[{"Ref": "Action"}]), 0),
        (policy(Action=None), 0),
        (policy(Effect="Deny"), 0),
        (policy(Condition={"StringEquals": {"kms:ViaService": "x"}}), 0),
        (replace(policy(), type="AWS::IAM::ManagedPolicy"), 0),
        (replace(policy(), properties={"Roles": [{"Ref": "JobRole"}], "PolicyDocument": "odd"}), 0),
        (replace(policy(), properties={"Roles": [{"Ref": "JobRole"}], "PolicyDocument": {"Statement": ["odd"]}}), 0),
        (replace(policy(), properties={"Roles": ["odd", {"Ref": 1}], "PolicyDocument": {}}), 0),
        (replace(policy(), properties={"Users": ["x"]}), 0),
    ],
)
def test_a_policy_beside_the_role(apart: Opaque, count: int, say: Say) -> None:
    assert len(say(faults, plan(apart, Job=job(environment={})))) == count


def test_what_is_exported_may_be_finished_elsewhere(say: Say) -> None:
    told = plan()
    exported = Output(name="Vpc", value=Attr("Vpc", "id"), export="shop-vpc")
    (region,) = told.regions
    (finding,) = say(faults, replace(told, regions=(replace(region, outputs=(exported,)),)))
    assert finding.severity is Severity.WARNING
    assert finding.detail.endswith(", unless another stack adds what is missing.")
    alone = replace(exported, export=None)
    (finding,) = say(faults, replace(told, regions=(replace(region, outputs=(alone,)),)))
    assert finding.severity is Severity.ERROR


MANAGED = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
HOST = Instance(
    key="Bastion",
    image="ami-1",
    subnet=Ref("Private"),
    security_groups=(Ref("JobGroup"),),
    profile=Ref("Profile"),
)
WORN = (role(key="HostRole", managed_policies=(MANAGED,)), InstanceProfile(key="Profile", roles=(Ref("HostRole"),)))


def test_a_bastion_without_inbound_needs_session_manager(say: Say) -> None:
    (finding,) = say(faults, plan(HOST, *WORN, Job=None))
    assert finding.detail.startswith(
        "Bastion admits nobody, so that Session Manager is the only way in; it calls ssm and ssmmessages, but Inner,"
    )
    assert finding.detail.endswith("Vpc has no endpoint for ssm and ssmmessages.")
    assert "add an interface endpoint for ssm and ssmmessages to Vpc" in finding.hint
    assert say(faults, plan(HOST, *WORN, door("ssm"), door("ssmmessages"), Job=None)) == []
    first = InstanceProfile(key="Profile", roles=(Ref("HostRole"), "another"))
    assert len(say(faults, plan(HOST, WORN[0], first, Job=None))) == 1
    (half,) = say(faults, plan(HOST, *WORN, door("ssm"), Job=None))
    assert half.detail.endswith("Vpc has no endpoint for ssmmessages.")
    assert say(faults, plan(HOST, *WORN, BY_NAT, Job=None)) == []


def test_services_with_reasons_of_their_own_are_said_apart(say: Say) -> None:
    closed = group(key="Closed", description="a door", vpc=Ref("Vpc"))
    shut = door("ssmmessages", groups=(Ref("Closed"),))
    findings = say(faults, plan(HOST, *WORN, closed, shut, Job=None))
    assert ["ssm," in finding.detail for finding in findings] == [True, False]
    assert "Closed does not admit Bastion to port 443" in findings[1].detail


@pytest.mark.parametrize(
    ("host", "worn"),
    [
        (replace(HOST, profile=None), WORN),
        (replace(HOST, profile="profile"), WORN),
        (HOST, (WORN[0], InstanceProfile(key="Profile", roles=()))),
        (HOST, (role(key="HostRole"), WORN[1])),
        (replace(HOST, security_groups=()), WORN),
        (replace(HOST, security_groups=(Ref("JobGroup"), "sg-0a1b2c3d")), WORN),
        (replace(HOST, security_groups=(Ref("DoorGroup"),)), WORN),  # somebody comes in otherwise
    ],
)
def test_a_host_with_another_way_in_or_an_unknown_one(host: Instance, worn: tuple[Resource, ...], say: Say) -> None:
    assert say(faults, plan(host, *worn, Job=None)) == []


def test_the_role_that_the_cdk_gives_a_bastion(say: Say) -> None:
    statement = Statement(actions=("ssmmessages:*", "ssm:UpdateInstanceInformation"), resources=("*",))
    worn = (role(statement, key="HostRole"), WORN[1])
    assert len(say(faults, plan(HOST, *worn, Job=None))) == 1


def test_with_a_public_address_a_host_needs_neither(say: Say) -> None:
    public = replace(HOST, subnet=Ref("Public"))
    given = changed("Public", maps_public_ip=True) | {"Job": None}
    assert say(faults, plan(public, *WORN, **given)) == []
    assert len(say(faults, plan(public, *WORN, Job=None))) == 1
