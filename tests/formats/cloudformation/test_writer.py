"""Plans as templates: order, bytes, names of files, and what is refused."""

from __future__ import annotations

import json

import pytest

from mainstay.core.errors import InputRefused
from mainstay.core.units import Bytes
from mainstay.formats.cloudformation import read, render, write
from mainstay.formats.cloudformation.tables import database
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Output, Parameter, Plan, RegionPlan
from mainstay.plan.policies import ANYBODY, Condition, Policy, Principal, Statement
from mainstay.plan.resources import DbInstance, Fate, Key, KeyAlias, Opaque, Resource, Topic, Vpc
from mainstay.plan.values import Param, Ref


def refused(*resources: Resource, **rest: object) -> str:
    with pytest.raises(InputRefused) as caught:
        write(RegionPlan(region="", resources=resources, **rest), Intent())  # type: ignore[arg-type]  # whatever a test hands over
    assert caught.value.hint
    return f"{caught.value.summary}: {caught.value.detail}"


def test_members_stand_in_the_order_of_reading() -> None:
    region = RegionPlan(
        region="eu-west-1",
        description="d",
        resources=(Topic(key="B"), Topic(key="A")),
        parameters=(Parameter(name="P"),),
        outputs=(Output(name="O", value="x"),),
        extras={"Hooks": {"H": 1}, "Conditions": {"C": True}, "Mappings": {"M": {}}, "Metadata": {"Z": 1}},
    )
    template = write(region, Intent(name="shop"))
    assert list(template) == [
        "AWSTemplateFormatVersion",
        "Description",
        "Metadata",
        "Parameters",
        "Mappings",
        "Conditions",
        "Resources",
        "Outputs",
        "Hooks",
    ]
    assert json.dumps(template["Resources"]).index('"B"') < json.dumps(template["Resources"]).index('"A"')
    assert list(json.loads(json.dumps(template["Metadata"]))) == ["Mainstay", "Z"]


def test_an_empty_plan_is_a_template_all_the_same() -> None:
    assert render(Plan(regions=(RegionPlan(region=""),))) == {
        "template.json": '{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}\n'
    }


def test_one_file_a_region_and_each_is_read_back() -> None:
    regions = tuple(
        RegionPlan(region=name, stack="shop-dev", resources=(Vpc(key="V", cidr=cidr),))
        for name, cidr in (("eu-west-1", "10.0.0.0/16"), ("eu-central-1", "10.1.0.0/16"))
    )
    files = render(Plan(regions=regions, intent=Intent(name="shop")))
    assert list(files) == ["shop-dev.eu-west-1.template.json", "shop-dev.eu-central-1.template.json"]
    for text, region in zip(files.values(), regions, strict=True):
        assert read(text, file="t") == Plan(regions=(region,), intent=Intent(name="shop"))


def test_two_regions_without_a_name_are_refused() -> None:
    with pytest.raises(InputRefused, match="two templates with one name"):
        render(Plan(regions=(RegionPlan(region=""), RegionPlan(region=""))))


class Strange(Resource):
    """A kind that no table knows."""


def test_what_cloudformation_has_no_form_for_is_refused_by_name() -> None:
    policy = Policy((Statement(principals=(ANYBODY, Principal("AWS", "1"))),))
    test = Condition("Bool", "k", ("true",))
    again = Policy((Statement(conditions=(test, test)),))
    assert "'D': 1 B is not a whole number of GiB" in refused(DbInstance(key="D", storage=Bytes(1)))
    assert "'A': it points at 'Nobody'" in refused(KeyAlias(key="A", name="alias/a", target=Ref("Nobody")))
    assert "'A': it points at 'Nobody'" in refused(Topic(key="A", depends_on=(Ref("Nobody"),)))
    assert "on_replace cannot be 'retain except on create'" in refused(
        Topic(key="A", on_replace=Fate.RETAIN_EXCEPT_ON_CREATE)
    )
    assert "names anybody and somebody" in refused(Key(key="K", policy=policy))
    assert "tests k twice with Bool" in refused(Key(key="K", policy=again))
    assert "'S': a Strange has no form: no table knows it" in refused(Strange(key="S"))
    assert "AWS::SNS::Topic is a type with a table" in refused(Opaque(key="O", type="AWS::SNS::Topic"))
    assert "'TopicName' is set twice" in refused(Topic(key="A", name="a", extras={"TopicName": "b"}))
    assert "'Type' is set twice" in refused(Topic(key="A", extras={"@Type": "b"}))
    assert "'Default' is set twice" in refused(parameters=(Parameter(name="P", default="a", extras={"Default": "b"}),))


def test_one_name_has_one_meaning() -> None:
    assert "these names mean two things: A" in refused(Topic(key="A"), parameters=(Parameter(name="A"),))


@pytest.mark.parametrize("extra", [{"A": {}}, 5])
def test_extras_never_replace_what_the_plan_says(extra: object) -> None:
    assert "its extras stand where the plan's own members do" in refused(Topic(key="A"), extras={"Resources": extra})


def test_policies_of_deletion_stand_where_the_plan_has_them() -> None:
    resources = (
        DbInstance(key="D", on_delete=Fate.SNAPSHOT, on_replace=Fate.RETAIN, username=Param("U")),
        DbInstance(key="R", depends_on=(Ref("D"),)),
        DbInstance(key="S", depends_on=(Ref("D"), Ref("R"))),
    )
    written = json.loads(
        json.dumps(write(RegionPlan(region="", resources=resources, parameters=(Parameter(name="U"),)), Intent()))
    )["Resources"]
    assert written["D"] == {
        "Type": "AWS::RDS::DBInstance",
        "DeletionPolicy": "Snapshot",
        "UpdateReplacePolicy": "Retain",
        "Properties": {"MasterUsername": {"Ref": "U"}},
    }
    assert written["R"] == {"Type": "AWS::RDS::DBInstance", "DependsOn": "D"}
    assert written["S"] == {"Type": "AWS::RDS::DBInstance", "DependsOn": ["D", "R"]}


def test_properties_stand_in_the_order_of_the_rows() -> None:
    instance = DbInstance(key="D", tags={"b": "1", "a": "2"}, storage=Bytes.gib(1), engine="postgres")
    written = json.loads(json.dumps(write(RegionPlan(region="", resources=(instance,)), Intent())))
    properties = written["Resources"]["D"]["Properties"]
    order = [row.path for row in database.DB_INSTANCE.rows]
    assert list(properties) == sorted(properties, key=order.index)
    assert properties["Tags"] == [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "1"}]
