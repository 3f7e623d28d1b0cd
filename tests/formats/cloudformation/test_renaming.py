"""References under other names, and a template of ours whose every name begins with a prefix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mainstay.formats import cloudformation
from mainstay.formats.cloudformation.renaming import renamed

GOLDEN = Path(__file__).parents[2] / "golden" / "mysql-backup-dr" / "prod"
TEMPLATE: dict[str, Any] = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Description": "orders",
    "Metadata": {"Mainstay": {"Version": 1, "Sources": {"Key": {"Region": "us-east-1", "Output": "Key"}}}},
    "Parameters": {"Key": {"Type": "String"}},
    "Resources": {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": {"Ref": "Key"}}},
        "Policy": {
            "Type": "AWS::SNS::TopicPolicy",
            "DependsOn": "Topic",
            "Properties": {
                "Topics": [{"Ref": "Topic"}],
                "PolicyDocument": {"Sub": {"Fn::Sub": "${Topic.TopicName}-${AWS::Region}-${!Topic}"}},
            },
        },
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "DependsOn": ["Topic", "Policy"], "Properties": {"Period": 60}},
    },
    "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Topic", "TopicArn"]}, "Export": {"Name": "orders-topic"}}},
}


def test_every_name_and_every_reference_to_it_has_the_prefix() -> None:
    found = cloudformation.prefixed(TEMPLATE, "Own")
    assert found["Description"] == "orders"
    assert found["Metadata"] == {
        "MainstayOwn": {"Version": 1, "Sources": {"OwnKey": {"Region": "us-east-1", "Output": "Key"}}}
    }
    assert set(found["Parameters"]) == {"OwnKey"}
    resources = found["Resources"]
    assert resources["OwnTopic"]["Properties"] == {"KmsMasterKeyId": {"Ref": "OwnKey"}}
    assert resources["OwnPolicy"]["DependsOn"] == "OwnTopic"
    assert resources["OwnPolicy"]["Properties"]["Topics"] == [{"Ref": "OwnTopic"}]
    text = resources["OwnPolicy"]["Properties"]["PolicyDocument"]["Sub"]["Fn::Sub"]
    assert text == "${OwnTopic.TopicName}-${AWS::Region}-${!Topic}"
    assert resources["OwnAlarm"] == {**TEMPLATE["Resources"]["Alarm"], "DependsOn": ["OwnTopic", "OwnPolicy"]}
    assert found["Outputs"] == {
        "OwnArn": {"Value": {"Fn::GetAtt": ["OwnTopic", "TopicArn"]}, "Export": {"Name": "orders-topic"}}
    }


def test_without_parameters_of_another_region_nothing_is_said_of_any() -> None:
    bare = {"Metadata": {"Mainstay": {"Version": 1}}, "Resources": {}}
    assert cloudformation.prefixed(bare, "Own") == {"Metadata": {"MainstayOwn": {"Version": 1}}, "Resources": {}}


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.template.json")), ids=lambda file: file.name)
def test_the_prefix_taken_away_again_it_is_the_template(file: Path) -> None:
    template = json.loads(file.read_text(encoding="utf-8"))
    found = cloudformation.prefixed(template, "Own")
    back = {
        title: {name.removeprefix("Own"): _without(one) for name, one in section.items()}
        for title, section in found.items()
        if title in ("Parameters", "Resources", "Outputs")
    }
    assert back == {title: template[title] for title in back}


def _without(block: Any) -> Any:
    after = block.get("DependsOn")
    bare: dict[str, Any] = {"DependsOn": after.removeprefix("Own")} if isinstance(after, str) else {}
    if isinstance(after, list):
        bare = {"DependsOn": [one.removeprefix("Own") for one in after]}
    return renamed({**block, **bare}, lambda target, attribute: (target.removeprefix("Own"), attribute))
