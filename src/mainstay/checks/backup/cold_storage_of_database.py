"""BK008: a move into cold storage that never happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.backup.examples import (
    backed_up,
    tier,
)
from mainstay.checks.backup.reach import databases_alone, rules_of, title, with_rule
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    CopyAction,
)


def _bad() -> Plan:
    """A database's backups moved after 30 days"""
    return backed_up(tier(cold_after=Duration.days(30), delete_after=Duration.days(365)))


def _good() -> Plan:
    """A database's backups kept as they are"""
    return backed_up(tier(delete_after=Duration.days(365)))


@rule(
    id="BK008",
    severity=Severity.WARNING,
    harm=Harm.UNPROTECTED,
    summary="RDS has no cold storage",
    conflicts=("database-cold-storage",),
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """Every recovery point stays in warm storage at its full price, and whoever counts on the cold price or on a tier
    of an archive is wrong.
    """
    databases = databases_alone(plan, scene)
    for each in rules_of(plan) if databases else []:
        if cold := [days for days in (_days(each), *map(_days, each.copies)) if days]:
            yield Fault(
                plan,
                f"{title(each)} in {plan.key} moves recovery points after {cold[0]} days; those of"
                f" {', '.join(databases)} stay where they are.",
                "remove MoveToColdStorageAfterDays; export snapshots to S3 for what has to be kept cheaply",
                mend=(
                    with_rule(
                        plan,
                        each,
                        cold_after=None,
                        copies=tuple(replace(copy, cold_after=None) for copy in each.copies),
                    ),
                ),
            )


def _days(lifecycle: BackupRule | CopyAction) -> int:
    return (literal(lifecycle.cold_after, Duration) or Duration(0)) // Duration.days(1)
