"""`mainstay synth` of what somebody else wrote: files, what they lost, and an exit code that says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mainstay import cli
from mainstay.formats import terraform

TEMPLATE = """\
Parameters:
  Env: {Type: String, Default: dev}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  Queue:
    Type: AWS::SQS::Queue
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: !If [IsProd, prod, !Ref Env]
"""
WHOLE = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").write_text(TEMPLATE)
    (tmp_path / "whole.yaml").write_text(WHOLE)
    return tmp_path


def asked(caught: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.run(["synth", *arguments])
    found = caught.readouterr()
    return code, found.out, found.err


def test_what_was_not_carried_is_told_and_lies_beside_the_module(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = asked(capsys, "shop.yaml", "--to", "terraform", "--out", "tf", "--region", "eu-west-1")
    assert code == 1
    assert "not carried resource Queue (shop.yaml:6): no table knows AWS::SQS::Queue" in out
    assert "1 not carried" in out
    page = (here / "tf" / "NOT-CARRIED.md").read_text()
    assert "| resource | `Queue` | shop.yaml:6 |" in page
    assert "it does not take over what is there" in page
    provider = json.loads((here / "tf" / "versions.tf.json").read_text())["provider"]["aws"]
    assert provider == {"region": "eu-west-1"}
    assert asked(capsys, "shop.yaml", "--to", "terraform", "--out", "tf", "--accept-losses")[0] == 0


def test_without_a_folder_the_files_are_printed_and_the_losses_stand_beside_them(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = asked(capsys, "whole.yaml", "--to", "terraform")
    assert code == 0
    assert out.startswith("# main.tf.json\n")
    assert "NOT-CARRIED" not in out
    assert "from CloudFormation to Terraform: nothing not carried" in " ".join(err.split())


def test_the_answer_as_json_holds_each_loss(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = asked(capsys, "shop.yaml", "--to", "terraform", "--parameter", "Env=prod", "--json")
    document: dict[str, Any] = json.loads(out)
    assert (code, document["translated_from"]) == (1, "CloudFormation")
    assert [(one["what"], one["subject"], one["line"]) for one in document["not_carried"]] == [("resource", "Queue", 6)]
    main = json.loads(document["files"]["main.tf.json"])
    assert main["resource"]["aws_sns_topic"]["topic"]["name"] == '${local.is_prod ? "prod" : var.env}'
    assert json.loads(document["files"]["variables.tf.json"])["variable"]["env"]["default"] == "prod"


def test_there_and_back_again_is_the_template(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(capsys, "whole.yaml", "--to", "terraform", "--out", "tf")[0] == 0
    code, out, _ = asked(capsys, "tf")
    assert code == 0
    assert json.loads(out)["Resources"] == {"Topic": {"Type": "AWS::SNS::Topic"}}
    assert asked(capsys, "whole.yaml") == (0, out, asked(capsys, "whole.yaml")[2])
    assert asked(capsys, "tf/main.tf.json", "--to", "cloudformation")[:2] == (0, out)


def test_a_shown_plan_becomes_a_template(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = {"name": "t", "kms_master_key_id": None}
    resource = {"address": "aws_sns_topic.t", "mode": "managed", "type": "aws_sns_topic", "name": "t", "values": values}
    plan = {"format_version": "1.2", "planned_values": {"root_module": {"resources": [resource]}}}
    (here / "tfplan.json").write_text(json.dumps(plan))
    code, out, _ = asked(capsys, "tfplan.json")
    assert (code, json.loads(out)["Resources"]) == (
        0,
        {"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t"}}},
    )


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("shop.yaml", "--parameter", "Enf=prod"), "did you mean 'Env'?"),
        (("whole.yaml", "--parameter", "Zzz=prod"), "leave it out"),
        (("database.yaml", "--parameter", "Env=prod"), "a spec has no parameters"),
        (("tf", "--region", "eu-west-2"), "is for eu-west-1, not for eu-west-2"),
    ],
)
def test_what_has_no_meaning_is_refused(
    arguments: tuple[str, ...], reason: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run(["synth", "whole.yaml", "--to", "terraform", "--region", "eu-west-1", "--out", "tf"])
    cli.run(["init", str(here)])
    capsys.readouterr()
    code, _, err = asked(capsys, *arguments)
    assert code == 2
    assert reason in " ".join(err.split())


def test_the_page_knows_no_module(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked(capsys, "whole.yaml", "--to", "terraform", "--out", "tf")
    files = {path.name: path.read_text() for path in (here / "tf").iterdir()}
    assert [one.key for one in terraform.read(files).primary.resources] == ["Topic"]


STACK = {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/eu-west-1"}


def assembly(here: Path, **templates: str) -> None:
    """A folder as the CDK writes it: a manifest, and a template a stack."""
    folder = here / "cdk.out"
    folder.mkdir()
    artifacts = {
        name: {**STACK, "properties": {"templateFile": f"{name}.template.json", "stackName": name.removesuffix("2")}}
        for name in templates
    }
    (folder / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": artifacts}))
    for name, text in templates.items():
        (folder / f"{name}.template.json").write_text(text)


TOPIC: dict[str, Any] = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}


def test_each_stack_of_the_cdk_has_a_folder_of_its_own(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assembly(here, Shop=json.dumps(TOPIC), Other=json.dumps({**TOPIC, "Rules": {}}))
    code, out, _ = asked(capsys, "cdk.out", "--to", "terraform", "--out", "tf")
    assert code == 1
    assert {str(path.relative_to(here / "tf").parent) for path in (here / "tf").rglob("main.tf.json")} == {
        "Shop",
        "Other",
    }
    assert "Everything was carried." in (here / "tf" / "Shop" / "NOT-CARRIED.md").read_text()
    assert "`Rules`" in (here / "tf" / "Other" / "NOT-CARRIED.md").read_text()
    assert "1 not carried" in out


def test_stacks_of_one_name_are_told_apart_by_their_region(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assembly(here, Shop=json.dumps(TOPIC), Shop2=json.dumps(TOPIC))
    manifest = json.loads((here / "cdk.out" / "manifest.json").read_text())
    manifest["artifacts"]["Shop2"]["environment"] = "aws://unknown-account/eu-west-2"
    (here / "cdk.out" / "manifest.json").write_text(json.dumps(manifest))
    assert asked(capsys, "cdk.out", "--to", "terraform", "--out", "tf")[0] == 0
    assert {path.name for path in (here / "tf").iterdir()} == {"Shop.eu-west-1", "Shop.eu-west-2"}


CHILD = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "./child.json"}}


def test_a_nested_stack_that_is_here_is_carried_and_one_that_is_not_is_listed(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    far = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://b.s3.amazonaws.com/t.json"}}
    (here / "child.json").write_text(json.dumps(TOPIC))
    (here / "parent.json").write_text(json.dumps({"Resources": {"Near": CHILD, "Far": far}}))
    code, out, _ = asked(capsys, "parent.json", "--to", "terraform", "--json")
    document = json.loads(out)
    assert code == 1
    assert {one["subject"] for one in document["not_carried"]} == {"Far"}
    assert "aws_sns_topic" in document["files"]["main.tf.json"]
    again = json.loads(asked(capsys, "parent.json")[1])
    assert again["Resources"].keys() == {"Near", "Far"}


def test_the_code_of_somebody_else_s_functions_is_not_packed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = asked(capsys, "whole.yaml", "--with-functions", "--out", "x")
    assert code == 2
    assert "no code of functions here" in err
