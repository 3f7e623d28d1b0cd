"""Findings that somebody lives with, and another profile, for files that have no spec to say it in."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from mainstay import cli

TEMPLATE = """\
Resources:
  Db:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: Snapshot
    UpdateReplacePolicy: Snapshot
    Properties: {Engine: postgres, DBInstanceClass: db.m7g.large, AllocatedStorage: "100"}
"""
ACCEPTED = """\
suppress:
  - {rule: DB006, resource: Db, reason: "a stage that is made anew each night", until: DAY}
  - {rule: DB003, reason: "its data come from elsewhere"}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stack.yaml").write_text(TEMPLATE)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    code = cli.run(["check", *arguments])
    said = capsys.readouterr()
    return code, said.out + said.err


def accepted(here: Path, day: date) -> str:
    (here / "accepted.yaml").write_text(ACCEPTED.replace("DAY", day.isoformat()))
    return "accepted.yaml"


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str | None]:
    _, out = told(capsys, "stack.yaml", "--json", *arguments)
    return {one["id"]: one["suppressed"] for one in json.loads(out)["findings"]}


def test_a_template_is_accepted_with_a_reason_until_the_day(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = found(capsys)
    assert (plain["DB003"], plain["DB006"]) == (None, None)
    today = date.today()  # as good as UTC here: a day on either side decides nothing
    named = accepted(here, today + timedelta(days=2))
    lived_with = found(capsys, "--suppress", named)
    assert lived_with.keys() == plain.keys()
    assert (lived_with["DB003"], lived_with["DB006"]) == (
        "its data come from elsewhere",
        "a stage that is made anew each night",
    )
    expired = found(capsys, "--suppress", accepted(here, today - timedelta(days=2)))
    assert (expired["DB006"], "MS002" in expired) == (None, True)


def test_what_a_file_cannot_say_has_its_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "wrong.yaml").write_text("suppress:\n  - {rule: DB6, reason: ''}\n  - {rule: DB003}\n")
    code, text = told(capsys, "stack.yaml", "--suppress", "wrong.yaml")
    assert code == 2
    for words in ("wrong.yaml:2", "wrong.yaml:3", "suppress.0.rule", "suppress.0.reason", "suppress.1.reason"):
        assert words in text
    for content in ("- DB003\n", "suppress: [\n", "", "other: []\n"):
        (here / "wrong.yaml").write_text(content)
        assert told(capsys, "stack.yaml", "--suppress", "wrong.yaml")[0] == 2
    assert told(capsys, "stack.yaml", "--suppress", "nowhere.yaml")[0] == 2


def test_a_profile_changes_what_is_required_of_a_template(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prod, dev, fearing = (found(capsys, "--judge-as", name) for name in ("prod", "dev", "ransomware"))
    assert found(capsys).keys() == prod.keys()
    assert prod.keys() - dev.keys(), "dev asks for less"
    assert fearing.keys() >= prod.keys()


def test_who_has_a_spec_says_it_there(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["init"]) == 0
    code, text = told(capsys, "--judge-as", "dev")
    assert (code, "--set profile=dev" in text) == (2, True)
    code, text = told(capsys, "stack.yaml", "--judge-as", "staging")
    assert (code, "use one of: prod, dev, ransomware" in text) == (2, True)
    code, text = told(capsys, "--fix", "--suppress", accepted(here, date(2099, 1, 1)))
    assert (code, "not beside --fix" in text) == (2, True)
    assert told(capsys, "--suppress", "accepted.yaml")[0] == 0, "a spec may have more of them beside it"
