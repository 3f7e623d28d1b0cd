"""`--parameter NAME=VALUE`: what cannot be meant is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay import cli

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
