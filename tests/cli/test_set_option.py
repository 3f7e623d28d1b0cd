"""`--set PATH=VALUE`: laid over the spec, and checked as if it were written there."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay import cli

BLUEPRINT = Path(__file__).parents[2] / "blueprints" / "mysql-backup-dr.yaml"
TEMPLATE = '{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}'


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("database.class", "'database.class' has no '='"),
        ("=x", "no name"),
        ("profile=dev,profile=prod", "twice"),
        ("database.clas=db.m7g.large", "did you mean class?"),
        ("disaster_recovery.region=us-east-1", "us-east-1 is the region of the database itself"),
        ("disaster_recovery.keep=36d", "36d is outside 1d to 35d"),
        ("protection.backups.keep=36d", "36d is outside 1d to 35d"),
        ("disaster_recovery.region=eu-north-1,region=us-west-2", "RDS replicates no automated backups from us-west-2"),
        ("database.class=db.nope.large", "offers no db.nope.large"),
    ],
)
def test_a_setting_that_cannot_hold_is_named(given: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = [f"--set={text}" for text in given.split(",")]
    assert cli.run(["plan", str(BLUEPRINT), *options]) == 2
    assert said in capsys.readouterr().err


def test_a_setting_is_laid_over_the_spec(capsys: pytest.CaptureFixture[str]) -> None:
    changes = ["database.class=db.t4g.small", "disaster_recovery.region=us-east-2", "disaster_recovery.keep=35d"]
    assert cli.run(["synth", str(BLUEPRINT), *(f"--set={one}" for one in changes)]) == 0
    text = capsys.readouterr().out
    assert '"DBInstanceClass": "db.t4g.small"' in text
    assert '"AutomaticBackupReplicationRegion": "us-east-2"' in text
    assert '"AutomaticBackupReplicationRetentionPeriod": 35' in text


def test_a_region_by_argument_cannot_be_the_second_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["plan", str(BLUEPRINT), "--region", "us-west-2"]) == 2
    assert "us-west-2 is the region of the database itself" in capsys.readouterr().err
    assert cli.run(["plan", str(BLUEPRINT), "--region", "us-east-2"]) == 0


def test_a_template_has_no_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.json"
    path.write_text(TEMPLATE, encoding="utf-8")
    assert cli.run(["check", str(path), "--set", "region=us-east-1"]) == 2
    assert "a template has no settings" in capsys.readouterr().err
