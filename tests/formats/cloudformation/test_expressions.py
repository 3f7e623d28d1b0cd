"""Expressions: each shape is written in one form that people can read."""

from __future__ import annotations

import pytest

from mainstay.formats.cloudformation.expressions import render
from mainstay.formats.cloudformation.scope import Scope
from mainstay.formats.cloudformation.tables import TABLES
from mainstay.formats.codec import CannotExpress
from mainstay.plan.resources import DbInstance, Secret
from mainstay.plan.values import REGION, Attr, If, Import, Join, Json, Param, Part, Ref, SecretField, Unknown, Zone

SCOPE = Scope(tables={"Db": TABLES[DbInstance], "Credentials": TABLES[Secret], "Thing": None})
ENV = Param("Env")
PASSWORD = SecretField(Ref("Credentials"), "password")


@pytest.mark.parametrize(
    ("value", "node"),
    [
        ("a", "a"),
        (ENV, {"Ref": "Env"}),
        (REGION, {"Ref": "AWS::Region"}),
        (Attr("Db", "id"), {"Ref": "Db"}),
        (Attr("Db", "endpoint_port"), {"Fn::GetAtt": ["Db", "Endpoint.Port"]}),
        (Attr("Thing", "Outputs.Url"), {"Fn::GetAtt": ["Thing", "Outputs.Url"]}),
        (Zone(1), {"Fn::Select": [1, {"Fn::GetAZs": ""}]}),
        (Import("vpc"), {"Fn::ImportValue": "vpc"}),
        (
            Part(Attr("Db", "arn"), ":", 6),
            {"Fn::Select": [6, {"Fn::Split": [":", {"Fn::GetAtt": ["Db", "DBInstanceArn"]}]}]},
        ),
        (Unknown("r", {"Fn::Length": []}), {"Fn::Length": []}),
        (Unknown("r"), {"Ref": "AWS::NoValue"}),
        (PASSWORD, {"Fn::Sub": "{{resolve:secretsmanager:${Credentials}:SecretString:password}}"}),
        (If("C", "a", None), {"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]}),
        (Join(("a-", ENV, "-", REGION)), {"Fn::Sub": "a-${Env}-${AWS::Region}"}),
        (Join((Attr("Db", "id"), Attr("Db", "arn"))), {"Fn::Sub": "${Db}${Db.DBInstanceArn}"}),
        (Join(("${HOME} ", ENV)), {"Fn::Sub": "${!HOME} ${Env}"}),
        (Join(("${a:-b} ${c} ", ENV)), {"Fn::Sub": "${!a:-b} ${!c} ${Env}"}),
        # What Fn::Sub would misread goes through Fn::Join.
        (Join(("${!HOME} ", ENV)), {"Fn::Join": ["", ["${!HOME} ", {"Ref": "Env"}]]}),
        (Join(("${ ${a} ", ENV)), {"Fn::Join": ["", ["${ ${a} ", {"Ref": "Env"}]]}),
        (Join(("cost in $", ENV)), {"Fn::Join": ["", ["cost in $", {"Ref": "Env"}]]}),
        (Join(("z-", Zone(0))), {"Fn::Join": ["", ["z-", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}]]}),
    ],
)
def test_a_shape_has_one_form(value: object, node: Json) -> None:
    assert render(value, SCOPE) == node


def test_a_value_that_is_no_json_is_refused() -> None:
    with pytest.raises(CannotExpress, match="has no form"):
        render(Ref("Db"), SCOPE)
