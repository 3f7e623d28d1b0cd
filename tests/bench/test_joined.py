"""Twins in one template: nearly as many resources as are wanted, and every name still means what it did."""

from __future__ import annotations

import json
from pathlib import Path

from bench.checks.case import CATALOGUE, cases
from bench.checks.joined import RESOURCES, joined, prefixed

from mainstay import api


def test_sixty_resources_of_the_corpus_are_one_sound_template(tmp_path: Path) -> None:
    template = joined(one for one in cases() if one.part == CATALOGUE)
    assert RESOURCES - 3 <= len(template["Resources"]) <= RESOURCES
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    said = api.check(path).findings
    # A reference to nothing would leave a database without its settings, and those speak at once.
    assert [one for one in said if one.harm.value in ("rejected", "data loss")] == []


def test_names_are_changed_wherever_they_stand() -> None:
    template = {
        "Parameters": {"Size": {"Type": "String"}},
        "Mappings": {"Sizes": {"small": {"class": "db.t4g.small"}}},
        "Conditions": {"IsLarge": {"Fn::Equals": [{"Ref": "Size"}, "large"]}},
        "Resources": {
            "Key": {"Type": "AWS::KMS::Key", "Condition": "IsLarge", "DependsOn": "Other"},
            "Other": {
                "Type": "AWS::X::Y",
                "DependsOn": ["Key"],
                "Properties": {
                    "A": {"Ref": "Key"},
                    "B": {"Fn::GetAtt": ["Key", "Arn"]},
                    "C": {"Fn::Sub": "${AWS::Region} ${Key.Arn} ${Size} ${!Literal}"},
                    "D": {"Fn::Sub": ["${Size} ${mine}", {"mine": {"Ref": "Key"}}]},
                    "E": {"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, "class"]},
                    "F": {"Fn::If": ["IsLarge", {"Ref": "AWS::NoValue"}, "Key"]},
                },
            },
        },
    }
    found = prefixed(template, "T1")
    assert found == json.loads(
        json.dumps(template)
        .replace('"Size"', '"T1Size"')
        .replace('"Sizes"', '"T1Sizes"')
        .replace('"IsLarge"', '"T1IsLarge"')
        .replace('"Key"', '"T1Key"')
        .replace('"Other"', '"T1Other"')
        .replace("${Key.Arn} ${Size} ", "${T1Key.Arn} ${T1Size} ")
        .replace("${Size} ${mine}", "${T1Size} ${mine}")
        # A text is a text, whatever it looks like.
        .replace('{"Ref": "AWS::NoValue"}, "T1Key"', '{"Ref": "AWS::NoValue"}, "Key"')
    )
