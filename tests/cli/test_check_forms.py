"""`mainstay check` over several files and in other tools' forms, and the hook and the action that call it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import yaml

from mainstay import cli

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "tests" / "report" / "findings" / "sarif-2.1.0.schema.json").read_text())
TEMPLATE = """\
Resources:
  Db:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      DBInstanceClass: db.m7g.large
      AllocatedStorage: 100
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a sound spec, a template with faults, and a file that is neither."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENVIRONMENT_SUFFIX", raising=False)
    assert cli.run(["init"]) == 0
    (tmp_path / "faulty.yaml").write_text(TEMPLATE)
    (tmp_path / "broken.json").write_text("[")
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.run(["check", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_several_files_are_answered_one_after_the_other(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, "database.yaml", "broken.json", "faulty.yaml")
    assert code == 2, "a file that cannot be read is graver than a finding"
    assert "broken.json" in err
    assert out.index("database.yaml: no findings") < out.index("faulty.yaml: ")
    assert told(capsys, "database.yaml", "faulty.yaml")[0] == 1
    assert told(capsys, "database.yaml", "database.yaml")[0] == 0


def test_several_files_in_one_document(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "database.yaml", "missing.yaml", "--json")
    document = json.loads(out)
    sound, missing = document["checked"]
    assert (code, document["exit_code"], sound["exit_code"], missing["exit_code"]) == (2, 2, 0, 2)
    assert missing["error"]["summary"] == "no such file"


def test_a_log_for_code_scanning_has_the_pieces_of_text_to_replace(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (here / "faulty.yaml").read_text().splitlines(keepends=True)
    for _ in range(10):
        _, out, _ = told(capsys, "faulty.yaml", "--format", "sarif")
        log = json.loads(out)
        jsonschema.Draft202012Validator(SCHEMA).validate(log)
        fixes = [one["fixes"][0] for one in log["runs"][0]["results"] if "fixes" in one]
        if not fixes:
            break
        (change,) = fixes[0]["artifactChanges"]
        (piece,) = change["replacements"]
        at = piece["deletedRegion"]
        assert change["artifactLocation"]["uri"] == "faulty.yaml"
        assert at["startLine"] == at["endLine"]
        line = lines[at["startLine"] - 1]
        before, behind = line[: at["startColumn"] - 1], line[at["endColumn"] - 1 :]
        lines[at["startLine"] - 1] = before + piece["insertedContent"]["text"] + behind
        (here / "faulty.yaml").write_text("".join(lines))
        lines = (here / "faulty.yaml").read_text().splitlines(keepends=True)
    healed = yaml.safe_load("".join(lines))["Resources"]["Db"]
    assert (healed["UpdateReplacePolicy"], healed["Properties"]["DeletionProtection"]) == ("Snapshot", True)


def test_a_log_for_code_scanning_offers_no_piece_that_cannot_be_told(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    merged = TEMPLATE.replace("    Properties:\n", "    Properties:\n      <<: {MultiAZ: false}\n")
    (here / "merged.yaml").write_text(merged)
    _, out, _ = told(capsys, "merged.yaml", "--format", "sarif")
    fixed = {one["ruleId"] for one in json.loads(out)["runs"][0]["results"] if "fixes" in one}
    assert fixed == {"DB004"}, "what stands beside the properties is not merged"
    _, out, _ = told(capsys, "merged.yaml", "--json")
    assert {"DB004", "DB006"} <= {one["id"] for one in json.loads(out)["findings"] if one["patch"]}


def test_a_log_for_code_scanning(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "faulty.yaml", "broken.json", "missing.yaml", "--format", "sarif")
    log = json.loads(out)
    jsonschema.Draft202012Validator(SCHEMA).validate(log)
    places = {
        (one["ruleId"], one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        for one in log["runs"][0]["results"]
    }
    assert code == 2
    assert {("DB004", "faulty.yaml"), ("SP001", "broken.json"), ("MS005", "missing.yaml")} <= places


def test_a_test_report_agrees_with_the_exit_code(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "database.yaml", "--format", "junit")
    (suite,) = ElementTree.fromstring(out)
    assert (code, suite.get("failures")) == (0, "0")
    assert int(suite.get("tests", "0")) > 20, "the rules that were asked and found nothing"
    code, out, _ = told(capsys, "faulty.yaml", "--format", "junit")
    (suite,) = ElementTree.fromstring(out)
    assert code == 1
    assert int(suite.get("failures", "0")) > 0


def test_a_form_goes_to_a_file_and_the_view_to_the_person(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "faulty.yaml", "--format", "github", "--output", "deep/notes.txt")
    assert code == 1
    assert "wrote deep/notes.txt" in out
    assert "faulty.yaml: " in out
    assert (here / "deep" / "notes.txt").read_text().startswith("::error title=DB004 ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "toml"], "use one of: sarif, junit, github"),
        (["--format", "sarif", "--json"], "--format and --json were both given"),
        (["--output", "x.sarif"], "x.sarif was named, but no --format"),
        (["--rpo", "soon"], "--rpo not understood"),
        (["--rto", "5"], "--rto not understood"),
    ],
)
def test_arguments_that_do_not_go_together_are_refused(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    code, _, err = told(capsys, "database.yaml", *arguments)
    assert code == 2
    assert said in err
    assert not (here / "x.sarif").exists()


def test_objectives_can_be_asked_of_what_somebody_else_wrote(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def forecast(*arguments: str) -> set[str]:
        _, out, _ = told(capsys, "faulty.yaml", "--json", *arguments)
        return {one["id"] for one in json.loads(out)["findings"] if one["id"].startswith("FC")}

    assert forecast() == set()
    assert forecast("--rpo", "5m", "--rto", "1d") == set()
    assert forecast("--rpo", "4m") == {"FC001"}
    assert forecast("--rto", "1m") == {"FC002"}


def test_the_hook_takes_what_git_names(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    named = [path for path in ("database.yaml", "a/database.yml", "faulty.yaml") if re.search(hook["files"], path)]
    assert named == ["database.yaml", "a/database.yml"]
    command, *arguments = shlex.split(hook["entry"])
    assert command == "mainstay"
    assert cli.run([*arguments, "database.yaml"]) == 0
    assert cli.run([*arguments, "database.yaml", "faulty.yaml"]) == 1


@pytest.mark.parametrize(
    ("asked", "installed"), [("self", ["-c", "/a b/constraints.txt", "/a b"]), ("mainstay==0.1.0", ["mainstay==0.1.0"])]
)
def test_the_action_installs_itself_unless_told_otherwise(here: Path, asked: str, installed: list[str]) -> None:
    action: Any = yaml.safe_load((ROOT / "action.yml").read_text())
    assert action["inputs"]["install"]["default"] == "self"
    assert (ROOT / "constraints.txt").is_file()
    step = next(one for one in action["runs"]["steps"] if one["name"] == "install")
    (here / "python3").write_text('#!/bin/sh\nprintf "%s\\n" "$@" > asked\n')
    (here / "python3").chmod(0o755)
    given = {"INSTALL": asked, "HERE": "/a b"}
    assert set(step["env"]) == set(given)
    path = f"{here}:{os.environ['PATH']}"
    subprocess.run(["bash", "-e", "-c", step["run"]], env={**os.environ, **given, "PATH": path}, check=True)
    assert (here / "asked").read_text().splitlines()[5:] == installed


@pytest.mark.parametrize(("files", "code"), [("database.yaml", 0), ("database.yaml faulty.yaml", 1)])
def test_the_action_annotates_and_fails_as_the_check_does(here: Path, files: str, code: int) -> None:
    action: Any = yaml.safe_load((ROOT / "action.yml").read_text())
    step = next(one for one in action["runs"]["steps"] if one["name"] == "check")
    (here / "mainstay").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m mainstay "$@"\n')
    (here / "mainstay").chmod(0o755)
    given = {"FILES": files, "FAIL_ON": "error", "SARIF_FILE": "out.sarif"}
    assert set(step["env"]) == set(given)
    run = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", step["run"]],
        env={**os.environ, **given, "PATH": f"{here}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == code, run.stderr
    assert ("::error " in run.stdout) == bool(code)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads((here / "out.sarif").read_text()))


def test_the_gravest_rule_is_offered_to_be_taught(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, "faulty.yaml", "--json")
    first = next(one for one in json.loads(out)["findings"] if one["reality"])
    assert told(capsys, "faulty.yaml")[1].endswith(f"mainstay explain {first['id']} says what happens in reality\n")
    assert "mainstay explain" not in told(capsys, "database.yaml")[1]
