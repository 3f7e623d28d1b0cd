"""BK004: a job that may start so late that it is cancelled before it is done."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    schedule,
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
)


def _bad() -> Plan:
    """Started within two hours, done within two hours"""
    return backed_up(
        tier(
            schedule=schedule("0 8 * * ? *"),
            start_window=Duration.minutes(120),
            completion_window=Duration.minutes(120),
        )
    )


def _good() -> Plan:
    """Started within an hour, done within two"""
    return backed_up(tier(start_window=Duration.minutes(60), completion_window=Duration.minutes(120)))


@rule(
    id="BK004",
    severity=Severity.WARNING,
    harm=Harm.REJECTED,
    summary="the completion window leaves no time after the start window",
    source="botocore Backup model, CompletionWindowMinutes; cloudposse/terraform-aws-backup, variables.tf (2026-11-21)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """A job that is not done when its completion window ends is cancelled. Published modules document that the window
    has to exceed the start window by an hour, or AWS Backup refuses the plan; AWS's own pages say only what it is for,
    so this is a warning, and nothing is said where AWS chooses one of the two.
    """
    least = Duration.minutes(load("backup").data["least_left_to_complete_minutes"])
    for each in rules_of(plan):
        window, complete = literal(each.start_window, Duration), literal(each.completion_window, Duration)
        if window is not None and complete is not None and complete < window + least:
            yield Fault(
                plan,
                f"{title(each)} in {plan.key} may start {window} late, and is cancelled after {complete}.",
                f"set CompletionWindowMinutes to {(window + least) // 60} or more",
                mend=(with_rule(plan, each, completion_window=Duration(window + least)),),
            )
