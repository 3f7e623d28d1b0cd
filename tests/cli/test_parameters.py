"""`--parameter NAME=VALUE`: what cannot be meant is refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mainstay import cli
from mainstay.api._parameters import read_parameters
from mainstay.core.errors import InputRefused

TEMPLATE = '{"Parameters": {"P": {"Type": "String"}}, "Resources": {"T": {"Type": "AWS::SNS::Topic"}}}'


@pytest.mark.parametrize(
    ("given", "said"),
    [("P", "'P' has no '='"), ("=x", "no name"), ("P=1,P=2", "twice"), ("Q=1", "Q")],
)
def test_a_mistake_is_named(given: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.json"
    path.write_text(TEMPLATE, encoding="utf-8")
    options = [f"--parameter={text}" for text in given.split(",")]
    assert cli.run(["check", str(path), *options]) == 2
    assert said in capsys.readouterr().err


def test_a_value_may_be_empty_or_hold_an_equals_sign(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(TEMPLATE, encoding="utf-8")
    assert cli.run(["check", str(path), "--parameter", "P="]) == 0
    assert cli.run(["check", str(path), "--parameter", "P=a=b"]) == 0


@pytest.mark.parametrize(
    "text",
    [
        '{"P": "a", "L": ["x", "y"], "N": 5, "B": true}',
        '{"Parameters": {"P": "a", "L": "x,y", "N": "5", "B": "true"}, "Tags": {}}',
        '[{"ParameterKey": "P", "ParameterValue": "a"}, {"ParameterKey": "L", "ParameterValue": ["x", "y"]},'
        ' {"ParameterKey": "N", "ParameterValue": 5}, {"ParameterKey": "B", "ParameterValue": true},'
        ' {"ParameterKey": "Old", "UsePreviousValue": true}]',
        '["P=a", "L=x,y", "N=5", "B=true"]',
    ],
)
def test_a_file_of_any_shape_of_aws_is_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(text, encoding="utf-8")
    assert read_parameters(path) == {"P": "a", "L": "x,y", "N": "5", "B": "true"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "p.json:1:2: Expecting"),
        ("5", "neither a mapping nor a list"),
        ('["P"]', "P is no parameter"),
        ('["=a"]', "=a is no parameter"),
        ('[{"ParameterKey": "P"}]', "is no parameter with its value"),
        ('["P=a", "P=b"]', "'P' has two values"),
        ('{"P": {}}', "the value of 'P' is neither a text"),
        ('{"P": [["a"]]}', "the value of 'P' is neither a text"),
        ('{"P": null}', "the value of 'P' is neither a text"),
    ],
)
def test_a_file_of_another_shape_is_refused(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused, match="parameters cannot be read") as refused:
        read_parameters(path)
    assert says in refused.value.detail
    assert "ParameterKey" in refused.value.hint


def test_files_and_pairs_decide_what_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = {
        "Parameters": {"Days": {"Type": "Number", "Default": 7}},
        "Resources": {
            "Db": {
                "Type": "AWS::RDS::DBInstance",
                "Properties": {"Engine": "postgres", "BackupRetentionPeriod": {"Ref": "Days"}},
            }
        },
    }
    source, values = tmp_path / "t.json", tmp_path / "p.json"
    source.write_text(json.dumps(template), encoding="utf-8")
    values.write_text('{"Days": 0}', encoding="utf-8")

    def is_fired(*options: str) -> bool:
        cli.run(["check", str(source), "--json", *options])
        return "DB003" in {one["id"] for one in json.loads(capsys.readouterr().out)["findings"]}

    assert not is_fired()
    assert is_fired("--parameters", str(values))
    assert is_fired("--parameters", "Days=0")
    assert not is_fired("--parameters", str(values), "--parameter", "Days=7")
    assert cli.run(["check", str(source), "--parameters", str(tmp_path / "none.json")]) == 2
