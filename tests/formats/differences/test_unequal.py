"""Each row about what is not equal still makes that difference, shown by the smallest plan that has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

import mainstay.plan.resources as kinds
from mainstay.core.errors import InputRefused
from mainstay.formats import cloudformation, terraform
from mainstay.formats.differences import UNEQUAL, Unequal, as_terraform_returns, permitted
from mainstay.formats.differences.alike import ROOT_DEVICE
from mainstay.plan.plan import Output, OutputOf, Parameter, Plan, RegionPlan
from mainstay.plan.policies import ANYBODY, Condition, Policy, Principal, Statement
from mainstay.plan.resources import Resource
from mainstay.plan.values import Attr, If, Param, Pseudo, Ref, SecretField, Unknown, Value, join

WORDS = Parameter(name="Words", type="CommaDelimitedList")
SECRET = kinds.Secret(key="Secret")
PROXY = kinds.DbProxy(key="Proxy", name="p", engine_family="MYSQL", role="r", subnets=())
GROUP = kinds.SecurityGroup(key="Group", description="d")


def plan(*resources: Resource, outputs: Mapping[str, Value[str]] | None = None, **sections: object) -> Plan:
    told = tuple(Output(name=name, value=value) for name, value in (outputs or {}).items())
    region = RegionPlan(region="", resources=resources, parameters=(WORDS,), outputs=told, extras=sections)  # type: ignore[arg-type]  # the sections of an example are JSON
    return Plan(regions=(region,))


def named(name: Value[str]) -> Plan:
    return plan(SECRET, kinds.Topic(key="Topic", name=name))


def saying(*statements: Statement) -> Plan:
    return plan(kinds.Role(key="Role", trust=Policy(statements)))


def crossing() -> Plan:
    there = RegionPlan(region="b", outputs=(Output(name="Out", value="text"),))
    here = RegionPlan(region="a", parameters=(Parameter(name="In", source=OutputOf("b", "Out")),))
    return Plan(regions=(here, there))


ANYBODY_AND_SOMEBODY = Statement(principals=(ANYBODY, Principal("Service", "rds.amazonaws.com")))
TWICE = Statement(conditions=(Condition("Bool", "k", ("a",)), Condition("Bool", "k", ("b",))))
EXAMPLES: Mapping[str, Plan] = {
    "conditions beyond a formula": plan(Conditions={"IsLarge": {"Fn::Equals": [{"Ref": "Nobody"}, "a"]}}),
    "blocks that hang on a condition": plan(
        kinds.Role(key="Role", trust=Policy(()), managed_policies=(If("C", "a", None),)),
        Conditions={"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "a"]}},
    ),
    "sections": plan(Mappings={"A": {"b": {"c": "d"}}}),
    "nested stacks": plan(kinds.NestedStack(key="Stack", template_url="https://b.s3.amazonaws.com/t")),
    "properties of another tool": plan(kinds.Topic(key="Topic", extras={"ArchivePolicy": {}})),
    "types of another tool": plan(kinds.Opaque(key="Queue", type="AWS::SQS::Queue")),
    "unresolved values": named(Unknown("a function", {"Fn::Transform": {}})),
    "parameters and outputs with more to say": Plan(
        regions=(RegionPlan(region="", parameters=(Parameter(name="P", extras={"Hint": 1}),)),)
    ),
    "the stack's id": named(Pseudo("stack_id")),
    "a secret inside a text": named(join("a", SecretField(Ref("Secret"), "password"))),
    "a secret that is told": plan(SECRET, outputs={"Out": SecretField(Ref("Secret"), "password")}),
    "a dollar before a value": named(join("$", Pseudo("region"))),
    "inline code": plan(kinds.Function(key="Function", role="arn:aws:iam::1:role/r", code_text="pass")),
    "one where there may be several": plan(kinds.InstanceProfile(key="Profile", roles=("a", "b"))),
    "blocks of unknown number": plan(kinds.Role(key="Role", trust=Policy(()), managed_policies=(Param("Words"),))),
    "a secret made in part": plan(kinds.Secret(key="Secret", generate=kinds.GeneratedSecret(template="{}"))),
    "an attachment to something outside": plan(kinds.SecretAttachment(key="Attachment", secret="arn", target="db")),
    "two destinations of a flow log": plan(
        kinds.FlowLog(key="Log", resource_type="VPC", vpc="vpc-1", traffic="ALL", log_group="a", destination="b")
    ),
    "a secret that would be stored": named(SecretField(Ref("Secret"), "password")),
    "a pattern of Java's": Plan(
        regions=(RegionPlan(region="", parameters=(Parameter(name="P", pattern="(?!rds)[a-z]+"),)),)
    ),
    "what the provider cannot do without": plan(kinds.DbInstance(key="Db")),
    "what the provider does not show": plan(PROXY, kinds.Topic(key="Topic", name=Attr("Proxy", "vpc_id"))),
    "an output that is no attribute": crossing(),
    "anybody and somebody": saying(ANYBODY_AND_SOMEBODY),
    "a key tested twice": saying(TWICE),
    "kept except when it is made": plan(kinds.Topic(key="T", on_replace=kinds.Fate.RETAIN_EXCEPT_ON_CREATE)),
    "order": plan(kinds.Topic(key="Topic"), kinds.Vpc(key="Vpc", cidr="10.0.0.0/16")),
    "order of devices": plan(
        kinds.Instance(
            key="Host",
            image="ami-1",
            instance_type="t4g.nano",
            subnet="subnet-1",
            block_devices=(kinds.BlockDevice(device="/dev/xvdb"), kinds.BlockDevice(device=ROOT_DEVICE)),
        )
    ),
    "a security group's id": plan(GROUP, kinds.Topic(key="Topic", name=Attr("Group", "id"))),
    "an address's id": plan(kinds.ElasticIp(key="Address"), kinds.Topic(key="Topic", name=Attr("Address", "id"))),
}
RENDER: Mapping[str, Callable[[Plan], object]] = {
    "CloudFormation": cloudformation.render,
    "Terraform": terraform.render,
}


def test_each_row_has_its_example() -> None:
    assert [row.name for row in UNEQUAL] == list(EXAMPLES)


@pytest.mark.parametrize("row", [row for row in UNEQUAL if row.refuser], ids=lambda row: row.name)
def test_a_refusal_is_still_one_and_this_row_s_alone(row: Unequal) -> None:
    with pytest.raises(InputRefused) as raised:
        RENDER[row.refuser](EXAMPLES[row.name])
    assert permitted(row.refuser, raised.value.detail) == [row]
    (other,) = RENDER.keys() - {row.refuser}
    assert permitted(other, raised.value.detail) == []
    RENDER[other](EXAMPLES[row.name])


@pytest.mark.parametrize("row", [row for row in UNEQUAL if row.alike], ids=lambda row: row.name)
def test_a_change_is_still_made_and_is_this_row_s_alone(row: Unequal) -> None:
    example = EXAMPLES[row.name]
    assert row.alike is not None
    again = terraform.read(terraform.render(example))
    assert again != example
    assert again == row.alike(example) == as_terraform_returns(example)
    assert cloudformation.read_regions(cloudformation.render(example)) == example


def test_every_row_says_all_of_it() -> None:
    for row in UNEQUAL:
        assert all((row.name, row.field or row.kind, row.cloudformation, row.terraform, row.reason, row.source))
        assert bool(row.refuser) == bool(row.refused) != bool(row.alike)
        assert {name.strip() for name in row.kind.split(",")} <= {one.__name__ for one in kinds.KINDS} | {"", "Opaque"}
