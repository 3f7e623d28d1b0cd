"""Whatever a template becomes under a monkey's hands, it is read or refused, never a traceback."""

from __future__ import annotations

import copy
import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.formats.cloudformation.test_reader import TEMPLATE as SHOP

from mainstay.core.errors import InputRefused
from mainstay.formats.cloudformation import TABLES, read, render
from mainstay.formats.table import Block, Blocks, Row

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
FUNCTIONS = [
    "Ref",
    "Fn::GetAtt",
    "Fn::Sub",
    "Fn::Join",
    "Fn::Select",
    "Fn::Split",
    "Fn::FindInMap",
    "Fn::If",
    "Fn::Cidr",
    "Fn::ImportValue",
    "Fn::Base64",
    "Fn::Nonsense",
    "Condition",
]
WORDS = [
    "A",
    "Vpc",
    "C",
    "AWS::NoValue",
    "AWS::Region",
    "${A}",
    "${",
    "{{resolve:ssm:x}}",
    "0",
    "",
    "10.0.0.0/8",
    "A.Arn",
]
nodes = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 300) | st.floats(allow_nan=False) | st.sampled_from(WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["Key", "Value", "Name", "Statement", "Effect", "a.b", "0", "@x"]), inner, max_size=3
        ),
        st.builds(lambda name, argument: {name: argument}, st.sampled_from(FUNCTIONS), inner),
    ),
    max_leaves=12,
)


def paths(rows: tuple[Row, ...]) -> list[str]:
    inner = [
        f"{row.path}.0.{path}" if isinstance(row.codec, Blocks) else f"{row.path}.{path}"
        for row in rows
        if isinstance(row.codec, Block | Blocks)
        for path in paths(row.codec.rows.rows)
    ]
    return [row.path for row in rows] + inner


def built(path: str, node: Any) -> Any:
    for part in reversed(path.split(".")):
        node = [node] if part == "0" else {part: node}
    return node


PLACES = [(table.type_name, path) for table in TABLES.values() for path in paths(table.rows)]


def survives(text: str, parameters: dict[str, str] | None = None) -> None:
    try:
        plan = read(text, file="t", parameters=parameters)
    except InputRefused as error:
        refused = error.as_json()
    else:
        refused = {}
    if refused:
        assert refused["detail"]
        assert refused["hint"]
        return
    ((_, written),) = render(plan).items()
    assert read(written, file="t") == plan
    assert list(render(read(written, file="t")).values()) == [written]


@QUICK
@given(st.lists(st.tuples(st.sampled_from(PLACES), nodes), min_size=1, max_size=8), st.booleans())
def test_any_value_at_any_property(placed: list[tuple[tuple[str, str], Any]], is_settled: bool) -> None:
    resources = {
        f"R{number}": {"Type": kind, "Properties": built(path, node)}
        for number, ((kind, path), node) in enumerate(placed)
    }
    resources["A"] = {"Type": "AWS::SNS::Topic"}
    template = {
        "Parameters": {"P": {"Type": "String", "Default": "x"}},
        "Conditions": {"C": True},
        "Resources": resources,
    }
    survives(json.dumps(template), {} if is_settled else None)


@pytest.mark.parametrize("node", [None, [None], {"Key": None}, [{"Key": "k", "Value": None}]], ids=str)
def test_a_null_at_every_property(node: Any) -> None:
    for kind, path in PLACES:
        survives(json.dumps({"Resources": {"R": {"Type": kind, "Properties": built(path, node)}}}))


@QUICK
@given(st.data())
def test_any_member_of_a_template_replaced(data: st.DataObject) -> None:
    plan = read(SHOP, file="t")
    template = json.loads(next(iter(render(plan).values())))
    for _ in range(data.draw(st.integers(1, 3))):
        replace_somewhere(copy.deepcopy(template), data)
    here: Any = template
    while isinstance(here, dict | list) and here:
        key = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        if not isinstance(here[key], dict | list) or data.draw(st.integers(0, 2)) == 0:
            here[key] = data.draw(nodes)
            break
        here = here[key]
    survives(json.dumps(template), data.draw(st.sampled_from([None, {}])))


def replace_somewhere(template: Any, data: st.DataObject) -> None:
    template[data.draw(st.sampled_from(sorted(template)))] = data.draw(nodes)
    survives(json.dumps(template))


@QUICK
@given(
    st.integers(0, len(SHOP)),
    st.text(st.sampled_from("{}[]:,'\"&*!-?|>%@`#\n\t ab0\x00\x85é"), max_size=6),
    st.integers(0, 5),
)
def test_any_text(position: int, inserted: str, removed: int) -> None:
    survives(SHOP[:position] + inserted + SHOP[position + removed :])


@QUICK
@given(st.text(max_size=60))
def test_any_text_at_all(text: str) -> None:
    survives(text)
    survives("Resources:\n" + text)
    survives('{"Resources": ' + text)


@pytest.mark.parametrize("count", [500])
def test_a_large_template_is_read_quickly(count: int) -> None:
    tags = [{"Key": f"k{number}", "Value": {"Fn::Sub": "${AWS::StackName}-x"}} for number in range(10)]
    body = {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/24", "Tags": tags},
    }
    template = {"Resources": {"Vpc": {"Type": "AWS::EC2::VPC"}, **{f"S{number}": body for number in range(count)}}}
    text = json.dumps(template, indent=2)
    began = time.process_time()
    assert len(read(text, file="t").primary.resources) == count + 1
    # An order of magnitude above what it takes: this guards against the wrong complexity, not against a slow machine.
    assert time.process_time() - began < 3
