"""Every row of the table of conflicts is enforced: a spec is refused, a rule fires, with the row's words and source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from mainstay import facts
from mainstay.checks import all_rules, run
from mainstay.checks.backup.examples import ELSEWHERE, backed_up, selection, tier
from mainstay.checks.conflicts import render, rules_of
from mainstay.checks.examples import database, plan_of, replica
from mainstay.checks.proxy.examples import fronted, login, pool, proxy
from mainstay.core.errors import InputRefused
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan
from mainstay.plan.resources import BackupRule, CopyAction, Opaque
from mainstay.plan.values import Json, Ref
from mainstay.spec import load

TODAY = date(2026, 11, 20)
SPEC = """\
name: shop
region: us-east-1
database: {version: "17", class: db.m7g.large, name: tap}
storage: {size: 100 GiB}
alerts: {subscribers: [ops@example.com]}
"""
A_KEY = "arn:aws:kms:us-east-1:123456789012:key/1f2e3d4c-0000-4000-8000-000000000000"
BLUE_GREEN: dict[str, Json] = {"aws_db_instance.blue_green_update": [{"enabled": True}]}
WRITTEN = "not-a-real-one"
FAR = "arn:aws:rds:eu-west-1:123456789012:db:shop"

WITH_NUMBERS = {"insights-small-class", "gp3-small-performance"}
"""Refusals that name class or size in place of the row's sentence."""

REFUSED: Mapping[str, Mapping[str, str]] = {
    "managed-password-replica": {"credentials.managed_by": "rds", "database.replicas": "{count: 1}"},
    "managed-password-snapshot": {
        "credentials.managed_by": "rds",
        "database.snapshot": f"{{name: moving, key: '{A_KEY}'}}",
    },
    "managed-password-rotation": {"credentials": "{managed_by: rds, rotation: {}}"},
    "managed-password-length": {"credentials": "{managed_by: rds, password_length: 32}"},
    "insights-small-class": {
        "database.engine": "mysql",
        "database.version": "'8.4'",
        "database.class": "db.t4g.micro",
        "monitoring.insights": "{keep: 7d}",
    },
    "gp3-small-performance": {"storage": "{size: 399 GiB, iops: 12000}"},
    "cluster-copies": {"database.multi_az": "cluster"},
    "database-cold-storage": {"protection.backup_plan": "{daily: {keep: 120d, cold_after: 30d}}"},
    "continuous-window": {"protection": "{backup_plan: {continuous: true}, backups: {window: '03:00-04:00'}}"},
    "proxy-alternating-users": {"credentials.rotation": "{users: alternating}", "access.proxy": "{}"},
}
"""Settings that a spec is refused for, by the row."""


def _cluster(each: BackupRule) -> Plan:
    properties: dict[str, Json] = {"Engine": "postgres", "DBClusterInstanceClass": "db.m6gd.large"}
    cluster = Opaque(key="Cluster", type="AWS::RDS::DBCluster", properties=properties)
    return backed_up(each, Cluster=cluster, Selection=selection(resources=(Ref("Cluster"),)))


def _continuous(**changes: Any) -> Plan:
    """A database that is backed up continuously for 35 days."""
    return backed_up(tier(is_continuous=True), Database=database(**changes))


PLANS: Mapping[str, Callable[[], Plan]] = {
    "managed-password-blue-green": lambda: plan_of(database(manages_password=True, extras=BLUE_GREEN)),
    "managed-password-written": lambda: plan_of(database(manages_password=True, password=WRITTEN)),
    "cross-region-replica-blue-green": lambda: plan_of(replica(source=FAR, extras=BLUE_GREEN)),
    "replica-without-backups": lambda: plan_of(database(backup_retention=Duration(0)), replica()),
    "insights-small-class": lambda: plan_of(
        database(engine="mysql", engine_version="8.4.9", instance_class="db.t4g.micro", has_performance_insights=True)
    ),
    "cluster-continuous": lambda: _cluster(tier(is_continuous=True)),
    "cluster-copies": lambda: _cluster(tier(copies=(CopyAction(vault=ELSEWHERE),))),
    "continuous-window": lambda: _continuous(backup_retention=Duration.days(35)),
    "continuous-retention": lambda: _continuous(backup_window=None, backup_retention=Duration.days(34)),
    "proxy-several-databases": lambda: fronted(
        Other=database(key="Other"), Pool=pool(instances=(Ref("Database"), Ref("Other")))
    ),
    "iam-token-optional": lambda: fronted(Proxy=proxy(logins=(login(iam="ENABLED", client_password=None),))),
}
"""A design that has both features, where the bad example of the row's rule does not have them, or is about another."""

ROWS = facts.conflicts()
by_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)


def _refused(settings: Mapping[str, str]) -> list[Finding]:
    with pytest.raises(InputRefused) as raised:
        build(load(SPEC, overrides=settings))
    return list(raised.value.findings)


@by_row
def test_a_spec_is_refused_where_the_table_says_so(row: facts.Conflict) -> None:
    assert (row.id in REFUSED) is bool(row.spec_fault)
    if row.spec_fault:
        (fault,) = _refused(REFUSED[row.id])
        assert (fault.id, fault.source) == (row.spec_fault, row.citation)
        assert row.why in fault.detail or row.id in WITH_NUMBERS
        assert fault.hint


@pytest.mark.parametrize("name", [name for name, settings in REFUSED.items() if len(settings) == 2])
def test_each_of_two_settings_alone_is_taken(name: str) -> None:
    for left_out in REFUSED[name]:
        rest = {key: value for key, value in REFUSED[name].items() if key != left_out}
        assert load(SPEC, overrides=rest).name == "shop"


@by_row
def test_a_rule_fires_on_both_features_and_says_why(row: facts.Conflict) -> None:
    rules = [rule for rule in all_rules() if row.id in rule.conflicts]
    assert [rule.id for rule in rules] == rules_of(row.id)
    for rule in rules:
        design = PLANS.get(row.id, rule.bad)()
        (found,) = [one for one in run(design, today=TODAY) if one.id == rule.id]
        assert row.citation in found.source
        assert row.why in rule.reason


@by_row
def test_every_row_is_enforced_by_somebody(row: facts.Conflict) -> None:
    assert row.spec_fault or rules_of(row.id)
    section = render().split(f"\n## {row.id}\n")[1].split("\n## ")[0]
    assert row.why in section
    assert row.citation in section
    assert all(name in section for name in [row.spec_fault, *rules_of(row.id)])


def test_a_rule_names_rows_that_there_are_and_shares_none_unseen() -> None:
    named = [name for rule in all_rules() for name in rule.conflicts]
    assert len(named) == len(set(named))
    assert set(named) <= {row.id for row in ROWS}
    assert set(PLANS) <= set(named)
