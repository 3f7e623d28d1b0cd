"""BK001: a schedule in another dialect of cron than AWS's."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    schedule,
    tier,
)
from mainstay.checks.backup.reach import rules_of, title
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, misread
from mainstay.core.findings import Harm, Severity
from mainstay.core.schedules import Rate, parse_schedule
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
)
from mainstay.plan.values import (
    Unknown,
)


def _bad() -> Plan:
    """Five fields, as in a crontab"""
    return backed_up(tier(schedule=Unknown("five fields", "cron(0 2 * * *)")))


def _good() -> Plan:
    """Six fields, one of the two days a question mark"""
    return backed_up(tier(schedule=schedule("0 2 * * ? *")))


@rule(
    id="BK001",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="a schedule that AWS Backup does not understand",
    source="EventBridge User Guide, eb-cron-expressions; AWS Backup, plan-options-and-configuration (2026-11-20)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """AWS's cron has six fields, the last of them the year, and a `?` in exactly one of the two fields for days. The
    plan is refused and the stack rolls back. AWS documents no `rate()` for backup plans.
    """
    for each in rules_of(plan):
        said, severity = _fault(each.schedule)
        if said:
            yield Fault(
                plan,
                f"The schedule of {title(each)} in {plan.key}: {said}.",
                "write six fields, such as cron(0 2 * * ? *) for 02:00 every day",
                severity,
            )


def _fault(schedule: object) -> tuple[str, Severity | None]:
    if isinstance(schedule, Rate):
        return f"'{schedule}' is a rate, which AWS Backup does not document", Severity.WARNING
    written = misread(schedule)
    if not written:
        return "", None
    try:
        parse_schedule(written.strip())
    except ValueError as error:
        # Whether AWS lets a span such as FRI-MON run over the end of the week is not documented.
        return ("", None) if "ends before it begins" in str(error) else (str(error), None)
    return "", None
