"""Templates as plans: what stands where, what parameters settle, what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from mainstay.core.errors import InputRefused
from mainstay.core.findings import Origin
from mainstay.core.units import Bytes
from mainstay.formats.cloudformation import read, render
from mainstay.plan.plan import Output, Parameter, RegionPlan
from mainstay.plan.resources import DbInstance, Fate, Opaque, Vpc
from mainstay.plan.values import Attr, If, Json, Param, Ref, Unknown

TEMPLATE = """\
AWSTemplateFormatVersion: '2010-09-09'
Description: a shop
Transform: AWS::LanguageExtensions
Metadata: {Author: me}
Parameters:
  Env: {Type: String, Default: dev, AllowedValues: [dev, prod], MinLength: 3}
  Size: {Type: Number, Default: 20}
  Password: {Type: String, NoEcho: true, Default: x}
  Ids: {Type: 'List<AWS::EC2::Subnet::Id>', Default: 'a, b'}
  Image: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /aws/ami}
  Needed: {Type: String}
Mappings: {ByEnv: {dev: {Class: db.t4g.micro}, prod: {Class: db.m7g.large}}}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  HasPassword: !Not [!Equals [!Ref Password, '']]
Resources:
  Network: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}
  Group:
    Type: AWS::RDS::DBSubnetGroup
    Properties: {DBSubnetGroupDescription: d, SubnetIds: !Ref Ids}
  Db:
    Type: AWS::RDS::DBInstance
    DependsOn: [Network, Spare]
    DeletionPolicy: RetainExceptOnCreate
    UpdateReplacePolicy: Snapshot
    Metadata: {Note: 1}
    Condition: HasPassword
    Properties:
      AllocatedStorage: !Ref Size
      DBInstanceClass: !FindInMap [ByEnv, !Ref Env, Class]
      MasterUserPassword: !Ref Password
      MultiAZ: !If [IsProd, true, false]
      DBSubnetGroupName: !Ref Group
  Spare:
    Type: AWS::RDS::DBInstance
    Condition: IsProd
    Properties: {SourceDBInstanceIdentifier: !Ref Db}
  Box:
    Type: AWS::EC2::Instance
    Properties: {ImageId: !Ref Image, KeyName: !Ref Needed}
  Thing:
    Type: Custom::Thing
    Properties: {ServiceToken: !GetAtt Db.Endpoint.Address}
Outputs:
  Endpoint: {Value: !GetAtt Db.Endpoint.Address, Description: d, Export: {Name: !Sub '${Env}-endpoint'}}
  Replica: {Condition: IsProd, Value: !Ref Spare}
"""


def region(text: str, parameters: Mapping[str, str] | None = None) -> RegionPlan:
    plan = read(text, file="shop.yaml", parameters=parameters)
    (written,) = render(plan).values()
    assert read(written, file="shop.yaml") == plan
    return plan.primary


def database(found: RegionPlan, key: str = "Db") -> DbInstance:
    resource = found[key]
    assert isinstance(resource, DbInstance)
    return resource


def refused(template: Json, parameters: Mapping[str, str] | None = None) -> str:
    with pytest.raises(InputRefused) as caught:
        read(json.dumps(template, indent=1), file="t.json", parameters=parameters)
    assert caught.value.hint
    return f"{caught.value.summary}: {caught.value.detail} {caught.value.hint}"


def test_everything_arrives_somewhere() -> None:
    found = region(TEMPLATE)
    assert found.description == "a shop"
    assert found.extras["Transform"] == "AWS::LanguageExtensions"
    assert found.extras["Metadata"] == {"Author": "me"}
    assert found.extras.keys() == {"Transform", "Metadata", "Mappings", "Conditions"}
    assert found.parameters[0] == Parameter(name="Env", default="dev", allowed=("dev", "prod"), extras={"MinLength": 3})
    assert found.parameters[1].default == "20"
    assert found.parameters[2].is_secret
    db = database(found)
    assert db.origin == Origin("shop.yaml", 21, 3)
    assert db.extras == {"@Metadata": {"Note": 1}, "@Condition": "HasPassword"}
    assert (db.on_delete, db.on_replace) == (Fate.RETAIN_EXCEPT_ON_CREATE, Fate.SNAPSHOT)
    assert db.depends_on == (Ref("Network"), Ref("Spare"))
    thing = found["Thing"]
    assert isinstance(thing, Opaque)
    assert (thing.type, thing.properties) == (
        "Custom::Thing",
        {"ServiceToken": {"Fn::GetAtt": ["Db", "Endpoint.Address"]}},
    )
    assert found.outputs[1] == Output(name="Replica", value=Attr("Spare", "id"), extras={"Condition": "IsProd"})


def test_without_parameters_everything_stays_open() -> None:
    db = database(region(TEMPLATE))
    assert db.storage == Param("Size")
    assert db.is_multi_az == If("IsProd", True, False)
    assert isinstance(db.instance_class, Unknown)


def test_parameters_and_defaults_settle_what_hangs_on_them() -> None:
    found = region(TEMPLATE, {})
    db = database(found)
    assert db.storage == Bytes.gib(20)
    assert db.is_multi_az is False
    assert db.instance_class == "db.t4g.micro"
    assert found["Group"].subnets == ("a", "b")  # type: ignore[attr-defined]  # a SubnetGroup
    assert [one.key for one in found.resources] == ["Network", "Group", "Db", "Box", "Thing"]
    assert db.depends_on == (Ref("Network"),)
    assert [one.name for one in found.outputs] == ["Endpoint"]
    assert found.outputs[0].export == "dev-endpoint"


def test_given_values_come_before_defaults() -> None:
    found = region(TEMPLATE, {"Env": "prod", "Size": "100"})
    assert database(found).is_multi_az is True
    assert database(found).storage == Bytes.gib(100)
    assert database(found, "Spare").source == Ref("Db")


def test_a_secret_decides_conditions_but_never_becomes_a_literal() -> None:
    assert database(region(TEMPLATE, {"Password": "tiger"})).password == Param("Password")
    assert "Db" not in {one.key for one in region(TEMPLATE, {"Password": ""}).resources}


def test_what_only_the_account_knows_stays_open() -> None:
    box = region(TEMPLATE, {})["Box"]
    assert (box.image, box.key_name) == (Param("Image"), Param("Needed"))  # type: ignore[attr-defined]  # an Instance


def test_a_parameter_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputRefused) as caught:
        read(TEMPLATE, file="t", parameters={"Enf": "prod"})
    assert caught.value.hint == "did you mean 'Env'?"
    with pytest.raises(InputRefused) as caught:
        read(TEMPLATE, file="t", parameters={"Zzzzzzzz": "prod"})
    assert caught.value.hint == "leave it out"


def test_loops_of_the_language_extensions_are_kept() -> None:
    template: dict[str, Json] = {
        "Resources": {"Fn::ForEach::Topics": ["X", ["a"], {}], "A": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Fn::ForEach::Out": []},
    }
    found = region(json.dumps(template))
    assert found.extras == {
        "Resources": {"Fn::ForEach::Topics": ["X", ["a"], {}]},
        "Outputs": {"Fn::ForEach::Out": []},
    }
    assert [one.key for one in found.resources] == ["A"]


@pytest.mark.parametrize(
    ("members", "extras", "depends_on"),
    [
        ({"DependsOn": "Nobody"}, {"@DependsOn": "Nobody"}, ()),
        ({"DependsOn": ["A", 5]}, {"@DependsOn": ["A", 5]}, ()),
        ({"DependsOn": "A"}, {}, (Ref("A"),)),
        ({"DependsOn": []}, {}, ()),
        ({"DeletionPolicy": {"Ref": "X"}}, {"@DeletionPolicy": {"Ref": "X"}}, ()),
        ({"UpdateReplacePolicy": "RetainExceptOnCreate"}, {"@UpdateReplacePolicy": "RetainExceptOnCreate"}, ()),
        ({"CreationPolicy": None}, {"@CreationPolicy": None}, ()),
    ],
)
def test_what_stands_beside_the_properties(members: Any, extras: Any, depends_on: Any) -> None:
    resources = {"A": {"Type": "AWS::SNS::Topic"}, "B": {"Type": "AWS::SNS::Topic", **members}}
    found = region(json.dumps({"Resources": resources}))["B"]
    assert (found.extras, found.depends_on) == (extras, depends_on)


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ({"Resources": None}, "'Resources' is not a mapping of names"),
        ({"Resources": {"A": 5}}, "t.json:3: 'A' in 'Resources' is not a mapping"),
        ({"Resources": {"A": {}}}, "t.json:3: 'A' has no 'Type'"),
        ({"Resources": {"A": {"Type": 5}}}, "t.json:3: 'A' has no 'Type'"),
        ({"Resources": {"A": {"Type": "t", "Properties": []}}}, "the 'Properties' of 'A' are not a mapping"),
        ({"Resources": {"A-b": {"Type": "t"}}}, "'A-b' is no logical id"),
        ({"Resources": {}, "AWSTemplateFormatVersion": "2020-01-01"}, "its version is '2020-01-01'"),
        ({"Resources": {}, "Description": 5}, "its 'Description' is not a text"),
        ({"Resources": {}, "Metadata": 5}, "its 'Metadata' is not a mapping"),
        ({"Resources": {}, "Parameters": []}, "'Parameters' is not a mapping of names"),
        ({"Resources": {}, "Parameters": {"A": {}}}, "the parameter 'A' has no 'Type'"),
        ({"Resources": {}, "Outputs": {"A": 5}}, "'A' in 'Outputs' is not a mapping"),
    ],
)
def test_wrong_shapes_are_refused_with_their_place(template: Json, says: str) -> None:
    assert says in refused(template)


@pytest.mark.parametrize("section", ["Mappings", "Conditions"])
def test_odd_sections_that_nothing_needs_are_kept(section: str) -> None:
    assert region(json.dumps({"Resources": {}, section: 5}), {}).extras == {section: 5}


def test_an_output_without_a_value_is_unknown() -> None:
    assert region('{"Resources": {}, "Outputs": {"A": {}}}').outputs[0].value == Unknown("not written")


def test_reading_needs_neither_models_nor_clients() -> None:
    code = (
        "import sys; from mainstay.formats.cloudformation import read; read('Resources: {}', file='t');"
        "print([name for name in ('pydantic', 'boto3', 'botocore', 'jinja2', 'typer') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_keys_hold_in_the_order_of_the_file() -> None:
    keys = [f"V{number}" for number in (3, 1, 2)]
    text = json.dumps({"Resources": {key: {"Type": "AWS::EC2::VPC"} for key in keys}})
    assert [one.key for one in region(text).of(Vpc)] == keys


@pytest.mark.parametrize(("length", "known"), [(4_096, True), (4_097, False)])
def test_a_parameter_is_as_long_as_cloudformation_takes_it(length: int, known: bool) -> None:
    text = "Parameters: {P: {Type: String}}\nResources: {T: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref P}}}\n"
    topic: Any = read(text, file="t", parameters={"P": "x" * length}).primary["T"]
    assert topic.name == ("x" * length if known else Param("P"))


@pytest.mark.parametrize(
    ("written", "fate"),
    [
        ("!If [C, Retain, Delete]", Fate.RETAIN),
        ("!FindInMap [M, a, b]", Fate.SNAPSHOT),
        ("!Ref P", Fate.DELETE),
        ("!Ref Nothing", None),
        ("!FindInMap [M, a, c]", None),
        ("5", None),
    ],
)
def test_a_fate_may_be_an_expression(written: str, fate: Fate | None) -> None:
    text = (
        "Transform: AWS::LanguageExtensions\nParameters: {P: {Type: String, Default: Delete}}\n"
        "Conditions: {C: !Equals [!Ref P, Delete]}\nMappings: {M: {a: {b: Snapshot}}}\n"
        f"Resources: {{T: {{Type: AWS::SNS::Topic, DeletionPolicy: {written}, UpdateReplacePolicy: {written}}}}}\n"
    )
    topic = read(text, file="t", parameters={}).primary["T"]
    assert (topic.on_delete, topic.on_replace) == (fate, fate)
    assert ("@DeletionPolicy" in topic.extras) is (fate is None)
