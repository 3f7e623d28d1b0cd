"""What somebody sees before they say yes: every change that takes something, and counts of what is only added."""

from __future__ import annotations

import dataclasses
import io

import pytest
from rich.console import Console

from mainstay import api, cli, diff
from mainstay.cli.views.deploy import asking
from mainstay.diff import RegionDifference
from mainstay.ops.aws.stack_states import Change
from mainstay.ops.deployment import Review, Upload
from mainstay.ops.differences import CLOUDFORMATION
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import DbInstance, Fate, LogGroup, Topic


def ask(*changes: Change, says_yes: bool = True, difference: RegionDifference | None = None) -> tuple[bool, str]:
    text = io.StringIO()
    console = Console(file=text, width=200, no_color=True, soft_wrap=True)
    review = Review(
        stack="shop",
        account="123456789012",
        region="eu-west-1",
        kind="UPDATE",
        changes=changes,
        difference=difference,
    )
    return asking(console, says_yes=says_yes)(review), text.getvalue()


def change(action: str, key: str, kind: str, *, replacement: str = "", properties: tuple[str, ...] = ()) -> Change:
    return Change(action=action, logical_id=key, type=kind, replacement=replacement, properties=properties)


def test_replacements_stand_out() -> None:
    is_approved, text = ask(
        change("Modify", "Db", "AWS::RDS::DBInstance", replacement="True", properties=("Engine",)),
        change("Modify", "Key", "AWS::KMS::Key", replacement="Conditional"),
        change("Remove", "Topic[0]", "AWS::SNS::Topic"),
        change("Dynamic", "Nested", "AWS::CloudFormation::Stack"),
    )
    assert is_approved
    assert "update stack shop in account 123456789012, eu-west-1: 4 changes" in text
    assert "~ Db AWS::RDS::DBInstance (Engine) REPLACED" in text
    assert "~ Key AWS::KMS::Key replaced, perhaps" in text
    assert "- Topic[0] AWS::SNS::Topic" in text
    assert "Dynamic Nested" in text


def test_what_stands_is_shown_in_the_words_of_a_comparison() -> None:
    before = DbInstance(key="Db", identifier="shop", instance_class="db.m7g.large", on_delete=Fate.RETAIN)
    after = dataclasses.replace(before, instance_class="db.m7g.xlarge")
    topics = [Topic(key="Topic", display_name=name) for name in ("a", "b")]
    logs = [LogGroup(key="Logs", name="/shop", on_delete=fate) for fate in (Fate.RETAIN, Fate.DELETE)]
    old, new = (
        RegionPlan(region="eu-west-1", resources=(db, topic, log))
        for db, topic, log in zip((before, after), topics, logs, strict=True)
    )
    found = diff.compare_regions(old, new, CLOUDFORMATION)
    _, text = ask(
        change("Modify", "Db", "AWS::RDS::DBInstance", replacement="False", properties=("DBInstanceClass",)),
        change("Modify", "Topic", "AWS::SNS::Topic", replacement="False", properties=("DisplayName",)),
        change("Add", "Key", "AWS::KMS::Key"),
        difference=found,
    )
    lines = text.splitlines()
    assert "  ~ Db (db instance shop): reboot" in lines
    assert any("DBInstanceClass: db.m7g.large → db.m7g.xlarge: reboot, 5 to 15 min." in line for line in lines)
    assert "  ~ Topic: DisplayName in place" in lines
    assert "  + Key AWS::KMS::Key" in lines
    # A weaker policy is no change of CloudFormation's own list, and is shown nevertheless.
    assert any("When it is removed from the plan, nothing is kept." in line for line in lines)
    assert lines[-1].startswith("  connections to Db are interrupted for about 5 to 15 min")


def test_many_additions_are_counted_and_the_rest_is_named() -> None:
    added = [change("Add", f"Subnet{number}", "AWS::EC2::Subnet") for number in range(30)]
    _, few = ask(*added)
    assert "+ Subnet29 AWS::EC2::Subnet" in few
    _, many = ask(*added, change("Modify", "Db", "AWS::RDS::DBInstance"))
    assert "Subnet29" not in many
    assert "30 AWS::EC2::Subnet" in many
    assert "~ Db AWS::RDS::DBInstance" in many


@pytest.mark.parametrize(("answer", "is_approved"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_only_a_yes_is_a_yes(answer: str, is_approved: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert ask(change("Add", "A", "AWS::SNS::Topic"), says_yes=False)[0] is is_approved


def test_a_question_that_nobody_can_answer_names_the_option(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def asks(*_: object, **__: object) -> None:
        ask(change("Add", "A", "AWS::SNS::Topic"), says_yes=False)

    monkeypatch.setattr(api, "deploy", asks, raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert cli.run(["deploy"]) == 2
    assert "--yes" in capsys.readouterr().err


def test_what_is_uploaded_is_named_with_its_size() -> None:
    text = io.StringIO()
    review = Review(
        stack="shop",
        account="123456789012",
        region="eu-west-1",
        kind="UPDATE",
        changes=(change("Add", "Rotation", "AWS::Lambda::Function"),),
        uploads=(Upload("artifacts", "functions/rotation-0a.zip", 1_234_567),),
    )
    assert asking(Console(file=text, width=200, no_color=True), says_yes=True)(review)
    assert "uploads functions/rotation-0a.zip (1,234,567 bytes) to artifacts" in text.getvalue()
