"""Intrinsic functions: every equivalent spelling is the same value; what cannot be resolved says why."""

from __future__ import annotations

import time

import pytest

from mainstay.formats.cloudformation.intrinsics import parse
from mainstay.formats.cloudformation.scope import Scope
from mainstay.formats.cloudformation.tables import TABLES
from mainstay.plan.resources import DbInstance, Secret, SecurityGroup
from mainstay.plan.values import (
    ACCOUNT,
    REGION,
    Attr,
    If,
    Import,
    Join,
    Json,
    Param,
    Part,
    Ref,
    SecretField,
    Unknown,
    Zone,
)

SCOPE = Scope(
    tables={
        "Db": TABLES[DbInstance],
        "Credentials": TABLES[Secret],
        "Group": TABLES[SecurityGroup],
        "Thing": None,
    },
    parameters={"Env": "String", "Size": "Number", "Zones": "CommaDelimitedList"},
    mappings={
        "ByEnv": {
            "dev": {
                "Class": "db.t4g.micro",
                "Count": 2,
                "Cidrs": ["10.0.0.0/24", "10.0.1.0/24"],
                "Many": ["a"] * 1_000,
                "Crowd": ["a"] * 1_001,
                "Deep": {"a": "b"},
            }
        }
    },
    given={"Size": "5", "Zones": ["a", "b"], "Long": "x" * 100_000},
    decisions={"Yes": True, "No": False},
)
NO_VALUE: Json = {"Ref": "AWS::NoValue"}
PASSWORD = SecretField(Ref("Credentials"), "password")
SAME: list[tuple[Json, object]] = [
    ("plain", "plain"),
    (5, 5),
    ({"A": 1, "B": 2}, {"A": 1, "B": 2}),
    ({"A": 1}, {"A": 1}),
    ({"Ref": "Env"}, Param("Env")),
    ({"Ref": "Size"}, "5"),
    ({"Ref": "Db"}, Attr("Db", "id")),
    ({"Ref": "AWS::Region"}, REGION),
    (NO_VALUE, None),
    ({"Fn::GetAtt": ["Db", "Endpoint.Address"]}, Attr("Db", "endpoint_address")),
    ({"Fn::GetAtt": "Db.Endpoint.Address"}, Attr("Db", "endpoint_address")),
    ({"Fn::GetAtt": ["Db", "StorageEncrypted"]}, Attr("Db", "StorageEncrypted")),
    ({"Fn::GetAtt": ["Group", "Id"]}, Attr("Group", "id")),
    ({"Fn::GetAtt": ["Thing", "Outputs.Url"]}, Attr("Thing", "Outputs.Url")),
    ({"Fn::Sub": "a-${Env}"}, Join(("a-", Param("Env")))),
    ({"Fn::Sub": ["a-${E}", {"E": {"Ref": "Env"}}]}, Join(("a-", Param("Env")))),
    ({"Fn::Join": ["-", ["a", {"Ref": "Env"}]]}, Join(("a-", Param("Env")))),
    ({"Fn::Join": ["", ["a", {"Fn::Sub": "-${Env}"}]]}, Join(("a-", Param("Env")))),
    ({"Fn::Join": [",", {"Ref": "Zones"}]}, "a,b"),
    ({"Fn::Join": ["", ["a", 1, True, False, 1.5]]}, "a1truefalse1.5"),
    ({"Fn::Join": ["-", []]}, ""),
    ({"Fn::Sub": "${Size}"}, "5"),
    ({"Fn::Sub": "${ Env }"}, Param("Env")),
    ({"Fn::Sub": "${!Env}"}, "${Env}"),
    ({"Fn::Sub": "no variables"}, "no variables"),
    ({"Fn::Sub": "${Db.Endpoint.Port}/${AWS::AccountId}"}, Join((Attr("Db", "endpoint_port"), "/", ACCOUNT))),
    ({"Fn::Select": [1, ["a", {"Ref": "Env"}]]}, Param("Env")),
    ({"Fn::Select": ["0", {"Ref": "Zones"}]}, "a"),
    ({"Fn::Select": [0, {"Fn::Split": ["/", "10.0.0.0/16"]}]}, "10.0.0.0"),
    ({"Fn::Select": [2, {"Fn::GetAZs": ""}]}, Zone(2)),
    (
        {"Fn::Select": [6, {"Fn::Split": [":", {"Fn::GetAtt": ["Db", "DBInstanceArn"]}]}]},
        Part(Attr("Db", "arn"), ":", 6),
    ),
    ({"Fn::Select": ["2", {"Fn::GetAZs": {"Ref": "AWS::Region"}}]}, Zone(2)),
    ({"Fn::Split": [",", "a,b"]}, ["a", "b"]),
    ({"Fn::FindInMap": ["ByEnv", "dev", "Class"]}, "db.t4g.micro"),
    ({"Fn::FindInMap": ["ByEnv", "dev", "Class", {"DefaultValue": "x"}]}, "db.t4g.micro"),
    ({"Fn::FindInMap": ["ByEnv", "qa", "Class", {"DefaultValue": {"Ref": "Size"}}]}, "5"),
    ({"Fn::Length": [1, {"Ref": "Env"}]}, 2),
    ({"Fn::Length": {"Fn::Split": [",", "," * 999]}}, 1_000),
    ({"Fn::Length": {"Fn::FindInMap": ["ByEnv", "dev", "Many"]}}, 1_000),
    ({"Fn::Length": {"Ref": "Zones"}}, 2),
    ({"Fn::ToJsonString": {"a": [1, "é", None]}}, '{"a":[1,"é",null]}'),
    ({"Fn::FindInMap": ["ByEnv", "dev", "Cidrs"]}, ["10.0.0.0/24", "10.0.1.0/24"]),
    ({"Fn::ImportValue": "net-vpc"}, Import("net-vpc")),
    ({"Fn::If": ["Maybe", "a", NO_VALUE]}, If("Maybe", "a", None)),
    ({"Fn::If": ["Yes", "a", "b"]}, "a"),
    ({"Fn::If": ["No", "a", {"Ref": "Env"}]}, Param("Env")),
    ({"Fn::Cidr": ["10.0.0.0/16", 2, 8]}, ["10.0.0.0/24", "10.0.1.0/24"]),
    ({"Fn::Cidr": ["10.0.0.0/16", "1"]}, ["10.0.0.0/24"]),
    ({"Fn::Cidr": ["2001:db8::/56", 2, 64]}, ["2001:db8::/64", "2001:db8:0:1::/64"]),
    ({"Fn::Sub": "{{resolve:secretsmanager:${Credentials}:SecretString:password}}"}, PASSWORD),
    ({"Fn::Sub": "{{resolve:secretsmanager:${Credentials}:SecretString:password::}}"}, PASSWORD),
    ({"Fn::Sub": "{{resolve:secretsmanager:${Credentials}::password}}"}, PASSWORD),
    ({"Fn::Sub": "{{resolve:secretsmanager:${Credentials.Id}:SecretString:password}}"}, PASSWORD),
    (
        {
            "Fn::Join": [
                "",
                ["{{resolve:secretsmanager:", {"Ref": "Credentials"}, ":SecretString:password::}}"],
            ]
        },
        PASSWORD,
    ),
    (
        {"Fn::Sub": "x{{resolve:secretsmanager:${Credentials}:SecretString:password}}-${Env}"},
        Join(("x", PASSWORD, "-", Param("Env"))),
    ),
]
UNRESOLVABLE: list[tuple[Json, str]] = [
    ({"Ref": "Nobody"}, "nothing here is called Nobody"),
    ({"Ref": ["Env"]}, "Ref takes a name"),
    ({"Fn::GetAtt": ["Nobody", "Arn"]}, "Fn::GetAtt takes a resource of this template and an attribute"),
    ({"Fn::GetAtt": "Db"}, "Fn::GetAtt takes a resource of this template and an attribute"),
    ({"Fn::GetAtt": ["Db", {"Ref": "Env"}]}, "Fn::GetAtt takes a resource of this template and an attribute"),
    ({"Fn::Join": [",", {"Fn::GetAZs": ""}]}, "Fn::Join over a list that is not known here"),
    ({"Fn::Join": "a"}, "Fn::Join over a list that is not known here"),
    ({"Fn::Join": ["", [NO_VALUE]]}, "a part of the text is not a text"),
    ({"Fn::Join": ["", [None]]}, "a part of the text is not a text"),
    ({"Fn::Join": ["", [["a"]]]}, "a part of the text is not a text"),
    ({"Fn::Sub": "${Nobody}"}, "nothing here is called Nobody"),
    ({"Fn::Sub": "${}"}, "nothing here is called "),
    ({"Fn::Sub": "${Zones}"}, "a part of the text is not a text"),
    ({"Fn::Sub": ["a", "b"]}, "Fn::Sub takes a text, or a text and its variables"),
    ({"Fn::Sub": "{{resolve:ssm:/${Env}}}"}, "resolved by CloudFormation when it deploys"),
    ({"Fn::Sub": "{{resolve:secretsmanager:${Db}:Other}}"}, "resolved by CloudFormation when it deploys"),
    ("{{resolve:ssm:/a}}", "resolved by CloudFormation when it deploys"),
    ({"Fn::Select": [5, ["a"]]}, "Fn::Select from a list that is not known here"),
    ({"Fn::Select": [0, {"Fn::GetAZs": "us-east-1"}]}, "Fn::Select from a list that is not known here"),
    ({"Fn::Select": [0, {"Ref": "Env"}]}, "Fn::Select from a list that is not known here"),
    ({"Fn::Select": [-1, ["a"]]}, "Fn::Select takes a number from 0"),
    ({"Fn::Select": [True, ["a"]]}, "Fn::Select takes a number from 0"),
    ({"Fn::Select": ["a", ["a"]]}, "Fn::Select takes a number from 0"),
    ({"Fn::Select": ["12345", ["a"]]}, "Fn::Select takes a number from 0"),
    ({"Fn::Select": "a"}, "Fn::Select from a list that is not known here"),
    ({"Fn::Split": [",", {"Ref": "Env"}]}, "Fn::Split of a text that is not known here"),
    ({"Fn::Split": ["", "a"]}, "Fn::Split of a text that is not known here"),
    ({"Fn::FindInMap": ["ByEnv", {"Ref": "AWS::Region"}, "Class"]}, "Fn::FindInMap with a key that is not known here"),
    ({"Fn::FindInMap": ["Nothing", "dev", "Class"]}, "Fn::FindInMap with a key that is not known here"),
    (
        {"Fn::FindInMap": ["ByEnv", {"Ref": "Env"}, "Class", {"DefaultValue": "x"}]},
        "Fn::FindInMap with a key that is not known here",
    ),
    ({"Fn::FindInMap": ["ByEnv", "dev", "Deep"]}, "a mapping, or a list of more than 1,000 items"),
    ({"Fn::FindInMap": ["ByEnv", "dev", "Crowd"]}, "a mapping, or a list of more than 1,000 items"),
    ({"Fn::Split": [",", "," * 1_000]}, "Fn::Split of a text that is not known here"),
    ({"Fn::Length": {"Ref": "Env"}}, "Fn::Length of a list that is not known here"),
    ({"Fn::ToJsonString": "a"}, "Fn::ToJsonString of values that are not known here"),
    ({"Fn::ToJsonString": {"a": {"Ref": "Env"}}}, "Fn::ToJsonString of values that are not known here"),
    ({"Fn::ToJsonString": [{"Fn::Sub": "x"}]}, "Fn::ToJsonString of values that are not known here"),
    ({"Fn::ToJsonString": ["{{resolve:ssm:x}}"]}, "Fn::ToJsonString of values that are not known here"),
    ({"Fn::Join": ["", [{"Ref": "Long"}] * 11]}, "a text of more than 1,000,000 characters"),
    ({"Fn::FindInMap": ["ByEnv", "dev", "Class", {}]}, "Fn::FindInMap takes a map and two keys"),
    ({"Fn::ImportValue": {"Fn::Sub": "${Env}-vpc"}}, "an import whose name is not known here"),
    ({"Fn::If": ["Maybe", "a"]}, "Fn::If takes a condition and two values"),
    ({"Fn::If": ["Maybe", "a", None]}, "Fn::If takes a condition and two values"),
    ({"Fn::Cidr": [{"Ref": "Env"}, 2, 8]}, "Fn::Cidr of a block that is not known here"),
    ({"Fn::Cidr": ["10.0.0.0/16", 257, 8]}, "Fn::Cidr of a block that is not known here"),
    ({"Fn::Cidr": ["10.0.0.0/24", 2, 8]}, "Fn::Cidr of a block that is not known here"),
    ({"Fn::Cidr": ["10.0.0.0/24", 1, 9]}, "Fn::Cidr of a block that is not known here"),
    ({"Fn::Cidr": ["10.0.0.0/24", 1, 0]}, "Fn::Cidr of a block that is not known here"),
    ({"Fn::Cidr": ["10.0.0.0/24", 1, -(10**12)]}, "Fn::Cidr of a block that is not known here"),
    ({"Fn::Cidr": "a"}, "Fn::Cidr of a block that is not known here"),
    ({"Fn::Base64": "a"}, "a function that is known only to CloudFormation"),
    ({"Fn::GetAZs": ""}, "a function that is known only to CloudFormation"),
]


@pytest.mark.parametrize(("node", "value"), SAME)
def test_equivalent_spellings_are_one_value(node: Json, value: object) -> None:
    found = parse(node, SCOPE)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("node", "reason"), UNRESOLVABLE)
def test_what_cannot_be_resolved_says_why_and_keeps_what_was_written(node: Json, reason: str) -> None:
    assert parse(node, SCOPE) == Unknown(reason, node)


def test_variables_in_variables_cannot_explode() -> None:
    node: Json = "x"
    for _ in range(40):
        node = {"Fn::Sub": ["${a}" * 10, {"a": node}]}
    began = time.monotonic()
    assert parse(node, SCOPE) == Unknown("a text of more than 1,000,000 characters", node)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "node",
    [
        {"Fn::Sub": "${" * 500_000},
        {"Fn::Sub": "${!a}" * 200_000},
        {"Fn::Join": ["", ["a"] * 500_000]},
        {"Fn::Join": ["", ["a", {"Ref": "Env"}] * 100_000]},
        {"Fn::Sub": "{{resolve:secretsmanager:" * 40_000},
        {"Fn::Sub": "{{resolve:secretsmanager:${Credentials}:SecretString:a}}" * 10_000},
    ],
    ids=["open", "literals", "pieces", "parts", "dynamic", "secrets"],
)
def test_long_texts_take_time_in_proportion(node: Json) -> None:
    began = time.process_time()
    assert parse(node, SCOPE) is not None
    # Far above what it takes, far below what a square would.
    assert time.process_time() - began < 5


def test_a_null_is_unknown_and_an_expression_stays() -> None:
    assert parse(None, SCOPE) == Unknown("a null, which CloudFormation refuses")
    assert parse(Param("Env"), SCOPE) == Param("Env")
