"""From one format to another: all that both can say is carried, and whatever only one can say is listed."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.formats.plans import Shapes
from tests.formats.test_three_ways import FOREIGN
from tests.measuring import unmeasured

from mainstay.formats import cloudformation, terraform
from mainstay.formats.translation import Loss, translate
from mainstay.plan.passes import build
from mainstay.plan.plan import Output, OutputOf, Parameter, Plan, RegionPlan
from mainstay.plan.resources import KINDS, DbInstance, Fate, Opaque, Resource, SecurityGroup, Topic, Vpc
from mainstay.plan.values import Ref, Unknown
from mainstay.spec import load

ROOT = Path(__file__).parents[3]
CASES = [(path.stem, name) for path in sorted((ROOT / "blueprints").glob("*.yaml")) for name in ("dev", "prod")]
TEMPLATE: dict[str, Any] = {
    "Description": "a shop",
    "Transform": "AWS::LanguageExtensions",
    "Mappings": {"Sizes": {"dev": {"class": "db.t4g.micro"}}},
    "Parameters": {
        "Env": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]},
        "Zone": {"Type": "String"},
        "User": {"Type": "String", "NoEcho": True},
        "Password": {"Type": "String", "NoEcho": True, "Default": "hunter2", "MinLength": 8},
        "Nets": {"Type": "CommaDelimitedList"},
        "Name": {"Type": "String", "AllowedPattern": "(?!rds)[a-z]+", "MaxLength": 9},
    },
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
        "IsHere": {"Fn::Equals": [{"Ref": "Zone"}, "a"]},
        "IsDev": {"Fn::Not": [{"Condition": "IsProd"}]},
        "HasNoPassword": {"Fn::Equals": [{"Ref": "Password"}, ""]},
        "IsSet": {"Fn::Not": [{"Condition": "HasNoPassword"}]},
        "IsOdd": {"Fn::Equals": [{"Fn::Join": [",", {"Ref": "Nets"}]}, ""]},
    },
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "d"}},
        "Database": {
            "Type": "AWS::RDS::DBInstance",
            "DependsOn": ["Queue", "Group"],
            "DeletionPolicy": "Snapshot",
            "Properties": {
                "Engine": {"Fn::GetAtt": ["Queue", "QueueName"]},
                "DBInstanceClass": {"Fn::FindInMap": ["Sizes", "dev", "class"]},
                "MultiAZ": {"Fn::If": ["IsProd", True, False]},
                "AvailabilityZone": {"Fn::If": ["IsHere", "a", "b"]},
                "StorageType": {"Fn::If": ["IsOdd", "gp2", "gp3"]},
                "CACertificateIdentifier": {"Fn::If": ["IsSet", "rds-ca-rsa2048-g1", {"Ref": "AWS::NoValue"}]},
                "DBInstanceIdentifier": {"Fn::Sub": "${AWS::StackName}-db"},
                "MasterUsername": {"Ref": "User"},
                "MasterUserPassword": {"Ref": "Password"},
                "LicenseModel": "general-public-license",
                "VPCSecurityGroups": {"Fn::If": ["IsProd", [{"Ref": "Group"}], {"Ref": "AWS::NoValue"}]},
            },
        },
        "Spare": {"Type": "AWS::SNS::Topic", "Condition": "IsProd"},
        "Told": {"Type": "AWS::SNS::Topic", "Condition": "IsDev"},
        "Maybe": {"Type": "AWS::SNS::Topic", "Condition": "IsHere", "Metadata": {"a": 1}},
        "Secretive": {"Type": "AWS::SNS::Topic", "Condition": "HasNoPassword"},
        "Settled": {"Type": "AWS::SNS::Topic", "Condition": "IsSet"},
        "Unsettled": {"Type": "AWS::SNS::Topic", "Condition": "IsOdd"},
        "Code": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Role": "arn:aws:iam::1:role/r", "Code": {"ZipFile": "pass"}},
        },
        "Child": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "u"}},
    },
    "Outputs": {
        "Address": {"Value": {"Fn::GetAtt": ["Database", "Endpoint.Address"]}, "Export": {"Name": "shop"}},
        "Spare": {"Value": "s", "Condition": "IsProd"},
        "Told": {"Value": "t", "Condition": "IsSet"},
        "Gone": {"Value": "t", "Condition": "HasNoPassword"},
        "Odd": {"Value": "t", "Condition": "IsOdd"},
        "Secret": {"Value": {"Ref": "Password"}},
        "Number": {"Value": {"Fn::GetAtt": ["Child", "Outputs.Number"]}},
        "Part": {"Value": {"Fn::Select": [5, {"Fn::Split": [":", {"Fn::GetAtt": ["Queue", "Arn"]}]}]}},
    },
}


def read(template: dict[str, Any]) -> Plan:
    return cloudformation.read(json.dumps(template), file="shop.json")


def told(losses: tuple[Loss, ...]) -> set[tuple[str, str]]:
    return {(one.what, one.place) for one in losses}


@cache
def to_terraform() -> tuple[Plan, tuple[Loss, ...]]:
    found = translate(read(TEMPLATE), "terraform")
    return found.plan, found.losses


def test_whatever_is_not_carried_is_listed() -> None:
    assert told(to_terraform()[1]) == {
        ("section", "Transform"),
        ("condition", "IsSet"),
        ("condition", "HasNoPassword"),
        ("condition", "Unsettled.Condition"),
        ("secret", "Password.Default"),
        ("parameter", "Name.AllowedPattern"),
        ("resource", "Queue"),
        ("resource", "Secretive"),
        ("resource", "Child"),
        ("property", "Database.LicenseModel"),
        ("property", "Maybe.Metadata"),
        ("property", "Code.code_text"),
        ("value", "Database.engine"),
        ("value", "Database.storage_type"),
        ("value", "Database.identifier"),
        ("value", "Number.value"),
        ("value", "Part.value"),
        ("export", "Address"),
        ("output", "Gone"),
        ("output", "Odd.Condition"),
        ("output", "Secret"),
    }


def test_a_loss_says_where_it_was_and_what_to_do() -> None:
    (lost,) = [one for one in to_terraform()[1] if one.place == "Database.engine"]
    assert (str(lost.origin), lost.reason) == ("shop.json:1", "it points at Queue, which is not carried")
    assert lost.hint == "give it as the variable DatabaseEngine"


def test_a_value_that_cannot_be_said_is_asked_for() -> None:
    plan, _ = to_terraform()
    asked = json.loads(terraform.render(plan)["variables.tf.json"])["variable"]
    assert asked.keys() == {
        *("env", "zone", "user", "password", "name", "nets"),
        *("database_engine", "database_storage_type", "stack_name", "number_value", "part_value"),
    }
    assert asked["password"] == {
        "type": "string",
        "sensitive": True,
        "ephemeral": True,
        "validation": [
            {
                "condition": "${length(var.password) >= 8}",
                "error_message": "password has to keep to MinLength 8.",
            }
        ],
    }
    database = json.loads(terraform.render(plan)["main.tf.json"])["resource"]["aws_db_instance"]["database"]
    assert database["engine"] == "${var.database_engine}"
    assert database["identifier"] == "${var.stack_name}-db"
    assert database["password_wo"] == "${var.password}"
    assert (database["instance_class"], database["ca_cert_identifier"]) == ("db.t4g.micro", "rds-ca-rsa2048-g1")
    assert database["depends_on"] == ["aws_security_group.group"]


def test_conditions_are_locals_and_what_hangs_on_them_has_a_count() -> None:
    plan, _ = to_terraform()
    files = terraform.render(plan)
    main = json.loads(files["main.tf.json"])
    assert main["locals"] == {
        "is_prod": '${var.env == "prod"}',
        "is_here": '${var.zone == "a"}',
        "is_dev": "${!(local.is_prod)}",
    }
    database = main["resource"]["aws_db_instance"]["database"]
    assert (database["multi_az"], database["availability_zone"]) == (
        "${local.is_prod ? true : false}",
        '${local.is_here ? "a" : "b"}',
    )
    assert database["vpc_security_group_ids"] == "${local.is_prod ? [aws_security_group.group.id] : null}"
    topics = main["resource"]["aws_sns_topic"]
    assert {name: body.get("count") for name, body in topics.items()} == {
        "spare": "${local.is_prod ? 1 : 0}",
        "told": "${local.is_dev ? 1 : 0}",
        "maybe": "${local.is_here ? 1 : 0}",
        "settled": None,
        "unsettled": None,
    }
    assert json.loads(files["outputs.tf.json"])["output"]["spare"]["value"] == '${local.is_prod ? "s" : null}'


def test_a_value_that_is_given_is_a_default_and_settles_what_is_not_carried() -> None:
    given = {"Env": "prod", "Password": "", "Nets": "a"}
    found = translate(read(TEMPLATE), "terraform", given=given)
    assert [one.default for one in found.plan.primary.parameters[:2]] == ["prod", None]
    assert "Secretive" in {one.key for one in found.plan.primary.resources}
    assert ("resource", "Settled") in told(found.losses)


def test_no_password_that_is_written_out_is_repeated() -> None:
    plan = Plan(
        regions=(
            RegionPlan(region="", resources=(DbInstance(key="Db", instance_class="db.t4g.micro", password="hunter2"),)),
        )
    )
    found = translate(plan, "terraform")
    assert "hunter2" not in "".join(terraform.render(found.plan).values())
    (lost,) = found.losses
    assert (lost.what, lost.place) == ("secret", "Db.password")
    assert "hunter2" not in str(lost)
    assert found.plan.primary.parameters[0].is_secret


def test_a_password_by_choice_is_the_variable_that_it_was() -> None:
    template = {
        "Parameters": {"Password": {"Type": "String", "NoEcho": True}, "From": {"Type": "String"}},
        "Conditions": {"IsNew": {"Fn::Equals": [{"Ref": "From"}, ""]}},
        "Resources": {
            "Db": {
                "Type": "AWS::RDS::DBInstance",
                "Properties": {
                    "DBInstanceClass": "db.t4g.micro",
                    "MasterUserPassword": {"Fn::If": ["IsNew", {"Ref": "Password"}, {"Ref": "AWS::NoValue"}]},
                },
            }
        },
    }
    found = translate(read(template), "terraform")
    assert found.losses == ()
    main = json.loads(terraform.render(found.plan)["main.tf.json"])
    assert main["resource"]["aws_db_instance"]["db"]["password_wo"] == "${local.is_new ? var.password : null}"


def test_parameters_of_a_region_that_is_elsewhere_are_asked_for() -> None:
    taken = Parameter(name="KeyArn", source=OutputOf("eu-west-1", "Key"))
    plan = Plan(regions=(RegionPlan(region="eu-central-1", parameters=(taken,)),))
    found = translate(plan, "terraform")
    assert [(one.what, one.place) for one in found.losses] == [("parameter", "KeyArn")]
    assert '"key_arn"' in terraform.render(found.plan)["variables.tf.json"]


def test_from_terraform_to_a_template() -> None:
    unknown = Unknown("an expression that only Terraform can evaluate", "${max(1, 2)}")
    resources: tuple[Resource, ...] = (
        Vpc(key="Net", cidr=unknown, extras={"aws_vpc.ipv6_netmask_length": 56}, address="module.a.aws_vpc.net"),
        SecurityGroup(key="Group", description="d", vpc=Ref("Net")),
        Opaque(key="Queue", type="aws_sqs_queue", properties={}),
    )
    plan = Plan(regions=(RegionPlan(region="eu-west-1", resources=resources, outputs=(Output(name="O", value="o"),)),))
    found = translate(plan, "cloudformation")
    assert told(found.losses) == {
        ("property", "module.a.aws_vpc.net.aws_vpc.ipv6_netmask_length"),
        ("value", "module.a.aws_vpc.net.cidr"),
        ("resource", "Queue"),
    }
    (text,) = cloudformation.render(found.plan).values()
    template = json.loads(text)
    assert template["Parameters"]["NetCidr"]["Type"] == "String"
    assert template["Resources"]["Net"]["Properties"] == {"CidrBlock": {"Ref": "NetCidr"}}


def test_what_is_refused_even_so_is_lost_with_its_reason() -> None:
    kept = Topic(key="Topic", on_replace=Fate.RETAIN_EXCEPT_ON_CREATE)
    found = translate(Plan(regions=(RegionPlan(region="", resources=(kept,)),)), "cloudformation")
    assert [(one.what, one.path, one.reason) for one in found.losses] == [
        ("property", "on_replace", "on_replace cannot be 'retain except on create'")
    ]


@pytest.mark.parametrize(("blueprint", "environment"), CASES)
def test_a_blueprint_s_templates_come_back_from_terraform_as_they_were(blueprint: str, environment: str) -> None:
    plan = build(load(ROOT / "blueprints" / f"{blueprint}.yaml", environment=environment))
    templates = cloudformation.render(plan)
    there = translate(cloudformation.read_regions(templates), "terraform")
    assert {one.what for one in there.losses} <= {"export"}
    back = translate(terraform.read(terraform.render(there.plan)), "cloudformation")
    assert back.losses == ()
    assert cloudformation.read_regions(cloudformation.render(back.plan)) == plan


SHAPES = Shapes(
    unknowns=st.just(FOREIGN),
    lists_unknown=st.just(Unknown(FOREIGN.reason, FOREIGN.source, is_list=True)),
    pseudos=("account", "region", "partition", "url_suffix", "stack_name", "stack_id"),
)
QUICK = settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(QUICK)
@given(data=st.data())
def test_any_template_can_be_translated_and_the_second_time_nothing_changes(
    kind: type[Resource], data: st.DataObject
) -> None:
    there = translate(unmeasured(data.draw, SHAPES.plan(kind)), "terraform")
    module = terraform.render(there.plan)
    back = translate(terraform.read(module), "cloudformation")
    assert {one.what for one in back.losses} <= {"property"}, back.losses
    (text,) = cloudformation.render(back.plan).values()
    again = translate(cloudformation.read(text, file="t"), "terraform")
    assert {one.what for one in again.losses} <= {"export"}
    if not back.losses:
        assert terraform.render(again.plan) == module
