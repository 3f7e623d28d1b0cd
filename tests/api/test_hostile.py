"""Input that is made to hurt: it is refused, or read with the harmful part unknown, in bounded time and memory.

Each document is checked in one process that may have 1 GiB and 120 s of processor time together.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

MOST_MIB = 1_024
MOST_S = 120
_RUN = f"""
import json, resource, sys, time
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, ({MOST_MIB} << 20,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, ({MOST_S},) * 2)
from mainstay import api
from mainstay.core.errors import MainstayError
for path in map(Path, sys.argv[1:]):
    began = time.process_time()
    try:
        said = {{"findings": len(api.check(path).findings)}}
    except MainstayError as error:
        said = error.as_json()
    print(json.dumps({{"name": path.name, "cpu_s": time.process_time() - began, **said}}), flush=True)
"""


def _topic(name: Any, **sections: Any) -> str:
    return json.dumps({"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}}, **sections})


def _nested(function: Any, times: int) -> Any:
    node: Any = "x"
    for _ in range(times):
        node = function(node)
    return node


def _crowd(kind: str, properties: Any, count: int = 2_000) -> dict[str, Any]:
    return {f"R{number}": {"Type": kind, "Properties": properties} for number in range(count)}


_GROUP = {"DBSubnetGroupDescription": "d", "SubnetIds": {"Ref": "P"}}
_STACK = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "itself.json"}}
_ALIASES = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{two}: &{two} [{','.join([f'*{one}'] * 9)}]\n" for one, two in zip("abcdefgh", "bcdefghi", strict=True)
)
READ: Mapping[str, str] = {
    "doubling.json": _topic(_nested(lambda inner: {"Fn::Sub": ["${x}${x}", {"x": inner}]}, 22)),
    "joined.json": _topic(
        {"Fn::Join": ["", [{"Ref": "P"}] * 100_000]}, Parameters={"P": {"Type": "String", "Default": "x" * 4_096}}
    ),
    "items.json": json.dumps(
        {
            "Parameters": {"P": {"Type": "CommaDelimitedList", "Default": "," * 1_000_000}},
            "Resources": _crowd("AWS::RDS::DBSubnetGroup", _GROUP),
        }
    ),
    "split.json": json.dumps(
        {
            "Mappings": {"M": {"a": {"b": "," * 1_000_000}}},
            "Resources": _crowd(
                "AWS::RDS::DBSubnetGroup",
                {**_GROUP, "SubnetIds": {"Fn::Split": [",", {"Fn::FindInMap": ["M", "a", "b"]}]}},
            ),
        }
    ),
    "chain.json": _topic(
        "x", Conditions={f"C{number}": {"Fn::And": [{"Condition": f"C{number + 1}"}] * 2} for number in range(3_000)}
    ),
    "circle.json": _topic("x", Conditions={"A": {"Condition": "B"}, "B": {"Condition": "A"}}),
    "replicas.json": json.dumps(
        {
            "Resources": {
                one: {"Type": "AWS::RDS::DBInstance", "Properties": {"SourceDBInstanceIdentifier": {"Ref": other}}}
                for one, other in (("A", "B"), ("B", "A"))
            }
        }
    ),
    "waiting.json": json.dumps(
        {"Resources": {one: {"Type": "x", "DependsOn": other} for one, other in (("A", "B"), ("B", "A"))}}
    ),
    "cidr.json": _topic({"Fn::Join": [",", {"Fn::Cidr": ["::/0", 10**9, 1]}]}),
    "dynamic.json": _topic({"Fn::Sub": "{{resolve:secretsmanager:${A}" * 20_000}),
    "members.json": '{"format_version": "1.0", "values": {"a": [' + "[]," * 900_000 + "[]]}}",
    "words.yaml": "Resources: {}\nX: [" + "a," * 200_000 + "a]\n",
}
REFUSED: Mapping[str, tuple[str, str]] = {
    "bomb.yaml": (_ALIASES + "Resources: {}\n", "template cannot be used"),
    "deep.yaml": ("Resources: " + "[" * 100_000, "template cannot be used"),
    "deep.json": ('{"Resources": ' + "[" * 100_000, "nested too deeply"),
    "deep.tf.json": ('{"format_version": "1.0", "values": ' + "[" * 100_000, "nested too deeply"),
    "digits.json": (_topic(0).replace("0", "9" * 100_000, 1), "an impossible number"),
    "huge.json": (_topic("N").replace('"N"', "1e400"), "an impossible number"),
    "nan.json": (_topic("N").replace('"N"', "NaN"), "an impossible number"),
    "twice.json": ('{"Resources": {"A": {}, "A": {}}}', "a key stands twice"),
    "twice.yaml": ("Resources: {A: {}, A: {}}", "a key stands twice"),
    "long.json": ('{"Resources": {}, "A": "' + "x" * 5_000_000 + '"}', "template too large"),
    "members_more.json": ("[" * 1_000_001, "file too large"),
    "itself.json": (json.dumps({"Resources": {"S": _STACK}}), "nested stacks in a circle"),
    "crowd.json": (json.dumps({"Resources": _crowd("AWS::SNS::Topic", {}, 2_001)}), "template too large"),
    "tabs.yaml": ("Resources:\n\tA:\n\t\tType: x\n", "template is neither JSON nor YAML"),
    "binary.json": ('{"Resources": \0}', "not a CloudFormation template"),
    "blank.yaml": ("\n" * 2_000_000, "spec refused"),
    "empty.yaml": ("", "spec refused"),
    "spaces.yaml": ((" " * 999 + "\n") * 2_000, "spec refused"),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder: Path = tmp_path_factory.mktemp("hostile")
    for name, text in {**READ, **{name: text for name, (text, _) in REFUSED.items()}}.items():
        (folder / name).write_text(text, encoding="utf-8")
    names = sorted(str(path) for path in folder.iterdir())
    done = subprocess.run([sys.executable, "-c", _RUN, *names], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {answer["name"]: answer for answer in found}


@pytest.mark.parametrize("name", READ)
def test_what_can_be_read_is_read_within_bounds(name: str, answers: dict[str, dict[str, Any]]) -> None:
    assert "findings" in answers[name], answers[name]
    assert "kind" not in answers[name]


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_a_message(name: str, answers: dict[str, dict[str, Any]]) -> None:
    assert answers[name]["summary"] == REFUSED[name][1], answers[name]
    assert answers[name]["kind"] == "InputRefused"
    assert answers[name]["hint"]
