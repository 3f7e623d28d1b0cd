"""BK014: a copy from which no point in time can be restored."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    ELSEWHERE,
    backed_up,
    tier,
)
from mainstay.checks.backup.reach import reached, rules_of, title
from mainstay.checks.backup.starts import schedule_of
from mainstay.checks.examples import database
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    CopyAction,
)


def _bad() -> Plan:
    """A continuous rule that copies to another region"""
    return backed_up(
        tier(is_continuous=True, copies=(CopyAction(vault=ELSEWHERE),)),
        Database=database(backup_window=None, backup_retention=Duration.days(35)),
    )


def _good() -> Plan:
    """The same, and automated backups that are replicated"""
    db = database(
        backup_window=None,
        backup_retention=Duration.days(35),
        backup_replica_region="us-west-2",
        backup_replica_key="arn:aws:kms:us-west-2:123456789012:key/1",
    )
    return backed_up(tier(is_continuous=True, copies=(CopyAction(vault=ELSEWHERE),)), Database=db)


@rule(
    id="BK014",
    severity=Severity.INFO,
    harm=Harm.UNPROTECTED,
    summary="a copy of a continuous backup is a plain snapshot",
    conflicts=("continuous-copy",),
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """A restore to any second works in the region of the database only. Elsewhere there is one snapshot for each run of
    the schedule, so what the loss of the region costs is the time between two runs. Where an RPO is promised, the
    forecast judges that instead.
    """
    exposed = [db.key for db in reached(plan, scene) if db.backup_replica_region is None]
    if not exposed or scene.plan.intent.rpo is not None:
        return
    for each in rules_of(plan):
        if each.is_continuous is True and each.copies:
            gap = at.longest_gap if (at := schedule_of(each)) else None
            yield Fault(
                plan,
                f"{title(each)} in {plan.key} copies {', '.join(exposed)} as snapshots"
                + (f", {gap} apart." if gap else "."),
                "where seconds matter there too, replicate the automated backups (AutomaticBackupReplicationRegion)",
            )
