"""A mend heals: with it the rule is silent, nothing else speaks, and so it is through every format."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date

import pytest
import yaml
from tests.checks.test_rules_over_formats import NOT_IN_CLOUDFORMATION, NOT_IN_TERRAFORM

from mainstay.checks import all_rules, run
from mainstay.checks.engine import Suggest
from mainstay.checks.rule import Fault, Rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Finding, Severity
from mainstay.core.patches import Change, Language, Patch
from mainstay.formats import cloudformation, editing, terraform
from mainstay.formats.cloudformation import patching as templates
from mainstay.formats.terraform import patching as modules
from mainstay.plan.mending import mended
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import Resource

TODAY = date(2026, 11, 20)
# Where the right value is somebody's choice, or lies in another account or in a program.
LEAST_MENDED = 1


def faults(rule: Rule, plan: Plan) -> Iterator[tuple[RegionPlan, Fault]]:
    for region in plan.regions:
        scene = Scene(plan, region, TODAY)
        for resource in region.resources:
            if isinstance(resource, rule.applies_to):
                yield from ((region, fault) for fault in rule.judge(resource, scene))


MENDED = [rule for rule in all_rules() if any(fault.mend for _, fault in faults(rule, rule.bad()))]
by_id = pytest.mark.parametrize("rule", MENDED, ids=lambda rule: rule.id)


def loud(rule: Rule, findings: Sequence[Finding]) -> list[str]:
    """What the rule itself still says, and what others say that is more than an information."""
    meant = (one for one in findings if one.id == rule.id or one.severity is not Severity.INFO)
    return [f"{one.id}: {one.detail}" for one in meant]


def test_many_rules_know_their_mend() -> None:
    assert len(MENDED) >= LEAST_MENDED


@by_id
def test_a_mend_heals_and_hurts_nothing(rule: Rule) -> None:
    plan = rule.bad()
    assert loud(rule, run(plan, today=TODAY)), "or nothing would be healed"
    while found := [(region, fault) for region, fault in faults(rule, plan) if fault.mend]:
        region, fault = found[0]
        healed = mended(plan, region, fault.mend)
        assert len(list(faults(rule, healed))) < len(list(faults(rule, plan)))
        plan = healed
    assert loud(rule, run(plan, today=TODAY)) == []


@by_id
def test_a_mend_changes_fields_and_keeps_what_was_read(rule: Rule) -> None:
    for region, fault in faults(rule, rule.bad()):
        for one in fault.mend:
            before = region.find(one.key)
            if before is not None:
                assert type(before) is type(one)
                assert any(getattr(before, each.name) != getattr(one, each.name) for each in fields(one))


def patches(plan: Plan, suggest: Suggest) -> list[Patch]:
    return [one.patch for one in run(plan, today=TODAY, suggest=suggest) if one.patch]


def in_template(plan: Plan, region: RegionPlan, mend: tuple[Resource, ...]) -> Patch | None:
    changes = templates.patch(region, mend)
    return Patch(language=Language.YAML, changes=changes) if changes else None


def in_module(plan: Plan, region: RegionPlan, mend: tuple[Resource, ...]) -> Patch | None:
    changes = modules.of_module(plan, region, mend)
    return Patch(language=Language.TERRAFORM, changes=changes) if changes else None


def healed_text(text: str, file: str) -> str:
    """A template's text with one patch made after the other, as somebody would."""
    for _ in range(10):
        found = patches(cloudformation.read(text, file=file), in_template)
        if not found:
            return text
        text = editing.applied(text, editing.replacements(text, found[0].changes))
    raise AssertionError("it does not come to an end")


@by_id
@pytest.mark.parametrize("form", ["json", "yaml", "flow"])
def test_a_template_is_healed_by_its_snippets(rule: Rule, form: str) -> None:
    if rule.id in NOT_IN_CLOUDFORMATION:
        pytest.skip(NOT_IN_CLOUDFORMATION[rule.id])
    (text,) = cloudformation.render(rule.bad()).values()
    if form != "json":
        text = yaml.safe_dump(json.loads(text), sort_keys=False, default_flow_style=form == "flow" or None)
    healed = cloudformation.read(healed_text(text, "template"), file="template")
    assert loud(rule, run(healed, today=TODAY)) == []


def changed(files: dict[str, str], changes: Sequence[Change]) -> dict[str, str]:
    found = dict(files)
    for one in changes:
        assert one.origin is not None
        found[one.origin.file] = editing.edited(found[one.origin.file], [one])
    return found


@by_id
def test_a_module_is_healed_by_its_snippets(rule: Rule) -> None:
    if rule.id in NOT_IN_TERRAFORM:
        pytest.skip(NOT_IN_TERRAFORM[rule.id])
    files = dict(terraform.render(rule.bad()))
    for _ in range(10):
        found = patches(terraform.read(files), in_module)
        if not found:
            break
        files = changed(files, found[0].changes)
    assert loud(rule, run(terraform.read(files), today=TODAY)) == []
