"""The answers to what other tools say: how they are matched, and that their page is current."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bench.oracles.answers import PAGE, Answer, answers, page, stale, unanswered
from bench.oracles.finding import Finding, ReportNotUnderstood, of_cdk, of_checkov, place

GOLDEN = Path("tests/golden/shop/prod/shop-prod.eu-central-1.template.json")
FOUND = Finding("cdk-nag", "IAM5[Action::s3:Put*]", "shop/prod/Role", "a wildcard")


def answer(tool: str = "cdk-nag", id: str = "IAM5[Action::s3:Put*]", where: str = "shop/prod/Role") -> Answer:  # noqa: A002 - as in the list
    return Answer(tool=tool, id=id, where=where, says="a wildcard", reason="documented")


def test_the_page_is_current() -> None:
    """Written by: make docs"""
    assert PAGE.read_text(encoding="utf-8") == page(answers())


def test_every_answer_gives_a_reason_and_stands_once() -> None:
    given = answers()
    assert {one.tool for one in given} == {"checkov", "cdk-nag", "cdk"}
    assert [str(one) for one in given if len(one.reason) < 40 or not one.says or "|" in one.reason] == []
    assert len({str(one) for one in given}) == len(given)


@pytest.mark.parametrize(
    ("given", "is_answered"),
    [
        (answer(), True),
        (answer(where="*/prod/*"), True),
        (answer(id="IAM5[*]"), True),
        (answer(tool="checkov"), False),
        (answer(where="shop/dev/Role"), False),
        (answer(where="shop/prod/Rol"), False),
        (answer(id="IAM5[Action::s3:PutX]"), False),
    ],
)
def test_an_answer_is_for_a_tool_an_id_and_a_place(given: Answer, is_answered: bool) -> None:
    assert (unanswered([FOUND], [given]) == []) is is_answered
    assert (stale([FOUND], [given], ["cdk-nag", "checkov"]) == []) is is_answered


def test_answers_to_a_tool_that_was_not_asked_are_not_stale() -> None:
    assert stale([], [answer()], ["checkov"]) == []
    assert stale([], [answer()], ["cdk-nag"]) == [answer()]


def checkov_report(*, passed: int = 9, errors: int = 0) -> str:
    failed = {
        "check_id": "CKV_1",
        "check_name": "a name",
        "file_path": f"/{GOLDEN}",
        "resource": "AWS::RDS::DBInstance.Database",
    }
    return json.dumps({"summary": {"passed": passed, "parsing_errors": errors}, "results": {"failed_checks": [failed]}})


def test_the_nested_form_stands_where_the_whole_does() -> None:
    nested = GOLDEN.parents[1] / "prod-nested" / GOLDEN.name
    assert place(nested) == place(GOLDEN) == "shop/prod"


def test_a_report_of_checkov_is_read() -> None:
    assert of_checkov(checkov_report(), [GOLDEN]) == {Finding("checkov", "CKV_1", "shop/prod/Database", "a name")}


@pytest.mark.parametrize("report", [checkov_report(passed=0), checkov_report(errors=1)])
def test_a_checkov_that_has_not_looked_is_no_success(report: str) -> None:
    with pytest.raises(ReportNotUnderstood, match="has not read every template"):
        of_checkov(report, [GOLDEN])


def test_a_report_of_the_cdk_is_read() -> None:
    violation = {
        "ruleName": "RDS2",
        "description": "not encrypted",
        "violatingConstructs": [{"constructPath": "Template0/Template/Database"}],
    }
    silent = {"pluginName": "CloudFormation Validate", "violations": []}
    report = {"pluginReports": [{"pluginName": "AwsSolutions", "violations": [violation]}, silent]}
    expected = Finding("cdk-nag", "RDS2", "shop/prod/Database", "not encrypted")
    assert of_cdk(json.dumps(report), {"Template0": GOLDEN}) == {expected}
    with pytest.raises(ReportNotUnderstood, match="have looked"):
        of_cdk(json.dumps({"pluginReports": [silent]}), {})
