"""What one format takes for granted is said for the other; what cannot be read is not carried by half."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from mainstay.formats import terraform
from mainstay.formats.translation import translate
from mainstay.formats.translation.computed import is_told
from mainstay.formats.translation.granted import unreadable, with_what_is_granted
from mainstay.plan.plan import Output, Plan, RegionPlan
from mainstay.plan.policies import Policy
from mainstay.plan.resources import (
    DbInstance,
    DbProxyTargetGroup,
    EventRule,
    Fate,
    FlowLog,
    HostedZone,
    Key,
    LogGroup,
    Resource,
    Role,
    Secret,
    SecretAttachment,
    Topic,
    Vpc,
    ZoneNetwork,
)
from mainstay.plan.values import Attr, Json, Pseudo, Ref, SecretField, Unknown, join

NOTHING = Unknown("not written")
UNREAD = {"aws_iam_role.assume_role_policy": "${unknown}"}
ELSEWHERE = Unknown("an expression that only Terraform can evaluate", "${unknown}")


def planned(*resources: Resource) -> Plan:
    return Plan(regions=(RegionPlan(region="", resources=resources),))


def test_cloudformation_is_told_what_terraform_has_no_argument_for() -> None:
    group = DbProxyTargetGroup(key="G", proxy="p", name=NOTHING)
    assert with_what_is_granted(group) == dataclasses.replace(group, name="default")
    log = FlowLog(key="L", vpc="vpc-1", resource_type=NOTHING)
    assert with_what_is_granted(log) == dataclasses.replace(log, resource_type="VPC")
    logs = LogGroup(key="L", extras={"aws_cloudwatch_log_group.skip_destroy": True, "a": 1})
    assert with_what_is_granted(logs) == LogGroup(
        key="L", on_delete=Fate.RETAIN, on_replace=Fate.RETAIN, extras={"a": 1}
    )


def test_a_network_of_a_zone_is_in_the_region_that_the_provider_fills_in() -> None:
    here, there = ZoneNetwork(vpc="vpc-1", region=NOTHING), ZoneNetwork(vpc="vpc-2", region="eu-west-1")
    zone = with_what_is_granted(HostedZone(key="Z", name="shop.internal", networks=(here, there)))
    assert zone == HostedZone(
        key="Z", name="shop.internal", networks=(dataclasses.replace(here, region=Pseudo("region")), there)
    )


def test_what_must_not_be_lost_is_kept_where_terraform_does_not_show_it() -> None:
    key = Key(key="K", policy=Policy(()), address="aws_kms_key.k")
    kept = with_what_is_granted(key)
    assert (kept.on_delete, kept.on_replace) == (Fate.RETAIN, Fate.RETAIN)
    said = dataclasses.replace(key, on_delete=Fate.DELETE)
    assert with_what_is_granted(said) is said
    ours = dataclasses.replace(key, address="")
    assert with_what_is_granted(ours) is ours


@pytest.mark.parametrize(
    ("resource", "field"),
    [
        (Role(key="R", trust=Policy(()), extras=UNREAD), "trust"),
        (Role(key="R", trust=Policy(()), extras={"AssumeRolePolicyDocument.Statement": 1}), "trust"),
        (Role(key="R", trust=Policy(())), None),
        (Vpc(key="V", cidr=NOTHING, extras={"Ipv4IpamPoolId": "x"}), None),
        (SecretAttachment(key="A", secret=Ref("S"), target=NOTHING), "target"),
        (SecretAttachment(key="A", secret=NOTHING, target=Ref("D")), "target"),
        (SecretAttachment(key="A", secret=Ref("S"), target=Ref("D")), None),
        (EventRule(key="E", extras={"aws_cloudwatch_event_rule.event_pattern": "${unknown}"}), "pattern"),
        (EventRule(key="E"), None),
    ],
)
def test_a_resource_is_not_carried_without_what_it_cannot_be_without(resource: Any, field: str | None) -> None:
    assert unreadable(resource) == field
    found = translate(planned(resource), "cloudformation")
    assert (found.plan.primary.resources == ()) == (field is not None)


def test_what_aws_tells_by_itself_is_no_loss() -> None:
    assert is_told("aws_vpc.id")
    assert is_told("aws_internet_gateway.owner_id")
    assert not is_told("aws_vpc.ipv6_netmask_length")
    assert not is_told("Arn")
    extras: dict[str, Json] = {"aws_vpc.arn": "${unknown}", "aws_vpc.ipv6_netmask_length": 56}
    found = translate(planned(Vpc(key="V", cidr="10.0.0.0/16", extras=extras)), "cloudformation")
    assert [one.path for one in found.losses] == ["aws_vpc.ipv6_netmask_length"]


def test_values_that_are_only_unknown_are_asked_for_one_by_one() -> None:
    found = translate(planned(Topic(key="T", name=ELSEWHERE), Topic(key="U", name=ELSEWHERE)), "cloudformation")
    assert [one.name for one in found.plan.primary.parameters] == ["TName", "UName"]
    same = Unknown("a function", {"Fn::Transform": {}})
    shared = translate(planned(Topic(key="T", name=same), Topic(key="U", name=same)), "terraform")
    assert [one.name for one in shared.plan.primary.parameters] == ["TName"]
    assert [one.hint for one in shared.losses] == ["give it as the variable TName"] * 2


def test_a_login_s_name_that_is_read_from_a_secret_is_asked_for() -> None:
    named = DbInstance(key="Db", instance_class="db.t4g.micro", username=SecretField(Ref("Login"), "username"))
    found = translate(planned(Secret(key="Login"), named), "terraform")
    assert [(one.what, one.place, one.hint) for one in found.losses] == [
        ("value", "Db.username", "give it as the variable DbUsername")
    ]
    assert '"username": "${var.db_username}"' in terraform.render(found.plan)["main.tf.json"]
    back = translate(planned(Secret(key="Login"), named), "cloudformation")
    assert back.losses == ()


def test_nobody_is_asked_for_the_name_of_an_export() -> None:
    told = Output(name="Out", value="v", export=join(Pseudo("stack_name"), "-out"))
    region = RegionPlan(region="", outputs=(told, Output(name="Plain", value="v", export="plain")))
    found = translate(Plan(regions=(region,)), "terraform")
    assert [(one.what, one.place) for one in found.losses] == [("export", "Out"), ("export", "Plain")]
    assert [one.export for one in found.plan.primary.outputs] == [None, "plain"]
    assert found.plan.primary.parameters == ()


def test_an_attribute_that_the_other_does_not_tell_is_asked_for() -> None:
    net = Vpc(key="Net", cidr="10.0.0.0/16")
    found = translate(planned(net, Topic(key="T", name=Attr("Net", "DefaultNetworkAcl"))), "terraform")
    (lost,) = found.losses
    assert (lost.place, lost.reason) == ("T.name", "Terraform does not tell DefaultNetworkAcl of a Vpc")
