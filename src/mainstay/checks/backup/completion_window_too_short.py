"""BK004: a job that may start so late that it is cancelled before it is done."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    schedule,
    tier,
)
from mainstay.checks.backup.reach import rules_of, title
from mainstay.checks.backup.starts import start_window
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
    source="botocore Backup model, BackupRuleInput.CompletionWindowMinutes; between them an hour (2026-11-20)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """A job that is not done when its completion window ends is cancelled, and that night has no backup. AWS's console
    wants an hour or more between the two windows.
    """
    least = Duration.minutes(load("backup").data["least_left_to_complete_minutes"])
    for each in rules_of(plan):
        window, complete = start_window(each), literal(each.completion_window, Duration)
        if window is None or complete is None or complete >= Duration.minutes(window) + least:
            continue
        written = "" if each.start_window is not None else ", which AWS sets by default"
        yield Fault(
            plan,
            f"{title(each)} in {plan.key} may start {Duration.minutes(window)} late{written}, and is cancelled after"
            f" {complete}.",
            f"set CompletionWindowMinutes to {window + least // 60} or more",
        )
