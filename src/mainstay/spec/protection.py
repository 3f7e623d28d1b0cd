"""What keeps the data: backups, windows, deletion, keys, and the long-term export."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, model_validator

from mainstay.core.units import Duration
from mainstay.core.windows import DailyWindow, WeeklyWindow, overlap_minutes
from mainstay.spec.backup_plan import BackupPlan
from mainstay.spec.faults import excluded, fault
from mainstay.spec.quantities import Daily, Days, Weekly, between
from mainstay.spec.section import Section, one_of

_LEAST_WINDOW = 30  # minutes, for both windows: botocore's CreateDBInstance, 2026-11-20
_LONGEST_MAINTENANCE = 24 * 60


def _backup_window(value: DailyWindow) -> DailyWindow:
    if value.start == value.end or value.minutes < _LEAST_WINDOW:
        raise fault(
            "SP009", f"{value} is shorter than 30 minutes.", "RDS wants 30 minutes or more, such as 03:00-04:00"
        )
    return value


def _maintenance_window(value: WeeklyWindow) -> WeeklyWindow:
    if value.start == value.end or not _LEAST_WINDOW <= value.minutes < _LONGEST_MAINTENANCE:
        raise fault(
            "SP009",
            f"{value} is not from 30 minutes to less than 24 hours.",
            "write a window such as sun:04:00-sun:06:00",
        )
    return value


def _retention(value: Duration) -> Duration:
    if value == 0:
        raise fault(
            "SP009",
            "0 days turn automated backups and point-in-time recovery off and delete what there is.",
            "write 1d to 35d",
        )
    return between(Duration.days(1), Duration.days(35))(value)


class Backups(Section):
    """Automated backups, from which any second of the kept time can be restored."""

    keep: Annotated[Days, AfterValidator(_retention)] = Duration.days(7)
    """How long; 1 to 35 days."""
    window: Annotated[Daily, AfterValidator(_backup_window)] = DailyWindow.parse("00:00-02:00")
    """When the daily snapshot is taken, in UTC."""
    keep_after_deletion: StrictBool = True
    """Whether they outlive a deleted instance."""


class Export(Section):
    """Snapshot exports: a bucket, the role that writes them, and what starts one; ages count from the export."""

    every: Annotated[Days, AfterValidator(between(Duration.days(1), Duration.days(3650)))] = Duration.days(30)
    """How often: of each such period the first snapshot is exported, beginning with the next one."""

    infrequent_access_after: Annotated[Days, AfterValidator(between(Duration.days(30), Duration.days(3650)))] = (
        Duration.days(30)
    )
    """S3 takes nothing into Infrequent Access before 30 days."""
    glacier_after: Annotated[Days, AfterValidator(between(Duration.days(1), Duration.days(3650)))] = Duration.days(90)
    """When an export moves into Glacier Flexible Retrieval."""
    deep_archive_after: Annotated[Days, AfterValidator(between(Duration.days(1), Duration.days(3650)))] = Duration.days(
        365
    )
    """When it moves into Deep Archive."""
    expires_after: Annotated[Days, AfterValidator(between(Duration.days(1), Duration.days(36_500)))] = Duration.days(
        2555
    )
    """When it is deleted; 2555 days are seven years."""
    keep_access_logs: Annotated[Days, AfterValidator(between(Duration.days(1), Duration.days(36_500)))] = Duration.days(
        365
    )
    """How long it is known who read an export."""

    @model_validator(mode="after")
    def _ages_rise(self) -> Export:
        ages = ("infrequent_access_after", "glacier_after", "deep_archive_after", "expires_after")
        for earlier, later in pairwise(ages):
            if getattr(self, later) <= getattr(self, earlier):
                raise fault(
                    "SP012",
                    f"{later} {getattr(self, later)} is not after {earlier} {getattr(self, earlier)}.",
                    "let the ages rise",
                    at=later,
                )
        # A Glacier minimum of 30 days in Infrequent Access: S3 User Guide, lifecycle-transition-general-considerations.
        if self.glacier_after < self.infrequent_access_after + Duration.days(30):
            raise fault(
                "SP012",
                f"S3 keeps an object 30 days in Infrequent Access; {self.glacier_after} is sooner after "
                f"{self.infrequent_access_after}.",
                f"write at least {Duration(self.infrequent_access_after + Duration.days(30))}",
                at="glacier_after",
            )
        return self


class Protection(Section):
    """What stands between the data and its loss."""

    backups: Backups = Backups()
    """Automated backups."""
    maintenance: Annotated[Weekly, AfterValidator(_maintenance_window)] = WeeklyWindow.parse("sun:04:00-sun:06:00")
    """When RDS may change the instance, in UTC."""
    deletion_protection: StrictBool = True
    """Whether the database and the stack refuse to be deleted."""
    on_delete: Annotated[str, AfterValidator(one_of(("snapshot", "destroy")))] = Field(
        default="snapshot", json_schema_extra={"enum": ["snapshot", "destroy"]}
    )
    """`snapshot` keeps a final snapshot, keys, secret, logs and bucket; `destroy` (profile dev only) keeps nothing."""
    key_deletion_window: Annotated[Days, AfterValidator(between(Duration.days(7), Duration.days(30)))] = Duration.days(
        30
    )
    """How long a key that somebody schedules for deletion can be called back."""
    backup_plan: BackupPlan | None = None
    """Snapshots by AWS Backup; left out, there are the automated backups alone."""
    export: Export | None = None
    """Long-term exports; left out, there is no bucket."""

    @model_validator(mode="after")
    def _holds_together(self) -> Protection:
        shared = overlap_minutes(self.backups.window, self.maintenance)
        is_ours = self.backup_plan is None or not self.backup_plan.continuous
        if shared and is_ours:
            raise fault(
                "SP011",
                f"Backups {self.backups.window} and maintenance {self.maintenance} share {shared} minutes a week, "
                "which RDS refuses.",
                "move one of them; they may touch",
                at="maintenance" if "maintenance" in self.model_fields_set else "backups.window",
            )
        plan = self.backup_plan
        if plan and plan.continuous and "window" in self.backups.model_fields_set:
            raise excluded("continuous-window", "leave backups.window out, or continuous", at="backups.window")
        if plan and plan.continuous and plan.lock and plan.lock.least > self.backups.keep:
            raise fault(
                "SP012",
                f"The lock's {plan.lock.least} is more than backups.keep {self.backups.keep}: continuous backups fail.",
                "keep them longer (35d at most), or lower the lock",
                at="backup_plan.lock.least",
            )
        if self.on_delete == "destroy" and self.deletion_protection:
            raise fault(
                "SP012",
                "on_delete: destroy with deletion_protection: true says both that it may vanish and that it may not.",
                "turn deletion_protection off, or write on_delete: snapshot",
                at="on_delete",
            )
        return self
