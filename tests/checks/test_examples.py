"""Each rule's own examples: the bad one fires that rule alone, the good one fires nothing, and both stay silent on the unseen."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest

from mainstay.checks import all_rules, run
from mainstay.checks.examples import alarm, database, group, key_for, plan_of, replica, settings, told
from mainstay.checks.rule import Rule
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Fate, Resource
from mainstay.plan.values import Ref, Unknown

TODAY = date(2026, 11, 20)
by_id = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)


def test_the_sound_parts_fire_nothing() -> None:
    sound = plan_of(
        database(parameter_group=Ref("Settings"), security_groups=(Ref("DatabaseGroup"),), key_id=Ref("Key")),
        replica(),
        settings(),
        group(),
        alarm(),
        *told(key_id=Ref("Key")),
        key_for("cloudwatch.amazonaws.com"),
    )
    assert run(sound, today=TODAY) == []


@by_id
def test_the_bad_example_fires_this_rule_alone(rule: Rule) -> None:
    findings = run(rule.bad(), today=TODAY)
    assert {finding.id for finding in findings} == {rule.id}
    for finding in findings:
        assert finding.summary == rule.summary
        assert finding.source == rule.source
        assert finding.subject in finding.detail or finding.subject
        assert finding.detail.endswith(".")
        assert not finding.hint.endswith(".")
        assert finding.severity is rule.severity


@by_id
def test_the_good_example_fires_nothing(rule: Rule) -> None:
    assert run(rule.good(), today=TODAY) == []


def unseen(resource: Resource) -> Resource:
    """The resource with every single value that it writes replaced by one that only the target resolves."""
    kept = {"key", "depends_on", "on_delete", "on_replace", "extras", "address", "origin", "tags", "policy"}
    hidden = {
        spec.name: (Unknown("the target knows"),)
        if isinstance(getattr(resource, spec.name), tuple)
        else Unknown("later")
        for spec in fields(resource)
        if spec.name not in kept
        and getattr(resource, spec.name) not in (None, {}, ())
        and not isinstance(getattr(resource, spec.name), dict)
    }
    return replace(resource, **hidden)


def hidden_plan(plan: Plan) -> Plan:
    return replace(
        plan,
        regions=tuple(
            replace(region, resources=tuple(unseen(resource) for resource in region.resources))
            for region in plan.regions
        ),
    )


@by_id
def test_no_rule_speaks_or_crashes_on_what_it_cannot_see(rule: Rule) -> None:
    # What a bad example leaves out altogether stays left out: there AWS's default holds, and the rule may speak.
    speaks_of_absence = {"DB003", "DB004", "DB005", "DB006", "DB031", "BK032", "AL004"}
    ids = {finding.id for finding in run(hidden_plan(rule.bad()), today=TODAY)}
    assert ids <= speaks_of_absence & {rule.id}


@by_id
def test_no_rule_crashes_on_empty_resources(rule: Rule) -> None:
    for kind in rule.applies_to:
        needed = {"policy": None, "trust": None, "parameters": {}, "dimensions": {}, "tags": {}, "extras": {}}
        values = {spec.name: needed.get(spec.name, Unknown("x")) for spec in fields(kind) if spec.init}
        bare = kind(**{name: value for name, value in values.items() if _is_needed(kind, name)} | {"key": "Thing"})
        assert "MS001" not in {finding.id for finding in run(plan_of(bare), today=TODAY)}


def _is_needed(kind: type[Resource], name: str) -> bool:
    from dataclasses import MISSING

    spec = next(each for each in fields(kind) if each.name == name)
    return spec.default is MISSING and spec.default_factory is MISSING


def test_a_fate_is_never_unseen() -> None:
    assert {fate.value for fate in Fate} == {"delete", "retain", "retain except on create", "snapshot"}
