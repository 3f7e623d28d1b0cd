"""Folders that the CDK wrote: every stack, the paths of its constructs, and the templates that it nests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mainstay import api, cli
from mainstay.api._assembly import stacks_of
from mainstay.api._source import load, load_all
from mainstay.core.errors import InputRefused
from mainstay.plan.resources import DbInstance
from mainstay.plan.values import Attr, Ref

HASH = "2d995b805393ff915b75f5169e1279eedc825093528af23b9c4d9d4d35f0e0b5"
# The shapes are those that aws-cdk-lib 2.275 writes (2026-11-21), reduced to what is read.
URL = {
    "Fn::Join": [
        "",
        [
            "https://s3.",
            {"Ref": "AWS::Region"},
            ".",
            {"Ref": "AWS::URLSuffix"},
            "/",
            {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"},
            f"/{HASH}.json",
        ],
    ]
}
NESTED: dict[str, Any] = {
    "Resources": {"Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "d"}}},
    "Outputs": {"GroupRef": {"Value": {"Fn::GetAtt": ["Group", "GroupId"]}}},
}
WHOLE: dict[str, Any] = {
    "Resources": {
        "Net": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": URL}},
        "Db": {
            "Type": "AWS::RDS::DBInstance",
            "Properties": {
                "Engine": "postgres",
                "BackupRetentionPeriod": 0,
                "VPCSecurityGroups": [{"Fn::GetAtt": ["Net", "Outputs.GroupRef"]}],
            },
        },
    },
    "Parameters": {
        "BootstrapVersion": {
            "Type": "AWS::SSM::Parameter::Value<String>",
            "Default": "/cdk-bootstrap/hnb659fds/version",
        }
    },
}


def logical(key: str) -> list[dict[str, str]]:
    return [{"type": "aws:cdk:creationStack", "data": "…"}, {"type": "aws:cdk:logicalId", "data": key}]


def stack(template: str, environment: str = "aws://unknown-account/unknown-region", **more: Any) -> dict[str, Any]:
    properties = {"templateFile": template, **({"stackName": more.pop("stackName")} if "stackName" in more else {})}
    return {"type": "aws:cloudformation:stack", "environment": environment, "properties": properties, **more}


def write(folder: Path, name: str, content: object) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content, indent=1), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    out = tmp_path / "cdk.out"
    assets = {
        HASH: {"source": {"path": "Net.nested.template.json"}, "destinations": {"x": {"objectKey": f"{HASH}.json"}}}
    }
    metadata = {
        "/Whole": [{"type": "aws:cdk:templateFile", "data": "Whole.template.json"}],
        "/Whole/Net": [{"type": "aws:cdk:templateFile", "data": "Net.nested.template.json"}],
        "/Whole/Orders/Instance/Resource": logical("Db"),
        "/Whole/Net/Group/Resource": logical("Group"),
    }
    artifacts = {
        "assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}},
        "Whole.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Whole.assets.json"}},
        "Whole": stack("Whole.template.json", additionalMetadataFile="Whole.metadata.json", displayName="Whole"),
        "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
    }
    write(out, "manifest.json", {"version": "55.0.0", "artifacts": artifacts})
    write(out, "Whole.assets.json", {"files": assets})
    write(out, "Whole.metadata.json", metadata)
    write(out, "Whole.template.json", WHOLE)
    write(out, "Net.nested.template.json", NESTED)
    inner = stack("Other.template.json", "aws://123456789012/eu-west-1", stackName="other", displayName="Prod/Other")
    inner["metadata"] = {"/Prod/Other/Db/Resource": logical("Db")}
    write(out / "assembly-Prod", "manifest.json", {"artifacts": {"ProdOther": inner}})
    write(
        out / "assembly-Prod",
        "Other.template.json",
        {"Resources": {**NESTED["Resources"], "Db": WHOLE["Resources"]["Db"]}},
    )
    return out


def test_every_stack_is_read_with_its_constructs(folder: Path) -> None:
    other, whole = load_all(folder)
    region = whole.plan.primary
    assert [(one.key, one.address) for one in region.resources] == [
        ("Net", "Whole/Net"),
        ("Db", "Whole/Orders/Instance/Resource"),
        ("Group", "Whole/Net/Group/Resource"),
    ]
    assert (region.stack, region.region) == ("Whole", "")
    (database,) = region.of(DbInstance)
    assert database.security_groups == (Ref("Group"),)
    region = other.plan.primary
    assert [one.address for one in region.resources] == ["Prod/Other/Group", "Prod/Other/Db/Resource"]
    assert (region.stack, region.region) == ("other", "eu-west-1")
    assert [remark.subject for remark in other.remarks] == []


def test_findings_stand_at_constructs_and_lines(folder: Path) -> None:
    result = api.check(folder)
    found = [one for one in result.findings if one.id == "DB003"]
    assert [one.subject for one in found] == ["Prod/Other/Db/Resource", "Whole/Orders/Instance/Resource"]
    assert [one.origin.file for one in found if one.origin] == [
        str(folder / "assembly-Prod" / "Other.template.json"),
        str(folder / "Whole.template.json"),
    ]
    assert result.stacks == ("other", "Whole")
    assert {one.database for one in result.promise.outcomes} == {one.subject for one in found}
    assert len({one.id for one in result.findings}) < len(result.findings)


def test_a_template_of_a_folder_is_read_with_what_lies_beside_it(folder: Path) -> None:
    region = load(folder / "Whole.template.json").plan.primary
    assert [one.address for one in region.resources] == [
        "",
        "Whole/Orders/Instance/Resource",
        "Whole/Net/Group/Resource",
    ]
    # A nested one has no place in the manifest: it is read alone.
    assert [one.key for one in load(folder / "Net.nested.template.json").plan.primary.resources] == ["Group"]


def test_the_command_tells_how_many_stacks_it_saw(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", str(folder)]) == 1
    assert "in 2 stacks" in capsys.readouterr().out
    assert cli.run(["check", str(folder), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["stacks"] == ["other", "Whole"]


def test_metadata_in_a_template_names_constructs_and_assets(folder: Path) -> None:
    whole = json.loads(json.dumps(WHOLE))
    whole["Resources"]["Net"] = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": {"Ref": "AssetParameters"}},
        "Metadata": {"aws:asset:path": "Net.nested.template.json", "aws:asset:property": "TemplateURL"},
    }
    whole["Resources"]["Db"]["Metadata"] = {"aws:cdk:path": "Whole/Renamed"}
    write(folder, "Whole.template.json", whole)
    region = load_all(folder)[1].plan.primary
    assert [one.address for one in region.resources] == ["Whole/Net", "Whole/Renamed", "Whole/Net/Group/Resource"]


def test_an_asset_that_is_not_there_is_remarked(folder: Path) -> None:
    (folder / "Net.nested.template.json").unlink()
    whole = load_all(folder)[1]
    assert [one.subject for one in whole.remarks] == ["Net"]
    (database,) = whole.plan.primary.of(DbInstance)
    assert database.security_groups == (Attr("Net", "Outputs.GroupRef"),)


def test_a_finding_can_be_lived_with_by_its_key(folder: Path) -> None:
    whole = json.loads(json.dumps(WHOLE))
    lived_with = {"Rule": "DB003", "Resource": "Db", "Reason": "a test", "Until": "2999-01-01"}
    intent = {"Profile": "prod", "Suppressions": [lived_with]}
    whole["Metadata"] = {"Mainstay": {"Version": 1, "Region": "", "Stack": "", "Intent": intent}}
    write(folder, "Whole.template.json", whole)
    (one,) = [one for one in api.check(folder).findings if one.id == "DB003" and one.subject.startswith("Whole")]
    assert one.suppressed == "a test"


def test_parameters_are_refused(folder: Path) -> None:
    for options in ({"parameters": {"P": "1"}}, {"settings": {"a": "1"}}):
        with pytest.raises(InputRefused, match="a folder of the CDK has no"):
            load_all(folder, **options)  # type: ignore[arg-type]  # either is a mapping of texts


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        ("{", "assembly cannot be read"),
        ("[]", "no stack to check"),
        ('{"artifacts": []}', "no stack to check"),
        ('{"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": 5}}}}', "no stack"),
        ('{"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "x"}}}}', "no such"),
        ('{"artifacts": {"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}}', "too deeply"),
        ('{"artifacts": {"A": {"type": "cdk:asset-manifest", "properties": {"file": "no"}}}}', "no such file"),
    ],
)
def test_a_manifest_that_is_none_is_refused(manifest: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(InputRefused) as refused:
        load_all(tmp_path)
    assert says in refused.value.summary
    assert refused.value.hint


@pytest.mark.parametrize(("count", "refused"), [(500, False), (501, True)])
def test_the_number_of_stacks_is_bounded(count: int, refused: bool, tmp_path: Path) -> None:
    write(tmp_path, "manifest.json", {"artifacts": {f"S{number}": stack("t.json") for number in range(count)}})
    if not refused:
        assert len(stacks_of(tmp_path)) == count
        return
    with pytest.raises(InputRefused, match="too many stacks"):
        stacks_of(tmp_path)


def test_what_is_written_oddly_is_passed_over(tmp_path: Path) -> None:
    odd = stack("t.json", environment="", metadata={"/A": 5, "/B": ["x"], "/C": [{"type": "aws:cdk:logicalId"}]})
    odd["additionalMetadataFile"] = "missing.json"
    assets = {"a": {"source": {"path": 5}, "destinations": {"x": {"objectKey": "k"}}}, "b": {"destinations": {"y": {}}}}
    write(tmp_path, "assets.json", {"files": assets})
    listed = {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}}
    write(tmp_path, "manifest.json", {"artifacts": {"A": odd, "B": 5, "C": listed}})
    (only,) = stacks_of(tmp_path)
    assert (only.name, only.title, only.region, only.addresses, only.assets) == ("A", "A", "", {}, {})
