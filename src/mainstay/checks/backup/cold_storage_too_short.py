"""BK009: a recovery point deleted before its 90 days in cold storage are over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.backup.examples import (
    backed_up,
    selection,
    tier,
)
from mainstay.checks.backup.reach import rules_of, title, with_rule
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    CopyAction,
)
from mainstay.plan.values import (
    Ref,
)


def _bad() -> Plan:
    """Cold after 30 days, deleted after 119"""
    mixed = selection(resources=(Ref("Database"), "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-1"))
    return backed_up(tier(cold_after=Duration.days(30), delete_after=Duration.days(119)), Selection=mixed)


def _good() -> Plan:
    """Cold after 30 days, deleted after 120"""
    mixed = selection(resources=(Ref("Database"), "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-1"))
    return backed_up(tier(cold_after=Duration.days(30), delete_after=Duration.days(120)), Selection=mixed)


@rule(
    id="BK009",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="less than 90 days between cold storage and deletion",
    source="botocore Backup model, Lifecycle; cfn-lint E3504 (2026-11-20)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """What goes into cold storage is kept there for 90 days at least. AWS Backup refuses the plan, for a rule as for a
    copy.
    """
    least = load("backup").data["least_cold_days"]
    for each in rules_of(plan):
        lifecycles: tuple[tuple[str, BackupRule | CopyAction], ...] = (
            (title(each), each),
            *((f"a copy by {title(each)}", copy) for copy in each.copies),
        )
        for number, (name, one) in enumerate(lifecycles):
            cold, deleted = literal(one.cold_after, Duration), literal(one.delete_after, Duration)
            if cold is not None and deleted is not None and deleted < cold + Duration.days(least):
                yield Fault(
                    plan,
                    f"{name} in {plan.key} goes into cold storage after {cold} and is deleted after {deleted}.",
                    f"delete it after {cold // Duration.days(1) + least} days or more, or leave cold storage out",
                    mend=(_kept(plan, each, number, Duration(cold + Duration.days(least))),),
                )


def _kept(plan: BackupPlan, rule: BackupRule, number: int, period: Duration) -> BackupPlan:
    """The plan in which a rule (number 0), or one of its copies, is kept for so long."""
    if number == 0:
        return with_rule(plan, rule, delete_after=period)
    copies = list(rule.copies)
    copies[number - 1] = replace(copies[number - 1], delete_after=period)
    return with_rule(plan, rule, copies=tuple(copies))
