"""BK037: a pattern that looks at a member which these events do not have."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    job_events,
)
from mainstay.checks.patterns import jobs_of, looking_at, members_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    EventRule,
)

_JOBS = ("Backup Job", "Copy Job", "Restore Job")


def _bad() -> Plan:
    """Backup jobs by detail.status"""
    return backed_up(Failures=job_events("Backup Job", "status", key="Failures"))


def _good() -> Plan:
    """Backup jobs by detail.state"""
    return backed_up(Failures=job_events("Backup Job", "state", key="Failures"))


@rule(
    id="BK037",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="an event pattern that never matches",
    source="AWS Backup Developer Guide, eventbridge (2026-11-20)",
    applies_to=(EventRule,),
    bad=_bad,
    good=_good,
    field="pattern",
)
def faults(each: EventRule, scene: Scene) -> Iterator[Fault]:
    """The events of backup and copy jobs carry `state`, those of restore jobs `status`. A pattern on the other one
    deploys, matches nothing and says nothing, so nobody hears of the failure it was made for.
    """
    looked_at = members_of(each)
    for job in jobs_of(each):
        right, wrong = ("status", "state") if job == "Restore Job" else ("state", "status")
        if job in _JOBS and wrong in looked_at and right not in looked_at:
            yield Fault(
                each,
                f"{each.key} waits for events of a {job} by detail.{wrong}, which they do not have.",
                f"compare detail.{right}"
                + ("; give each kind of job a rule of its own" if len(jobs_of(each)) > 1 else ""),
                mend=looking_at(each, right, instead_of=wrong) if len(jobs_of(each)) == 1 else (),
            )
