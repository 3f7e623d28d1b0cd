"""BK003: a start window shorter than AWS Backup takes."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
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
    """A start window of 59 minutes"""
    return backed_up(tier(start_window=Duration.minutes(59)))


def _good() -> Plan:
    """A start window of 60 minutes"""
    return backed_up(tier(start_window=Duration.minutes(60)))


@rule(
    id="BK003",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="the start window is below an hour",
    source="botocore Backup model, BackupRuleInput.StartWindowMinutes; terraform-provider-aws issue 8794 (2026-11-20)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """The plan is refused when it is deployed, not when the template is validated, and the stack rolls back."""
    least = load("backup").data["least_start_window_minutes"]
    for each in rules_of(plan):
        window = literal(each.start_window, Duration)
        if window is not None and window < Duration.minutes(least):
            yield Fault(
                plan,
                f"The start window of {title(each)} in {plan.key} is {window}; {least} minutes are the least.",
                f"set StartWindowMinutes to {least}, or leave it out for eight hours",
                mend=(with_rule(plan, each, start_window=Duration.minutes(least)),),
            )
