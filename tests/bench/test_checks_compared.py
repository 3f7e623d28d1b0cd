"""The comparison of checks: its page and our own results are current, and every report is read as it is meant."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from bench.checks import measured, own, page, results
from bench.checks.case import HELD_OUT, Case, cases
from bench.checks.measured import Measured
from bench.checks.others import ReportNotUnderstood, of_cdk, of_cfn_lint, of_checkov
from bench.checks.results import Results
from bench.checks.saying import CLOUDFORMATION, FORMS, OURS, TERRAFORM, Outcome, Saying, outcome
from bench.checks.terraform_form import NotHeld, names, planned, twins_of
from bench.harness import Comparison

FOUND = Saying("error", "BK006", "Plan")
INFO = Saying("info", "BK036", "Plan")
NAMES = ["public.one.defect.json", "public.one.healthy.json"]


def template(**properties: object) -> dict[str, object]:
    return {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": properties}}}


def case(defect: dict[str, object], healthy: dict[str, object] | None = None) -> Case:
    return Case(
        part="public",
        slug="one",
        about="a case",
        rules=("AL004",),
        source="https://example.org",
        place=("Topic",),
        healthy=healthy or template(DisplayName="sound"),
        defect=defect,
    )


def test_what_we_find_is_current(tmp_path: Path) -> None:
    """Written by: make docs"""
    kept, found = results.load(), cases()
    assert {one.name for one in found} == kept.table[OURS, CLOUDFORMATION].keys()
    for form in FORMS:
        # Terraform's form costs five times as much: a third of the cases stands for it.
        asked = [one for one in found if form == CLOUDFORMATION or int(one.digest, 16) % 3 == 0]
        now = {one.name: own.outcome_in(form, one, tmp_path, kept.date).as_json() for one in asked}
        assert now == {one.name: kept.table[OURS, form][one.name].as_json() for one in asked}


def test_the_page_is_current() -> None:
    """Written by: make docs"""
    assert page.PAGE.read_text(encoding="utf-8") == page.page(results.load(), cases())


def test_every_tool_was_asked_for_every_case_that_counts() -> None:
    kept, found = results.load(), cases()
    asked = {one.name for one in found if kept.digests.get(one.name) == one.digest}
    assert len(asked) >= 80
    for tool in page.TOOLS:
        assert asked <= kept.table[tool, CLOUDFORMATION].keys(), tool
        assert kept.versions[tool]
    held = {name for name in asked if not kept.table[OURS, TERRAFORM][name].reason}
    assert held <= kept.table["checkov", TERRAFORM].keys()


def test_whatever_we_miss_and_every_alarm_has_its_reason() -> None:
    kept, notes = results.load(), json.loads(page.NOTES.read_text(encoding="utf-8"))
    found = [one for one in cases() if kept.digests.get(one.name) == one.digest]
    silent = {one.name for one in page.missed(kept, found, CLOUDFORMATION) if one.part != HELD_OUT}
    assert silent == notes["missed"].keys()
    alarms = {one.id for form in FORMS for case in found for one in kept.table[OURS, form][case.name].alarms}
    assert alarms == notes["alarms"].keys()
    names_ = {one.name for one in found}
    assert [one["case"] for one in notes["mended"] if one["case"] not in names_] == []
    texts = [*notes["missed"].values(), *notes["alarms"].values(), *(one["what"] for one in notes["mended"])]
    assert [text for text in texts if len(text) < 40 or "|" in text] == []


def test_results_come_back_as_they_were(tmp_path: Path) -> None:
    run = Results(
        date=date(2026, 11, 21),
        versions={OURS: "1"},
        digests={"public/one": "abc"},
        table={
            (OURS, CLOUDFORMATION): {"public/one": Outcome((FOUND,), {"info": 1}, (FOUND,))},
            (OURS, TERRAFORM): {"public/one": Outcome(reason="not carried")},
        },
    )
    results.save(run, tmp_path / "results.json")
    assert results.load(tmp_path / "results.json") == run


def test_what_was_measured_comes_back_as_it_was(tmp_path: Path) -> None:
    found = Measured(time=Comparison(0.3, 3.0, 0.1), modules=2, complaints=["aws_x.y: z is unknown"])
    measured.save(found, tmp_path / "measured.json")
    assert measured.load(tmp_path / "measured.json") == found


def test_our_time_is_a_small_part_of_theirs() -> None:
    kept = measured.load()
    assert (kept.time.ratio < 1, kept.modules > 100, kept.complaints) == (True, True, [])


@pytest.mark.parametrize(
    ("healthy", "defect", "new"),
    [
        ([], [FOUND], (FOUND,)),
        ([FOUND], [FOUND], ()),
        ([FOUND], [], ()),
        ([FOUND], [FOUND, replace(FOUND, place="Vault")], (replace(FOUND, place="Vault"),)),
        ([replace(FOUND, severity="info")], [FOUND], (FOUND,)),
    ],
)
def test_a_defect_is_found_by_what_is_said_of_it_alone(
    healthy: list[Saying], defect: list[Saying], new: tuple[Saying, ...]
) -> None:
    told = outcome("cfn-lint", healthy, defect)
    assert (told.new, told.is_found, told.noise, told.alarms) == (new, bool(new), len(healthy), ())


def test_only_our_errors_and_warnings_are_alarms() -> None:
    assert outcome(OURS, [FOUND, INFO], []).alarms == (FOUND,)
    assert outcome("checkov", [Saying("failed", "CKV_1", "Plan")], []).alarms == ()


@pytest.mark.parametrize(("said", "fails"), [(FOUND, True), (INFO, False), (Saying("failed", "CKV_1", "x"), True)])
def test_errors_fail_a_run(said: Saying, fails: bool) -> None:
    assert outcome(OURS, [], [said]).fails is fails


@pytest.mark.parametrize(
    ("said", "is_named"), [("orders", True), ("orders_2", True), ("orders_events", False), ("", False)]
)
def test_a_place_is_named_by_label(said: str, is_named: bool) -> None:
    assert Outcome((replace(FOUND, place=said),)).names(names(("Orders",))) is is_named


def test_a_finding_is_kept_as_a_line() -> None:
    nowhere = Saying("error", "E0001", "")
    assert str(nowhere) == "error E0001 -"
    assert [Saying.of(str(one)) for one in (FOUND, nowhere)] == [FOUND, nowhere]


def test_a_report_of_cfn_lint_is_read() -> None:
    def complaint(*path: object) -> dict[str, object]:
        return {
            "Filename": f"/tmp/{NAMES[0]}",  # a report's, nothing is opened
            "Level": "Error",
            "Rule": {"Id": "E3012"},
            "Location": {"Path": list(path)},
        }

    text = json.dumps([complaint("Resources", "Orders", "Properties"), complaint("Parameters", "Size")])
    assert of_cfn_lint(text, NAMES) == {
        NAMES[0]: [Saying("error", "E3012", "Orders"), Saying("error", "E3012", "")],
        NAMES[1]: [],
    }


def test_a_report_of_checkov_is_read_and_has_to_name_every_file() -> None:
    def check(name: str) -> dict[str, str]:
        return {"check_id": "CKV_1", "file_path": f"/{name}", "resource": "aws_db_instance.orders"}

    report = {
        "summary": {"parsing_errors": 0},
        "results": {"failed_checks": [check(NAMES[0])], "passed_checks": [check(NAMES[1])]},
    }
    assert of_checkov(json.dumps(report), NAMES) == {NAMES[0]: [Saying("failed", "CKV_1", "orders")], NAMES[1]: []}
    with pytest.raises(ReportNotUnderstood, match=r"another\.json"):
        of_checkov(json.dumps(report), [*NAMES, "another.json"])


def test_a_report_of_the_cdk_is_read() -> None:
    def plugin(name: str, rule: str) -> dict[str, object]:
        construct = {"constructPath": "Template1/Template/Orders"}
        violation = {"ruleName": rule, "severity": "error", "violatingConstructs": [construct]}
        return {"pluginName": name, "violations": [violation] if rule else []}

    plugins = [plugin("AwsSolutions", "AwsSolutions-RDS2"), plugin("cdk-preflight", "pf-rds-x")]
    with pytest.raises(ReportNotUnderstood, match="CloudFormation Validate"):
        of_cdk(json.dumps({"pluginReports": plugins}), {}, NAMES)
    report = {"pluginReports": [*plugins, plugin("CloudFormation Validate", "")]}
    refused = Saying("error", "refused", "")
    assert of_cdk(json.dumps(report), {f"/tmp/{NAMES[0]}": "circular"}, NAMES) == {
        "cdk-nag": {NAMES[0]: [refused], NAMES[1]: [Saying("error", "RDS2", "Orders")]},
        "cdk-preflight": {NAMES[0]: [refused], NAMES[1]: [Saying("error", "pf-rds-x", "Orders")]},
    }


def test_a_twin_becomes_a_plan_of_terraform() -> None:
    twins = twins_of(case({"Resources": {"Topic": {"Properties": {"DisplayName": "broken"}}}}))
    values = {
        twin: plan["planned_values"]["root_module"]["resources"][0]["values"] for twin, plan in twins.plans.items()
    }
    assert values["healthy"]["display_name"] == "sound"
    assert values["defect"]["display_name"] == "broken"


@pytest.mark.parametrize(
    ("defect", "says"),
    [
        ({"Mappings": {"Sizes": {"small": {"class": "db.t4g.small"}}}}, "both twins are the same"),
        ({"Resources": {"Topic": {"Type": "AWS::X::Y"}}}, "Topic is not carried"),
        ({"Resources": {"Topic": {"Properties": {"NoSuchThing": 1}}}}, "NoSuchThing"),
    ],
)
def test_what_terraform_cannot_hold_is_said(defect: dict[str, object], says: str) -> None:
    with pytest.raises(NotHeld, match=says):
        twins_of(case(defect))


def test_a_plan_knows_who_and_where_and_what_policies_say() -> None:
    main = {
        "data": {
            "aws_iam_policy_document": {
                "open": {
                    "statement": [
                        {
                            "sid": "Use",
                            "principals": [
                                {"type": "AWS", "identifiers": ["${data.aws_caller_identity.me.account_id}"]}
                            ],
                            "actions": ["kms:*"],
                            "resources": ["*"],
                            "condition": [{"test": "StringEquals", "variable": "kms:ViaService", "values": ["rds"]}],
                        }
                    ]
                },
                "later": {"statement": [{"actions": ["sns:Publish"], "resources": ["${aws_sns_topic.topic.arn}"]}]},
            }
        },
        "resource": {
            "aws_kms_key": {"key": {"policy": "${data.aws_iam_policy_document.open.json}"}},
            "aws_sns_topic_policy": {"topic": {"policy": "${data.aws_iam_policy_document.later.json}"}},
            "aws_cloudwatch_event_rule": {
                "rule": {
                    "event_pattern": '${jsonencode({"source": ["aws.rds"]})}',
                    "description": "${jsonencode(f(1))}",
                }
            },
        },
    }
    known = json.loads(planned({"main.tf.json": json.dumps(main)})["main.tf.json"])["resource"]
    (statement,) = json.loads(known["aws_kms_key"]["key"]["policy"])["Statement"]
    assert statement == {
        "Sid": "Use",
        "Effect": "Allow",
        "Action": ["kms:*"],
        "Resource": ["*"],
        "Principal": {"AWS": ["111111111111"]},
        "Condition": {"StringEquals": {"kms:ViaService": ["rds"]}},
    }
    # What hangs on a resource is known after it was applied.
    assert known["aws_sns_topic_policy"]["topic"]["policy"] == "${data.aws_iam_policy_document.later.json}"
    rule = known["aws_cloudwatch_event_rule"]["rule"]
    assert rule == {"event_pattern": '{"source": ["aws.rds"]}', "description": "${jsonencode(f(1))}"}
