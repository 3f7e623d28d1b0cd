"""Parameters as variables: what a template would refuse, the module refuses too; secrets are never stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mainstay.core.errors import InputRefused
from mainstay.formats.terraform import read, render
from mainstay.plan.plan import Parameter, Plan, RegionPlan
from mainstay.plan.resources import DbInstance, Instance, SubnetGroup, Topic
from mainstay.plan.values import If, Json, Param, join


def planned(*parameters: Parameter, **fields: Any) -> Plan:
    resources = tuple(fields.pop("resources", ()))
    return Plan(regions=(RegionPlan(region="eu-west-1", parameters=parameters, resources=resources, **fields),))


def variable(parameter: Parameter, name: str = "word") -> dict[str, Any]:
    plan = planned(parameter)
    files = render(plan)
    assert read(files) == plan
    found: dict[str, Any] = json.loads(files["variables.tf.json"])["variable"][name]
    return found


@pytest.mark.parametrize(
    ("fields", "condition", "told"),
    [
        ({"extras": {"MinLength": 8}}, "${length(var.word) >= 8}", "word has to keep to MinLength 8."),
        ({"extras": {"MaxLength": 41}}, "${length(var.word) <= 41}", "word has to keep to MaxLength 41."),
        ({"extras": {"MinValue": -5}}, "${tonumber(var.word) >= -5}", "word has to keep to MinValue -5."),
        ({"extras": {"MaxValue": 0.5}}, "${tonumber(var.word) <= 0.5}", "word has to keep to MaxValue 0.5."),
        ({"allowed": ("a", "b")}, '${contains(["a", "b"], var.word)}', "word has to be one of: a, b."),
        ({"pattern": "[a-z]+"}, '${can(regex("^(?:[a-z]+)$", var.word))}', "word has to match [a-z]+."),
        ({"pattern": r"a\\+b\+"}, '${can(regex("^(?:a\\\\\\\\+b\\\\+)$", var.word))}', r"word has to match a\\+b\+."),
        (
            {"type": "CommaDelimitedList", "allowed": ("a", "b")},
            '${alltrue([for one in var.word : contains(["a", "b"], one)])}',
            "word has to be one of: a, b.",
        ),
        (
            {"type": "List<Number>", "extras": {"MinValue": 1}},
            "${alltrue([for one in var.word : tonumber(one) >= 1])}",
            "word has to keep to MinValue 1.",
        ),
    ],
)
def test_a_bound_is_a_validation(fields: dict[str, Any], condition: str, told: str) -> None:
    (check,) = variable(Parameter(name="Word", **fields))["validation"]
    assert check == {"condition": condition, "error_message": told}


def test_a_template_s_own_explanation_is_what_people_read() -> None:
    bounds: dict[str, Json] = {"MinLength": 1, "MaxLength": 9, "ConstraintDescription": "must be ${short}"}
    checks = variable(Parameter(name="Word", extras=bounds))["validation"]
    assert [check["error_message"] for check in checks] == ["must be $${short}"] * 2


@pytest.mark.parametrize(
    "pattern", ["(?=a)b", "(?!a)b", "(?<=a)b", "(?<!a)b", "(?>a)b", r"(a)\1", "a*+", "a++", "a{2}+"]
)
def test_a_pattern_of_java_s_is_refused(pattern: str) -> None:
    with pytest.raises(InputRefused, match="Terraform cannot express this") as caught:
        render(planned(Parameter(name="Word", pattern=pattern)))
    assert "only Java's" in caught.value.detail


def test_a_bound_that_is_no_number_is_refused() -> None:
    with pytest.raises(InputRefused) as caught:
        render(planned(Parameter(name="Word", extras={"MinLength": "short"})))
    assert 'MinLength of a parameter is "short"' in caught.value.detail


def test_a_bound_written_as_text_is_a_number() -> None:
    (word,) = read(render(planned(Parameter(name="Word", extras={"MinLength": "8"})))).primary.parameters
    assert word.extras == {"MinLength": 8}


def test_a_name_that_terraform_keeps_for_itself_is_another() -> None:
    assert variable(Parameter(name="Version"), "version_x2")["//"] == {"key": "Version"}
    plan = planned(Parameter(name="DbName"), Parameter(name="DBName"), resources=[Topic(key="T", name=Param("DBName"))])
    files = render(plan)
    assert read(files) == plan
    assert json.loads(files["main.tf.json"])["resource"]["aws_sns_topic"]["t"]["name"] == "${var.db_name}"
    assert " -var db_name=" in files["README.md"]
    assert " -var db_name_x2=" in files["README.md"]


SECRET = Parameter(name="Password", is_secret=True)
CONDITIONS: dict[str, Json] = {"Conditions": {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "a"]}}}


def test_a_secret_is_ephemeral_and_goes_into_write_only_arguments() -> None:
    plan = planned(SECRET, resources=[DbInstance(key="Db", instance_class="db.t4g.micro", password=Param("Password"))])
    files = render(plan)
    assert read(files) == plan
    asked = json.loads(files["variables.tf.json"])["variable"]["password"]
    assert asked == {"type": "string", "sensitive": True, "ephemeral": True}
    assert json.loads(files["main.tf.json"])["resource"]["aws_db_instance"]["db"]["password_wo"] == "${var.password}"


@pytest.mark.parametrize("name", [Param("Password"), If("C", None, Param("Password"))])
def test_a_login_s_name_may_be_sensitive_but_is_stored(name: Any) -> None:
    database = DbInstance(key="Db", instance_class="db.t4g.micro", username=name)
    plan = planned(SECRET, resources=[database], extras=CONDITIONS)
    files = render(plan)
    assert read(files) == plan
    assert json.loads(files["variables.tf.json"])["variable"]["password"] == {"type": "string", "sensitive": True}


@pytest.mark.parametrize("value", [Param("Password"), join("a", Param("Password"))])
def test_a_secret_anywhere_else_is_refused(value: Any) -> None:
    with pytest.raises(InputRefused) as caught:
        render(planned(SECRET, resources=[Topic(key="T", name=value)]))
    assert "would be stored in the state" in caught.value.detail


def test_a_parameter_of_systems_manager_is_looked_up() -> None:
    image = Parameter(name="Image", type="AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", default="/aws/ami")
    several = Parameter(name="Nets", type="AWS::SSM::Parameter::Value<List<String>>")
    host = Instance(key="Host", image=Param("Image"), instance_type="t4g.nano", subnet="subnet-1")
    group = SubnetGroup(key="Group", description="d", subnets=(Param("Nets"),))
    plan = planned(image, several, resources=[group, host])
    files = render(plan)
    main = json.loads(files["main.tf.json"])
    assert main["data"]["aws_ssm_parameter"] == {"image": {"name": "${var.image}"}, "nets": {"name": "${var.nets}"}}
    assert main["resource"]["aws_instance"]["host"]["ami"] == "${data.aws_ssm_parameter.image.insecure_value}"
    assert read(files).primary["Group"] == group
    assert read(files).primary["Host"] == host
