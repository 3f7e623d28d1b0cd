"""Each rule's own examples: the bad one fires that rule alone, the good one nothing; none fires on the unseen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from datetime import date
from typing import Any

import pytest

from mainstay.checks import all_rules, run
from mainstay.checks.backup.examples import backed_up
from mainstay.checks.dns.examples import named
from mainstay.checks.examples import alarm, database, group, key_for, plan_of, replica, settings, told
from mainstay.checks.proxy.examples import fronted
from mainstay.checks.rule import Rule
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Resource
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


def test_a_sound_database_under_aws_backup_fires_nothing() -> None:
    assert run(backed_up(), today=TODAY) == []


def test_a_sound_proxy_fires_nothing() -> None:
    assert run(fronted(), today=TODAY) == []


def test_a_sound_name_fires_nothing() -> None:
    assert run(named(), today=TODAY) == []


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
    """The resource with everything that it writes replaced by what only the target resolves."""
    kept = {"key", "type", "depends_on", "on_delete", "on_replace", "extras", "address", "origin", "tags", "policy"}
    hidden: dict[str, Any] = {}
    for spec in fields(resource):
        value = getattr(resource, spec.name)
        if spec.name in kept or value in (None, ()) or isinstance(value, Mapping):
            continue
        hidden[spec.name] = (Unknown("later", is_list=True),) if isinstance(value, tuple) else Unknown("later")
    return replace(resource, **hidden)


def hidden_plan(plan: Plan) -> Plan:
    regions = (
        replace(region, resources=tuple(unseen(resource) for resource in region.resources)) for region in plan.regions
    )
    return replace(plan, regions=tuple(regions))


@by_id
def test_no_rule_speaks_or_crashes_on_what_it_cannot_see(rule: Rule) -> None:
    # What a bad example leaves out altogether stays left out: there AWS's default holds, and the rule may speak.
    speaks_of_absence = {"DB003", "DB004", "DB005", "DB006", "DB031", "DB038", "DB040", "DB045"}
    speaks_of_absence |= {"BK010", "BK026", "BK032", "PX011", "AL004", "KM001"}
    # Outputs and intent are no resources, so they stay as they are.
    speaks_of_absence |= {"ST001", "ST003", "ST004"}
    ids = {finding.id for finding in run(hidden_plan(rule.bad()), today=TODAY)}
    assert ids <= speaks_of_absence & {rule.id}


@by_id
def test_no_rule_crashes_on_resources_that_say_next_to_nothing(rule: Rule) -> None:
    for kind in rule.applies_to:
        needed = {spec.name for spec in fields(kind) if spec.default is MISSING and spec.default_factory is MISSING}
        values: dict[str, Any] = {name: Unknown("later") for name in needed} | {"key": "Thing"}
        assert "MS001" not in {finding.id for finding in run(plan_of(kind(**values)), today=TODAY)}
