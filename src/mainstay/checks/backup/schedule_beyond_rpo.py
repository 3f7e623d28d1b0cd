"""BK042: backups too far apart for the promise."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.copies import stays
from mainstay.checks.backup.examples import (
    ELSEWHERE,
    backed_up,
    schedule,
    tier,
)
from mainstay.checks.backup.reach import reached, rules_of
from mainstay.checks.backup.starts import schedule_of, start_window
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    CopyAction,
    DbInstance,
)


def _bad() -> Plan:
    """An RPO of 24 hours against intruders, and copies once a week"""
    weekly = tier(schedule=schedule("0 2 ? * WED *"), copies=(CopyAction(vault=ELSEWHERE),))
    return backed_up(weekly, intent=Intent(profile="ransomware", rpo=Duration.days(1)))


def _good() -> Plan:
    """An RPO of 29 hours against intruders, and copies once a day: 24 hours, one to start, four to complete"""
    daily = tier(schedule=schedule("0 2 * * ? *"), copies=(CopyAction(vault=ELSEWHERE),))
    return backed_up(daily, intent=Intent(profile="ransomware", rpo=Duration.minutes(29 * 60)))


@rule(
    id="BK042",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="the schedule loses more than was promised",
    source="AWS Backup Developer Guide, plan-options-and-configuration: derived from the windows (2026-11-20)",
    applies_to=(BackupPlan,),
    bad=_bad,
    good=_good,
    field="rules",
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """At worst a backup is as old as the gap between two runs, the window in which a job may wait and the time it may
    take. That counts where RDS's own point-in-time recovery is off, and, with profile `ransomware`, for the copies
    that are out of reach.
    """
    promise = scene.plan.intent.rpo
    for db in reached(plan, scene) if promise is not None else ():
        counted = [each for each in rules_of(plan) if _counts(each, db, plan, scene)]
        ages = [age for each in counted if (age := _worst(each)) is not None]
        if ages and len(ages) == len(counted) and promise is not None and min(ages) > promise:
            yield Fault(
                plan,
                f"The newest that {plan.key} has of {db.key} may be {min(ages)} old: the gap between two runs, the"
                f" start window and the completion window; {promise} was promised.",
                "let it run more often, shorten the windows, or promise what it keeps",
            )


def _counts(rule: BackupRule, db: DbInstance, plan: BackupPlan, scene: Scene) -> bool:
    """Whether a rule is what the promise rests on: nothing else restores, or nothing else is out of reach."""
    if db.backup_retention == 0:
        return all(each.is_continuous in (None, False) for each in rules_of(plan))
    return scene.fears_intruders and any(not stays(copy.vault, scene) for copy in rule.copies)


def _worst(rule: BackupRule) -> Duration | None:
    """How old the newest backup of a rule can be; None where one of the parts cannot be seen."""
    schedule, start = schedule_of(rule), start_window(rule)
    gap = schedule.longest_gap if schedule else None
    done = Duration(0) if rule.completion_window is None else literal(rule.completion_window, Duration)
    return None if gap is None or start is None or done is None else Duration(gap + start * 60 + done)
