"""The provider's schema as its bindings tell it, and what is said of a module against it."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from bench.oracles.provider import complaints, judged
from bench.oracles.provider_schema import NoBindings, parse, schemas

ARGUMENT = """
            {name}: {{
                value: {value},
                isBlock: {block},
                type: "{kind}",
                storageClassType: "{storage}",
            }},"""


def argument(name: str, value: str, kind: str = "simple", storage: str = "string", *, block: bool = False) -> str:
    return ARGUMENT.format(name=name, value=value, kind=kind, storage=storage, block=str(block).lower())


JAVASCRIPT = f"""
function thingRuleToHclTerraform(struct) {{
    const attrs = {{{argument("days", "cdktn.numberToHclTerraform(struct.days)", storage="number")}
    }};
}}
class ThingRuleOutputReference extends cdktn.ComplexObject {{
    // days - computed: false, optional: false, required: true
}}
class Thing extends cdktn.TerraformResource {{
    // arn - computed: true, optional: false, required: false
    // rule - computed: false, optional: true, required: false
    _rule = new ThingRuleList(this, "rule", false);
    synthesizeHclAttributes() {{
        const attrs = {{{argument("display_name", "cdktn.stringToHclTerraform(this._displayName)")}
{argument("subnet_ids", "cdktn.listMapperHcl(x)(this._subnetIds)", "set", "stringList")}
{argument("tags", "cdktn.hashMapperHcl(x)(this._tags)", "map", "stringMap")}
{argument("is_on", "cdktn.booleanToHclTerraform(this._isOn)", storage="boolean")}
{argument("rule", "f(thingRuleToHclTerraform, true)(this._rule)", "list", "ThingRuleList", block=True)}
        }};
    }}
}}
"""
DECLARATIONS = """
export interface ThingConfig extends cdktn.TerraformMetaArguments {
    readonly displayName: string;
    readonly subnetIds?: string[];
}
export interface ThingRule {
    readonly days: number;
}
static readonly tfResourceType = "aws_thing";
"""
GOOD = {
    "//": "kept",
    "lifecycle": {},
    "display_name": "a",
    "subnet_ids": ["b"],
    "tags": {},
    "is_on": True,
    "rule": {"days": 1},
}


THING = parse(JAVASCRIPT, DECLARATIONS)


def bindings(folder: Path) -> Path:
    package = folder / "cdktn_provider_aws" / "_jsii"
    package.mkdir(parents=True)
    with tarfile.open(package / "provider-aws@1.0.0.jsii.tgz", "w:gz") as archive:
        for name, text in (("index.js", JAVASCRIPT), ("index.d.ts", DECLARATIONS)):
            member = tarfile.TarInfo(f"package/lib/thing/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return folder


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, []),
        ({"rule": [{"days": 1}, {"days": 2}], "is_on": "${var.on}"}, []),
        ({"displayname": "a"}, ["displayname is unknown"]),
        ({"rule": [{"weeks": 1}]}, ["rule.weeks is unknown", "rule.days is required"]),
        ({"rule": "often"}, ["rule is no block"]),
        ({"rule": {"days": "1"}}, ["rule.days is no number"]),
        ({"subnet_ids": "b"}, ["subnet_ids is no list"]),
        ({"tags": ["b"]}, ["tags is no map"]),
        ({"is_on": "yes"}, ["is_on is no boolean"]),
    ],
)
def test_a_block_is_held_against_the_schema(change: dict[str, object], said: list[str]) -> None:
    assert list(complaints({**GOOD, **change}, THING.arguments)) == said


def test_what_has_to_be_written_is_missed() -> None:
    assert list(complaints({}, THING.arguments)) == ["display_name is required"]


def test_every_block_of_every_module_is_judged(tmp_path: Path) -> None:
    body = {"resource": {"aws_thing": {"x": {}}, "aws_nothing": {"y": {}}}, "data": {"aws_thing": {"z": GOOD}}}
    modules = {"shop/dev": {"main.tf.json": json.dumps(body), "README.md": "not JSON"}}
    assert sorted((one.where, one.says) for one in judged(modules, bindings(tmp_path))) == [
        ("shop/dev/aws_nothing.y", "the provider has no such type"),
        ("shop/dev/aws_thing.x", "display_name is required"),
        ("shop/dev/aws_thing.z", "the provider has no such type"),
    ]


def test_what_can_be_read_is_told_by_path() -> None:
    assert THING.attributes == {"arn", "rule", "rule.days"}


def test_missing_or_changed_bindings_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(NoBindings, match="no cdktn-provider-aws"):
        schemas(tmp_path, ["aws_thing"])
    with pytest.raises(NoBindings, match="look different"):
        parse("", DECLARATIONS)
