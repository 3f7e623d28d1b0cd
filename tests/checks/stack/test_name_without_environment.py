"""ST002: names, environments, families."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.examples import alarm, database, plan_of
from mainstay.checks.stack.name_without_environment import faults
from mainstay.core.findings import Finding, Severity
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Parameter
from mainstay.plan.resources import ParameterGroup, Topic
from mainstay.plan.values import STACK_NAME, Join, Param

Say = Callable[..., list[Finding]]
DEV = Intent(environment="dev")


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("shop", 1),
        ("shop-dev", 0),
        ("SHOP-DEV", 0),
        (None, 0),
        ("", 0),
        (Param("Name"), 0),
        (Join((STACK_NAME, "-db")), 0),
    ],
)
def test_names(name: object, count: int, say: Say) -> None:
    assert len(say(faults, plan_of(database(identifier=name), intent=DEV))) == count


def test_every_named_kind_and_no_environment(say: Say) -> None:
    plan = plan_of(Topic(key="Topic", name="ops"), alarm(name="cpu"), intent=DEV)
    assert [finding.subject for finding in say(faults, plan)] == ["Topic", "StorageAlarm"]
    assert say(faults, plan_of(database(identifier="shop"))) == []


@pytest.mark.parametrize(
    ("parameter", "name", "count"),
    [
        ("Environment", "shop", 1),
        ("ENV_NAME", "shop", 1),
        ("Stage", Join((Param("Stage"), "-shop")), 0),
        ("Environment", None, 0),
        ("EnvironmentVpc", "shop", 0),
    ],
)
def test_a_template_that_is_deployed_once_an_environment(parameter: str, name: object, count: int, say: Say) -> None:
    plan = plan_of(database(identifier=name))
    plan = replace(plan, regions=(replace(plan.primary, parameters=(Parameter(name=parameter),)),))
    findings = say(faults, plan)
    assert [parameter in finding.hint for finding in findings] == [True] * count
    assert say(faults, replace(plan, intent=Intent(environment="shop"))) == []


@pytest.mark.parametrize(
    ("name", "family", "count"),
    [
        ("shop-dev", "postgres17", 1),
        ("shop-dev-postgres17", "postgres17", 0),
        ("shop-dev-pg17", "postgres17", 0),
        ("shop-dev-mysql84", "mysql8.4", 0),
        ("shop-dev-mysql80", "mysql8.4", 1),
        ("shop-dev", Param("Family"), 0),
        (None, "postgres17", 0),
    ],
)
def test_a_group_that_cannot_follow_a_major_upgrade(name: object, family: object, count: int, say: Say) -> None:
    group = ParameterGroup(key="G", family=family, description="d", name=name)  # type: ignore[arg-type]  # any
    findings = say(faults, plan_of(group, intent=DEV))
    assert [finding.severity for finding in findings] == [Severity.INFO] * count
