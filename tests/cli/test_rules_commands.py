"""`mainstay rules` and `mainstay explain`, as they are typed."""

from __future__ import annotations

import json

import pytest

from mainstay import cli
from mainstay.checks import all_rules
from mainstay.core.findings import Harm


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.run(list(arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_list_has_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "rules")
    assert code == 0
    assert [rule.id for rule in all_rules() if rule.id not in out] == []
    assert f"{len(all_rules())} rules" in out


def test_the_list_can_be_narrowed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "rules", "--family", "alarms", "--harm", "blind", "--json")
    listed = json.loads(out)["rules"]
    assert code == 0
    assert {(rule["family"], rule["harm"]) for rule in listed} == {("alarms", Harm.BLIND)}
    assert "AL001" in {rule["id"] for rule in listed}


@pytest.mark.parametrize(("option", "named"), [("--family", "alarms"), ("--harm", "data loss")])
def test_an_unknown_choice_names_the_known_ones(capsys: pytest.CaptureFixture[str], option: str, named: str) -> None:
    code, out, err = told(capsys, "rules", option, "wrong")
    assert (code, out) == (2, "")
    assert "'wrong' is none" in err
    assert named in err


def test_a_rule_is_taught_by_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "explain", "bk006")
    assert code == 0
    for words in ("A snapshot that starts during", "fires on", "does not fire on", "source: AWS Backup"):
        assert words in out
    assert "-      ScheduleExpression: cron(30 3 * * ? *)" in out
    assert "+      ScheduleExpression: cron(0 2 * * ? *)" in out


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_every_rule_can_be_taught(capsys: pytest.CaptureFixture[str], rule: object) -> None:
    name = rule.id  # type: ignore[attr-defined]  # parametrized
    code, out, _ = told(capsys, "explain", name, "--json")
    document = json.loads(out)
    assert (code, document["id"]) == (0, name)
    assert all(document[part] for part in ("reason", "fires_on", "does_not_fire_on", "detail", "hint", "source"))
    assert any(line[:1] in "+-" for lines in document["changes"].values() for line in lines)


def test_what_no_rule_has_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = told(capsys, "explain", "AL02")
    assert code == 2
    assert "did you mean AL002?" in err
    code, _, err = told(capsys, "explain", "zzzz")
    assert code == 2
    assert "`mainstay rules` lists them" in err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("FC001", "FC001 (error) is no rule; it says: the worst case of a failure"),
        ("ms006", "MS006 (info) is no rule; it says: what is known of AWS here"),
        ("DB039", "DB039 is no rule: a key that is deleted with the stack, and its waiting period is said by BK032."),
        ("SP020", "SP020 is no rule: a fault of a spec's own"),
    ],
)
def test_an_id_that_is_no_rule_s_says_what_it_is(capsys: pytest.CaptureFixture[str], name: str, said: str) -> None:
    code, _, err = told(capsys, "explain", name)
    assert code == 2
    assert said in err
    assert "did you mean" not in err


def test_a_rule_says_whether_its_fix_is_shown_as_a_patch(capsys: pytest.CaptureFixture[str]) -> None:
    for name, has_patch in (("DB006", True), ("DB045", False)):
        assert cli.run(["explain", name]) == 0
        assert ("(shown as a patch)" in capsys.readouterr().out) is has_patch
        assert cli.run(["explain", name, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["has_patch"] is has_patch
