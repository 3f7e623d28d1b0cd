"""Findings in other tools' words, judged by the published schema of SARIF, an XML parser and GitHub's own escaping.

sarif-2.1.0.schema.json is OASIS's schema of SARIF 2.1.0 (Errata 01, 2023-08-28), its descriptions left out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.checks import all_rules, run
from mainstay.checks.registry import find
from mainstay.core.findings import Finding, Harm, Origin, Severity
from mainstay.report.findings import About, Suite, github, junit, sarif

SCHEMA = json.loads(Path(__file__).with_name("sarif-2.1.0.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
FINDING = Finding(
    id="DB006",
    severity=Severity.ERROR,
    harm=Harm.DATA_LOSS,
    summary="deletion protection is off",
    detail="Database can be deleted: 100%, with one call.",
    hint="set it",
    subject="Database",
    origin=Origin("stacks/shop.yaml", 12, 5),
    source="RDS User Guide",
)
MILD = replace(FINDING, id="XX999", severity=Severity.INFO, subject="", origin=None, hint="")
ACCEPTED = FINDING.suppress("a toy")

RULES = {rule.id: About(rule.severity, rule.reason, rule.source) for rule in all_rules()}

texts = st.text(max_size=12)
findings_of_all_kinds = st.builds(
    Finding,
    id=st.sampled_from(["DB006", "SP008", "XX999"]),
    severity=st.sampled_from(Severity),
    harm=st.sampled_from(Harm),
    summary=texts,
    detail=texts,
    hint=texts,
    subject=texts,
    origin=st.none() | st.builds(Origin, texts.filter(bool), st.integers(0, 9), st.integers(0, 9)),
    source=texts,
    suppressed=st.none() | texts,
)


def results(*findings: Finding, root: Path | None = None) -> list[dict[str, Any]]:
    log: Any = sarif([Suite("shop.yaml", findings)], rules=RULES, root=root)
    VALIDATOR.validate(log)
    (only,) = log["runs"]
    found: list[dict[str, Any]] = only["results"]
    assert [only["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] for each in found] == [f.id for f in findings]
    return found


def suite(*findings: Finding, examined: dict[str, str] | None = None, fail_on: Severity = Severity.ERROR) -> Any:
    text = junit([Suite("shop.yaml", findings, examined or {})], fail_on=fail_on)
    (only,) = ElementTree.fromstring(text)
    return only


def test_the_schema_itself_refuses_what_is_no_sarif() -> None:
    log: Any = sarif([Suite("shop.yaml", [FINDING])], rules=RULES)
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(log)


def test_a_scanner_learns_where_how_grave_and_what_to_do() -> None:
    (found,) = results(FINDING)
    (location,) = found["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "stacks/shop.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 12, "startColumn": 5},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "Database", "kind": "resource"}]
    assert (found["level"], found["message"]["text"]) == ("error", f"{FINDING.detail} Fix: set it.")
    assert "suppressions" not in found


def test_a_rule_brings_its_reason_and_what_is_no_rule_its_summary() -> None:
    log: Any = sarif([Suite("shop.yaml", [FINDING, MILD])], rules=RULES)
    known, unknown = log["runs"][0]["tool"]["driver"]["rules"]
    rule = find("DB006")
    assert rule is not None
    assert known["fullDescription"]["text"] == rule.reason
    assert known["defaultConfiguration"] == {"level": "warning"}  # the rule's own, not this case's
    assert unknown == {
        "id": "XX999",
        "shortDescription": {"text": MILD.summary},
        "defaultConfiguration": {"level": "note"},
        "properties": {"tags": ["data loss"]},
    }


def test_without_a_place_the_checked_file_is_the_place() -> None:
    argued = replace(FINDING, origin=Origin("argument database.class"))
    for found in results(MILD, argued):
        assert found["locations"][0]["physicalLocation"] == {
            "artifactLocation": {"uri": "shop.yaml", "uriBaseId": "%SRCROOT%"}
        }


def test_paths_are_relative_below_the_root_and_whole_elsewhere() -> None:
    below, beside = (replace(FINDING, origin=Origin(file)) for file in ("/repo/a b/#1.yaml", "/else/b.yaml"))
    uris = [
        each["locations"][0]["physicalLocation"]["artifactLocation"]
        for each in results(below, beside, root=Path("/repo"))
    ]
    assert uris == [{"uri": "a%20b/%231.yaml", "uriBaseId": "%SRCROOT%"}, {"uri": "file:///else/b.yaml"}]


def test_a_finding_keeps_its_fingerprint_when_lines_and_numbers_move() -> None:
    moved = replace(FINDING, origin=Origin("stacks/shop.yaml", 99), detail="other numbers")
    prints = [each["partialFingerprints"]["mainstay/v1"] for each in results(FINDING, moved)]
    (again,) = results(moved)
    assert again["partialFingerprints"]["mainstay/v1"] == prints[0]
    assert prints[0] != prints[1], "two of a kind in one file are two"


def test_what_somebody_accepted_is_told_with_the_reason() -> None:
    (found,) = results(ACCEPTED)
    assert found["suppressions"] == [{"kind": "inSource", "justification": "a toy"}]


def test_a_test_report_agrees_with_the_exit_code() -> None:
    examined = {"DB006": "deletion protection is off", "DB003": "backups are off"}
    only = suite(FINDING, MILD, replace(ACCEPTED, subject="Other"), examined=examined)
    assert {name: only.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4", "failures": "1", "errors": "0", "skipped": "1",
    }  # fmt: skip
    failed = only.find("testcase[failure]")
    assert (failed.get("file"), failed.get("line")) == ("stacks/shop.yaml", "12")
    assert failed.find("failure").text == f"stacks/shop.yaml:12: {FINDING.detail} Fix: set it."
    assert only.find("testcase[@classname='XX999']/system-out").text.startswith("info: shop.yaml: ")
    assert len(only.find("testcase[@classname='DB003']")) == 0
    assert suite(MILD, fail_on=Severity.INFO).get("failures") == "1"
    assert suite(MILD, fail_on=Severity.WARNING).get("failures") == "0"


def test_annotations_are_one_line_each_and_escaped() -> None:
    nasty = replace(FINDING, summary="a: b, c", detail="1%\nsecond line", origin=Origin("a,b:c.yaml", 3))
    assert github([Suite("shop.yaml", [nasty, MILD, ACCEPTED])]) == (
        "::error title=DB006 a%3A b%2C c,file=a%2Cb%3Ac.yaml,line=3::Database: 1%25%0Asecond line Fix: set it.\n"
        f"::notice title=XX999 deletion protection is off,file=shop.yaml::{MILD.detail.replace('%', '%25')}\n"
    )
    assert ",col=5::" in github([Suite("shop.yaml", [FINDING])])


@settings(max_examples=25)
@given(st.lists(findings_of_all_kinds, max_size=4))
def test_whatever_a_finding_says_every_form_of_it_is_well_formed(found: Sequence[Finding]) -> None:
    assert len(results(*found)) == len(found)
    assert suite(*found).get("tests") == str(len(found))
    lines = github([Suite("shop.yaml", found)]).split("\n")
    assert len(lines) == 1 + sum(each.suppressed is None for each in found)


def test_every_rule_can_be_told_in_every_form() -> None:
    found = [finding for rule in all_rules() for finding in run(rule.bad())]
    VALIDATOR.validate(sarif([Suite("shop.yaml", found)], rules=RULES))
    assert suite(*found).get("tests") == str(len(found))


def test_a_rule_is_found_by_its_id_alone() -> None:
    assert [find(rule.id) for rule in all_rules()] == all_rules()
    assert find("DB999") is find("QQ001") is None
