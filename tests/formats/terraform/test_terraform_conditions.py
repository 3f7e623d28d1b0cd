"""Conditions as locals: formulas there and back, and what Terraform has no words for."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from mainstay.core.errors import InputRefused
from mainstay.formats.terraform import read, render
from mainstay.formats.terraform.conditions import expressible
from mainstay.plan.plan import Output, Parameter, Plan, RegionPlan
from mainstay.plan.policies import InlinePolicy, Policy, Statement
from mainstay.plan.resources import (
    DbInstance,
    GeneratedSecret,
    Role,
    Secret,
    SecretAttachment,
    SecurityGroup,
    Topic,
)
from mainstay.plan.resources.network import RulePeer
from mainstay.plan.values import Attr, If, Json, Param, Ref, SecretField

PROD: Json = {"Fn::Equals": [{"Ref": "Env"}, "prod"]}
HERE: Json = {"Fn::Equals": [{"Fn::Sub": "${Env}-${AWS::Region}"}, "a-b"]}
FORMULAS: list[tuple[Json, str]] = [
    (PROD, 'var.env == "prod"'),
    (HERE, '"${var.env}-${data.aws_region.current.region}" == "a-b"'),
    ({"Fn::Not": [{"Condition": "Other"}]}, "!(local.other)"),
    ({"Condition": "Other"}, "local.other"),
    ({"Fn::And": [PROD, {"Condition": "Other"}]}, '(var.env == "prod" && local.other)'),
    ({"Fn::Or": [PROD, {"Fn::Not": [PROD]}]}, '(var.env == "prod" || !(var.env == "prod"))'),
]
ENV = (Parameter(name="Env"), Parameter(name="Password", is_secret=True))


def planned(conditions: Json, *resources: Any, outputs: tuple[Output, ...] = ()) -> Plan:
    region = RegionPlan(
        region="", stack="s", parameters=ENV, resources=resources, outputs=outputs, extras={"Conditions": conditions}
    )
    return Plan(regions=(region,))


@pytest.mark.parametrize(("node", "text"), FORMULAS, ids=[text for _, text in FORMULAS])
def test_a_formula_is_a_local_and_comes_back(node: Json, text: str) -> None:
    plan = planned({"Other": PROD, "Mine": node})
    files = render(plan)
    assert json.loads(files["main.tf.json"])["locals"]["mine"] == f"${{{text}}}"
    assert read(files) == plan


def test_a_name_that_a_local_cannot_have_is_kept_beside_it() -> None:
    plan = planned({"3AZ&More": PROD, "StackName": PROD}, Topic(key="T", extras={"@Condition": "3AZ&More"}))
    files = render(plan)
    assert json.loads(files["main.tf.json"])["locals"].keys() == {"_3_az_more", "stack_name_x2"}
    assert read(files) == plan


@pytest.mark.parametrize(
    "node",
    [
        {"Fn::Equals": [{"Ref": "Password"}, ""]},
        {"Fn::Equals": [{"Ref": "Nobody"}, ""]},
        {"Fn::Equals": [["a"], ""]},
        {"Fn::Equals": ["a"]},
        {"Condition": "Nobody"},
        {"Fn::Contains": [["a"], "a"]},
        "true",
    ],
)
def test_what_is_no_formula_is_refused_and_so_is_what_hangs_on_it(node: Json) -> None:
    plan = planned({"Mine": node, "Its": {"Fn::Not": [{"Condition": "Mine"}]}, "Other": PROD})
    assert expressible(plan.primary) == {"Other": PROD}
    with pytest.raises(InputRefused) as refused:
        render(plan)
    assert "'conditions': the condition 'Mine': it" in refused.value.detail


def test_a_section_that_is_no_mapping_is_no_condition() -> None:
    assert expressible(planned("x").primary) == {}


@pytest.mark.parametrize("condition", ["Nobody", 5])
def test_a_resource_cannot_hang_on_what_is_not_there(condition: Json) -> None:
    with pytest.raises(InputRefused) as refused:
        render(planned({"Prod": PROD}, Topic(key="T", extras={"@Condition": condition})))
    assert "which the region does not have" in refused.value.detail


POLICY = Policy((Statement(actions=("sns:Publish",), resources=(Attr("Topic", "id"),)),))
HANGING: dict[str, Json] = {"@Condition": "Prod"}


def test_whatever_hangs_on_a_condition_is_counted_with_all_that_is_made_for_it() -> None:
    secret = Secret(key="Login", generate=GeneratedSecret(template="{}", key="password"), extras=HANGING)
    database = DbInstance(
        key="Db",
        instance_class="db.t4g.micro",
        engine="mysql",
        storage=None,
        username=SecretField(Ref("Login"), "username"),
        password=If("Prod", SecretField(Ref("Login"), "password"), None),
        extras=HANGING,
    )
    attached = SecretAttachment(key="Attached", secret=Ref("Login"), target=Ref("Db"), extras=HANGING)
    role = Role(
        key="Role",
        trust=Policy((Statement(actions=("sts:AssumeRole",)),)),
        policies=(InlinePolicy("One", POLICY),),
        depends_on=(Ref("Db"),),
        extras=HANGING,
    )
    topic = Topic(key="Topic", name="a ${aws_sns_topic.topic.id} b", extras=HANGING)
    told = Output(name="Address", value=Attr("Db", "endpoint_address"), extras={"Condition": "Prod"})
    plan = planned({"Prod": PROD}, secret, attached, role, database, topic, outputs=(told,))
    plan = Plan(regions=(_without_login(plan.primary),))
    files = render(plan)
    main = json.loads(files["main.tf.json"])
    bodies = [
        body
        for section in ("resource", "data", "ephemeral")
        for members in main[section].values()
        for body in members.values()
    ]
    assert {body.get("count") for body in bodies} == {"${local.prod ? 1 : 0}"}
    assert main["resource"]["aws_iam_role_policy"]["role"]["role"] == "${aws_iam_role.role[0].id}"
    assert main["resource"]["aws_iam_role"]["role"]["depends_on"] == ["aws_db_instance.db"]
    assert main["resource"]["aws_sns_topic"]["topic"]["name"] == "a $${aws_sns_topic.topic.id} b"
    output = json.loads(files["outputs.tf.json"])["output"]["address"]
    assert output["value"] == "${local.prod ? aws_db_instance.db[0].address : null}"
    assert read(files) == plan


def _without_login(region: RegionPlan) -> RegionPlan:
    """The login's name comes from nowhere: no argument but a write-only one takes a secret's field."""
    resources = tuple(
        dataclasses.replace(one, username="shop") if isinstance(one, DbInstance) else one for one in region.resources
    )
    return dataclasses.replace(region, resources=resources)


def test_a_choice_may_be_nothing_in_a_list_and_in_a_single_value() -> None:
    group = SecurityGroup(
        key="Group", description="d", ingress=(RulePeer(protocol="tcp", cidr=If("Prod", Param("Env"), None)),)
    )
    database = DbInstance(
        key="Db", instance_class="db.t4g.micro", security_groups=(If("Prod", Ref("Group"), None), "sg-1")
    )
    plan = planned({"Prod": PROD}, group, database)
    files = render(plan)
    main = json.loads(files["main.tf.json"])["resource"]
    assert main["aws_db_instance"]["db"]["vpc_security_group_ids"] == (
        '${compact([(local.prod ? aws_security_group.group.id : null), "sg-1"])}'
    )
    assert read(files) == plan


@pytest.mark.parametrize(
    "text",
    [
        "${local.nobody ? 1 : 2}",
        "${local.prod ? 1 : 2 : 3}",
        "${local.prod ? max(1) + : 2}",
        '${compact(["a" b])}',
        '${local.prod ? "%{if x}" : 2}',
    ],
)
def test_what_somebody_else_wrote_about_conditions_is_kept(text: str) -> None:
    files = render(planned({"Prod": PROD}, Topic(key="T", name="n")))
    main = json.loads(files["main.tf.json"])
    main["resource"]["aws_sns_topic"]["t"]["name"] = text
    main["locals"] |= {
        "odd": "${max(1, 2)}",
        "number": 5,
        "both": "${(1)}",
        "not": "${!(max(1))}",
        "far": "${local.gone}",
    }
    main["locals"]["many"] = "${(local.prod && max(1))}"
    main["locals"]["sides"] = "${max(1) == [1]}"
    again = read({**files, "main.tf.json": json.dumps(main)})
    topic = again.primary["T"]
    assert isinstance(topic, Topic)
    assert getattr(topic.name, "source", None) == text
    assert again.primary.extras == {"Conditions": {"Prod": PROD}}


def test_a_count_of_somebody_else_s_is_kept() -> None:
    files = render(planned({"Prod": PROD}, Topic(key="T"), Topic(key="U", extras=HANGING)))
    main = json.loads(files["main.tf.json"])
    main["resource"]["aws_sns_topic"]["t"]["count"] = "${var.env}"
    main["resource"]["aws_sns_topic"]["u"]["name"] = "${ aws_sns_topic.t.name }"
    main["resource"]["odd"] = 5
    again = read({**files, "main.tf.json": json.dumps(main)}).primary
    assert again["T"].extras == {"aws_sns_topic.count": "${var.env}"}
    assert again["U"].extras == HANGING
    del main["locals"]
    assert read({**files, "main.tf.json": json.dumps(main)}).primary["U"].extras == {
        "aws_sns_topic.count": "${local.prod ? 1 : 0}"
    }
