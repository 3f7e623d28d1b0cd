"""Alarms on the jobs of AWS Backup: those that went wrong, and the one that never was.

AWS Backup reports a number only when it is not zero (AWS Backup Developer Guide, cloudwatch, 2026-11-20): no failed
job is no data, which is well, and no completed job is no data, which is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.core.naming import logical_id
from mainstay.core.records import dataclass
from mainstay.core.units import Duration
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.logical import ALERTS_TOPIC, BACKUP_VAULT
from mainstay.plan.resources import Alarm
from mainstay.plan.values import Ref
from mainstay.spec import Spec
from mainstay.spec.backup_plan import BackupPlan

_HOUR: Final = Duration.minutes(1 * 60)
_HOURS_UNTIL_MISSED: Final = 26  # a day, the start window, and the time that a snapshot takes


@dataclass(frozen=True, slots=True)
class _Watch:
    name: str
    metric: str
    what: str
    comparison: str = "GreaterThanThreshold"
    threshold: float = 0
    hours: int = 1
    missing: str = "notBreaching"


def build_backup_alarms(spec: Spec, draft: Draft) -> Draft:
    """The draft with the alarms of the vault, where the spec asks for AWS Backup."""
    plan = spec.protection.backup_plan
    if plan is None:
        return draft
    recovery = spec.disaster_recovery
    copies = bool(plan.copies or (recovery and recovery.copies))
    return draft.adding(*(_alarm(spec, watch) for watch in _watches(plan, copies=copies)))


def _watches(plan: BackupPlan, *, copies: bool) -> Iterator[_Watch]:
    yield _Watch("backup-failed", "NumberOfBackupJobsFailed", "a backup job failed")
    yield _Watch("backup-expired", "NumberOfBackupJobsExpired", "a backup job never started")
    yield _Watch("backup-aborted", "NumberOfBackupJobsAborted", "a backup job was aborted")
    yield _Watch("restore-failed", "NumberOfRestoreJobsFailed", "a restore job failed")
    if copies:
        yield _Watch("copy-failed", "NumberOfCopyJobsFailed", "a copy job failed")
    if plan.daily or plan.continuous:
        yield _Watch(
            "backup-missed",
            "NumberOfBackupJobsCompleted",
            f"no backup job completed in {_HOURS_UNTIL_MISSED} hours",
            comparison="LessThanThreshold",
            threshold=1,
            hours=_HOURS_UNTIL_MISSED,
            missing="breaching",
        )


def _alarm(spec: Spec, watch: _Watch) -> Alarm:
    return Alarm(
        key=logical_id(watch.name, "alarm"),
        name=f"{spec.identifier}-{watch.name}",
        description=f"{spec.identifier}: {watch.what}",
        namespace="AWS/Backup",
        metric=watch.metric,
        dimensions={"BackupVaultName": Ref(BACKUP_VAULT)},
        statistic="Sum",
        comparison=watch.comparison,
        threshold=float(watch.threshold),
        period=_HOUR,
        evaluation_periods=watch.hours,
        datapoints=watch.hours,
        missing_data=watch.missing,
        is_enabled=True,
        alarm_actions=(Ref(ALERTS_TOPIC),),
        ok_actions=(Ref(ALERTS_TOPIC),),
        tags=tags(spec),
        origin=spec.origin_of("protection.backup_plan"),
    )
