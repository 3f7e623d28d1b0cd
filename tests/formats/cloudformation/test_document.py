"""Texts that are templates, in JSON and YAML, and texts that are not: refused with place and reason, and in time."""

from __future__ import annotations

import json
import time

import pytest

from mainstay.core.errors import InputRefused
from mainstay.formats.cloudformation.document import MOST_CHARACTERS, MOST_RESOURCES, load
from mainstay.formats.json_text import MOST_LEVELS

SHORT_TAGS = """
Resources:
  A:
    Type: t
    Properties:
      Ref: !Ref Env
      Att: !GetAtt Db.Endpoint.Address
      List: !GetAtt [Db, Arn]
      Sub: !Sub 5
      If: !If [C, !Ref "AWS::NoValue", yes]
      Cond: !Condition C
      Join: !Join
        - '-'
        - [a, b]
"""


def root(text: str) -> object:
    return load(text, file="t").root


def refused(text: str) -> str:
    with pytest.raises(InputRefused) as caught:
        load(text, file="t")
    assert caught.value.hint
    return f"{caught.value.summary}: {caught.value.detail}"


def test_short_tags_are_long_functions() -> None:
    properties = load(SHORT_TAGS, file="t").root["Resources"]["A"]["Properties"]  # type: ignore[index,call-overload]  # mappings throughout
    assert properties == {
        "Ref": {"Ref": "Env"},
        "Att": {"Fn::GetAtt": ["Db", "Endpoint.Address"]},
        "List": {"Fn::GetAtt": ["Db", "Arn"]},
        "Sub": {"Fn::Sub": "5"},
        "If": {"Fn::If": ["C", {"Ref": "AWS::NoValue"}, True]},
        "Cond": {"Condition": "C"},
        "Join": {"Fn::Join": ["-", ["a", "b"]]},
    }


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("2012-10-17", "2012-10-17"),
        ("yes", True),
        ("Off", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("'yes'", "yes"),
        ("!!str 5", "5"),
        ("! 5", "5"),
        ("12", 12),
        ("-1_000", -1000),
        ("010", 8),
        ("0x1F", 31),
        ("012345678901", "012345678901"),
        ("15.4", 15.4),
        ("1.0e+999", "1.0e+999"),
        (".inf", ".inf"),
        ("9" * 41, "9" * 41),
        ("10.0.0.0/16", "10.0.0.0/16"),
        ("sun:04:00-sun:05:00", "sun:04:00-sun:05:00"),
    ],
)
def test_scalars_follow_yaml_without_its_dates(scalar: str, value: object) -> None:
    found = load(f"Resources: {{}}\nX: {scalar}\n", file="t").root["X"]
    assert found == value
    assert type(found) is type(value)


def test_aliases_and_merges_are_written_out() -> None:
    text = "Resources: {}\nA: &a {x: 1, y: 2}\nB: {<<: *a, y: 3}\nC: {y: 4, <<: [*a, {z: 5}]}\nD: {<<: 5}\nE: *a\n"
    found = load(text, file="t").root
    assert (found["B"], found["C"], found["D"], found["E"]) == (
        {"x": 1, "y": 3},
        {"x": 1, "y": 4, "z": 5},
        {},
        {"x": 1, "y": 2},
    )


def test_places_of_resources_in_both_notations() -> None:
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {"A": {"Type": "t"}, "B": {"Resources": {"A": 1}}},
    }
    text = json.dumps(template, indent=2)
    assert load(text, file="t").places == {"A": (4, 5), "B": (7, 5)}
    assert load("# JSON is YAML, too\n" + text, file="t").places == {"A": (5, 5), "B": (8, 5)}
    assert load('\ufeff{"Resources":{"A":{}}}', file="t").places == {"A": (1, 15)}
    assert load("Resources:\n  A:\n    Type: t\n  B: {}\n", file="t").places == {"A": (2, 3), "B": (4, 3)}
    assert load("{Resources: {A: {}}}", file="t").places == {"A": (1, 14)}
    assert load('{"Resources": {}, "Outputs": {}}', file="t").places == {}


PROPERTIES = """\
{"Resources": {
  "A": {
    "Type": "t",
    "DeletionPolicy": "Retain",
    "Properties": {
      "B": {"C": 1},
      "D": [{"E": 2}]
    }
  },
  "F": {"Type": "t", "Properties": []}
}}
"""


def test_places_of_properties_in_both_notations() -> None:
    for text in (PROPERTIES, "# JSON is YAML, too\n" + PROPERTIES):
        first = text.startswith("#")
        found = load(text, file="t")
        inside = found.inside("A")
        assert {name: place[0] - first for name, place in inside.items()} == {
            "Type": 3, "DeletionPolicy": 4, "Properties": 5, "B": 6, "D": 7,
        }  # fmt: skip
        assert inside["D"][1] == 7
        assert set(found.inside("F")) == {"Type", "Properties"}
    assert load("Resources: {A: {}}\nOutputs: {O: {Value: 1}}\n", file="t").inside("A") == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "It holds nothing"),
        ("- a\n", "It holds a list"),
        ("hello", "It holds a text"),
        ("5", "It holds a single value"),
        ("{}", "It has no 'Resources'; at its top stands: nothing"),
        ("Other: 1\n", "at its top stands: Other"),
        ("\0\0", "It is binary"),
        ("<html></html>", "It looks like XML or HTML"),
        ("import aws_cdk\n", "It looks like a program"),
        ('# net\nresource "aws_db_instance" "x" {\n}\n', "It looks like a Terraform configuration"),
        ("terraform {\n}\n", "It looks like a Terraform configuration"),
        ('{"planned_values": {}}', "It looks like a Terraform plan"),
        ("apiVersion: v1\nkind: Pod\n", "It looks like a Kubernetes manifest"),
        ("engine: postgres\n", "It looks like a Mainstay spec"),
        ('{"Resources": ]', "template is not JSON: t:1:15: Expecting value"),
        ('{"Resources": {"A": {}} ', "t:1:25: Expecting ','"),
        ('{"Resources": {}} x', "t:1:19: Extra data"),
        ('{"Resources": {"A": {}, 5: 1]}', "Expecting property name"),
        ('{"A": {}\n"B": 1 ]', "t:2:1: Expecting ','"),
        ('{"Resources" {}]', "Expecting ':'"),
        ("Resources: [\n", "template is neither JSON nor YAML: t:2:1:"),
        ("Resources: \x07", "template is neither JSON nor YAML: t:"),
        ("Resources: {}\n---\nResources: {}\n", "t:2:1: a second document begins"),
        ("Resources: {}\nA: !Nonsense x\n", "t:2:4: '!Nonsense' is no tag of CloudFormation"),
        ("Resources: {}\n? [a]\n: 1\n", "t:2:3: a key that is not a text"),
        ("Resources: {}\nA: &a x\n*a : 1\n", "t:3:1: a key that is an alias"),
        ("Resources: &r {A: *r}\n", "'*r' names nothing that is complete before it"),
        ("Resources:\n  A: {}\n  B: {}\n  A: {}\n", "a key stands twice: t:4:3: 'A' stands on line 2 already"),
        ('{"Resources": {\n"A": {},\n"A": {}}}', "a key stands twice: t:3:1: 'A' stands on line 2 already"),
        ('{"Resources": {"A": {"b": 1, "b": 2}}}', "'b' stands on line 1 already"),
        ('{"Resources": {}, "Resources": {}}', "'Resources' stands on line 1 already"),
        ('{"Resources": {}, "A": NaN}', "an impossible number: t: NaN is not a number"),
        ('{"Resources": {}, "A": 1e999}', "1e999 is beyond every number"),
        ('{"Resources": {}, "A": ' + "9" * 5000 + "}", "an impossible number: t: 9999"),
    ],
)
def test_what_is_no_template_is_refused(text: str, says: str) -> None:
    assert says in refused(text)


def test_a_repeated_key_that_only_json_sees_is_refused_all_the_same() -> None:
    # JSON writes a character beyond the first 65,536 as two halves.
    text = '{"Resources": {"\\ud83d\\ude00": 1, "\U0001f600": 2}}'
    assert "a key stands twice: t:1:35: '\U0001f600' stands on line 1 already" in refused(text)


def test_half_a_character_is_refused_in_yaml_and_kept_in_json() -> None:
    assert "template is neither JSON nor YAML" in refused("Resources: \ud800")
    assert root('{"Resources": {}, "A": "\\ud800"}') == {"Resources": {}, "A": "\ud800"}


@pytest.mark.parametrize(
    "text",
    [
        '{"Resources": ' + "[" * 100_000,
        '{"Resources": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"Resources": ' + "[" * 150 + "]" * 150 + "}",
        "Resources: " + "[" * 100_000,
        "Resources: " + "[" * 150 + "]" * 150,
        "{Resources: " + "{a: " * 100_000,
        "\n".join(f"{' ' * level}a:" for level in range(1_000)),
    ],
    ids=["open", "closed", "below recursion", "flow", "flow below", "mappings", "blocks"],
)
def test_depth_is_bounded(text: str) -> None:
    began = time.monotonic()
    assert "nested too deeply" in refused(text)
    assert time.monotonic() - began < 10


def test_a_template_at_the_last_level_is_read() -> None:
    inside = MOST_LEVELS - 1
    assert root('{"Resources": {}, "A": ' + "[" * inside + "]" * inside + "}") is not None
    assert "nested too deeply" in refused('{"Resources": {}, "A": ' + "[" * (inside + 1) + "]" * (inside + 1) + "}")


def test_aliases_are_on_a_budget() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{two}: &{two} [{','.join([f'*{one}'] * 9)}]\n" for one, two in zip("abcdefgh", "bcdefghi", strict=True)
    )
    began = time.monotonic()
    assert "aliases stand for more than" in refused(bomb + "Resources: {}\n")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "text",
    ["# a  \n" * 100_000 + "x", "#" + " " * 1_000_000 + "x", " " * 1_000_000 + "x", "Resources: " + "&a " * 100_000],
    ids=["comments", "one comment", "space", "anchors"],
)
def test_no_text_takes_long_to_refuse(text: str) -> None:
    began = time.process_time()
    assert refused(text)
    assert time.process_time() - began < 5


def test_size_is_bounded() -> None:
    assert "template too large" in refused(" " * (MOST_CHARACTERS + 1))


def test_the_number_of_resources_is_bounded() -> None:
    crowd = {f"T{number}": {"Type": "AWS::SNS::Topic"} for number in range(MOST_RESOURCES)}
    assert root(json.dumps({"Resources": crowd})) is not None
    assert "2,001 resources" in refused(json.dumps({"Resources": {**crowd, "One": {}}}))
