"""Patches of findings about the corpus, which nobody wrote with them in mind, heal what they are about."""

from __future__ import annotations

import json
from datetime import date

from bench.checks.case import cases

from mainstay.checks import run
from mainstay.core.findings import Finding, Severity
from mainstay.core.patches import Language, Patch
from mainstay.formats import cloudformation, editing
from mainstay.formats.cloudformation.patching import patch
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import Resource

TODAY = date(2026, 11, 20)
# Every so many of them: together they take a quarter of a minute.
STEP = 5


def in_template(plan: Plan, region: RegionPlan, mend: tuple[Resource, ...]) -> Patch | None:
    changes = patch(region, mend)
    return Patch(language=Language.JSON, changes=changes) if changes else None


def found_in(text: str) -> list[Finding]:
    source = cloudformation.Source(text, "template.json")
    return run(cloudformation.read_tree(source, parameters={}).plan, today=TODAY, suggest=in_template)


def said(one: Finding) -> tuple[str, str, str]:
    return one.id, one.subject, one.detail


def test_a_patch_silences_its_finding_and_brings_no_error() -> None:
    count = 0
    for case in cases()[::STEP]:
        text = json.dumps(case.twins["defect"], indent=2)
        before = found_in(text)
        errors = {one.id for one in before if one.severity is Severity.ERROR}
        for one in before:
            if one.patch is None:
                continue
            after = found_in(editing.applied(text, editing.replacements(text, one.patch.changes)))
            assert said(one) not in {said(each) for each in after}, case.name
            assert {each.id for each in after if each.severity is Severity.ERROR} <= errors, case.name
            count += 1
    assert count > 10
