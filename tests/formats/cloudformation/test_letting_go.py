"""A template lets go of a database: what refers to it says the same as values, and then it comes in again."""

from __future__ import annotations

from typing import Any

import pytest

from mainstay.core.errors import InputRefused
from mainstay.formats.cloudformation import letting_go

LITERALS = {"Db": {"Ref": "shop", "Endpoint.Address": "shop.example", "Endpoint.Port": "5432"}}
TEMPLATE: dict[str, Any] = {
    "Parameters": {"Size": {"Type": "String"}},
    "Resources": {
        "Log": {"Type": "AWS::Logs::LogGroup", "DependsOn": ["Db", "Topic"]},
        "Db": {"Type": "AWS::RDS::DBInstance", "DependsOn": "Log", "Properties": {"DBInstanceIdentifier": "shop"}},
        "Topic": {"Type": "AWS::SNS::Topic", "DependsOn": "Db", "Properties": {"DisplayName": {"Ref": "Size"}}},
        "Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": {"Ref": "Db"}}],
                "AlarmDescription": {"Fn::Sub": "${Db} at ${Db.Endpoint.Address} in ${AWS::Region}, ${!Db}"},
                "Other": {"Fn::Sub": ["${Db} ${It}", {"It": {"Fn::GetAtt": "Db.Endpoint.Port"}, "Db": "mine"}]},
                "Odd": [{"Fn::Sub": 3}, {"Fn::Sub": ["${Db}", "no map"]}, {"Fn::GetAtt": ["Db"]}, {"Ref": 1}],
            },
        },
        "Strange": "no mapping",
    },
    "Outputs": {"Host": {"Value": {"Fn::GetAtt": ["Db", "Endpoint.Address"]}}},
}


def test_what_refers_to_it_says_the_same_as_values() -> None:
    loose = letting_go.held_loosely(TEMPLATE, LITERALS)
    resources: Any = loose["Resources"]
    said = resources["Alarm"]["Properties"]
    assert said["Dimensions"] == [{"Name": "DBInstanceIdentifier", "Value": "shop"}]
    assert said["AlarmDescription"] == {"Fn::Sub": "shop at shop.example in ${AWS::Region}, ${!Db}"}
    assert said["Other"] == {"Fn::Sub": ["${Db} ${It}", {"It": "5432", "Db": "mine"}]}  # a name of its own stays
    assert said["Odd"] == [{"Fn::Sub": 3}, {"Fn::Sub": ["${Db}", "no map"]}, {"Fn::GetAtt": ["Db"]}, {"Ref": 1}]
    assert loose["Outputs"] == {"Host": {"Value": "shop.example"}}
    assert loose["Parameters"] == TEMPLATE["Parameters"]
    assert resources["Topic"] == {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Size"}}}
    assert resources["Log"]["DependsOn"] == ["Topic"]
    assert resources["Db"] == {
        **TEMPLATE["Resources"]["Db"],
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
    }
    assert letting_go.uses(loose, "Db") == ()


def test_it_leaves_comes_in_again_and_bears_another_name() -> None:
    left = letting_go.without(letting_go.held_loosely(TEMPLATE, LITERALS), LITERALS)
    assert list(letting_go.resources_in(left)) == ["Log", "Topic", "Alarm"]
    last = letting_go.renamed(TEMPLATE, {"Db": ("DBInstanceIdentifier", "next"), "Log": ("LogGroupName", "/l")})
    resources: Any = last["Resources"]
    assert resources["Db"]["Properties"] == {"DBInstanceIdentifier": "next"}
    assert resources["Log"]["Properties"] == {"LogGroupName": "/l"}
    assert resources["Alarm"] == TEMPLATE["Resources"]["Alarm"]
    came: Any = letting_go.importing(letting_go.without(left, {"Log": None}), {"Db": resources["Db"]})
    assert came["Resources"]["Db"] == {
        "Type": "AWS::RDS::DBInstance",
        "Properties": {"DBInstanceIdentifier": "next"},
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
    }  # it waits for no log group that is not there
    assert came["Outputs"] == left["Outputs"]


def test_what_is_read_of_it_is_told_and_what_nobody_knows_is_refused() -> None:
    assert letting_go.uses(TEMPLATE, "Db") == ("Endpoint.Address", "Endpoint.Port", "Ref")
    reading: dict[str, Any] = {
        "Resources": {"Db": {}, "Role": {"Properties": {"X": {"Fn::GetAtt": ["Db", "DbiResourceId"]}}}}
    }
    with pytest.raises(InputRefused, match="cannot be told") as stop:
        letting_go.held_loosely(reading, LITERALS)
    assert "DbiResourceId of Db" in stop.value.detail
    assert letting_go.resources_in({}) == {}
