"""What somebody sees before they say yes: every change that takes something, and counts of what is only added."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from mainstay import api, cli
from mainstay.cli.views.deploy import asking
from mainstay.ops.aws.stack_states import Change
from mainstay.ops.deployment import Review, Upload


def ask(*changes: Change, says_yes: bool = True) -> tuple[bool, str]:
    text = io.StringIO()
    console = Console(file=text, width=200, no_color=True, soft_wrap=True)
    review = Review(stack="shop", account="123456789012", region="eu-west-1", kind="UPDATE", changes=changes)
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
