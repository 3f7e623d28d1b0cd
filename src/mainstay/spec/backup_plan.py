"""AWS Backup: tiers of snapshots in a vault of their own, its lock, copies elsewhere, and tests that restore."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt, model_validator

from mainstay.core.units import Duration
from mainstay.core.windows import WEEKDAYS
from mainstay.spec.faults import excluded, fault
from mainstay.spec.places import AccountId
from mainstay.spec.quantities import Days, Minutes, Period, TimeOfDay, between
from mainstay.spec.section import Section, matching, one_of

MOST_COPIES: Final = 5
"""Of each recovery point (AWS Backup Developer Guide, aws-backup-limits, copy actions a rule, 2026-11-20)."""
_LONGEST: Final = Duration.days(36_500)
_HOUR: Final = Duration.minutes(1 * 60)

Weekday = Annotated[str, AfterValidator(one_of(WEEKDAYS))]
VaultArn = Annotated[
    str,
    AfterValidator(
        matching(
            r"arn:aws[a-z-]*:backup:[a-z0-9-]+:\d{12}:backup-vault:[A-Za-z0-9_-]{2,50}",
            200,
            "write a vault's ARN, such as arn:aws:backup:eu-west-1:123456789012:backup-vault:copies",
        )
    ),
]


def _never_cold(value: Any) -> Any:  # Any: a validator's door
    if value is None:
        return None
    raise excluded("database-cold-storage", "leave it out; protection.export moves exports into Glacier")


class Tier(Section):
    """Snapshots made every day."""

    keep: Annotated[Days, AfterValidator(between(Duration.days(2), _LONGEST))]
    """How long each is kept; longer than it takes until the next."""
    at: TimeOfDay | None = None
    """When the job may start, in UTC and in quotes; left out, a time clear of both windows is found."""
    cold_after: Annotated[None, BeforeValidator(_never_cold)] = None
    """Not for RDS: there is no cold storage for its snapshots."""


class WeeklyTier(Tier):
    """Snapshots made once a week."""

    keep: Annotated[Days, AfterValidator(between(Duration.days(8), _LONGEST))]
    """How long each is kept; longer than a week."""
    day: Weekday = Field(default="sun", json_schema_extra={"enum": list(WEEKDAYS)})
    """On which day: mon to sun."""


class MonthlyTier(Tier):
    """Snapshots made once a month."""

    keep: Annotated[Days, AfterValidator(between(Duration.days(32), _LONGEST))]
    """How long each is kept; longer than a month."""
    day: Annotated[StrictInt, AfterValidator(between(1, 28))] = 1
    """On which day of the month, from 1 to 28, which every month has."""


class Copy(Section):
    """A copy of each recovery point in another vault: of another region, another account, or both."""

    vault: VaultArn
    """The other vault's ARN; its key has to be a customer's own."""
    keep: Annotated[Days, AfterValidator(between(Duration.days(2), _LONGEST))]
    """How long a copy is kept."""


class Compliance(Section):
    """A lock that nobody can lift any more, AWS included."""

    after: Annotated[Days, AfterValidator(between(Duration.days(3), _LONGEST))]
    """How long it can still be lifted; 3 days at least."""
    confirmed: str
    """The name and environment, such as shop-prod, of whoever means it."""


class Lock(Section):
    """Bounds of retention that a vault enforces; who has the right can lift them, until `compliance` forbids it."""

    least: Annotated[Days, AfterValidator(between(Duration.days(1), _LONGEST))]
    """Nothing may be kept for a shorter time."""
    most: Annotated[Days, AfterValidator(between(Duration.days(1), _LONGEST))] | None = None
    """Nothing may be kept for longer."""
    compliance: Compliance | None = None
    """Left out, the lock is in governance mode."""

    @model_validator(mode="after")
    def _bounds_rise(self) -> Lock:
        if self.most is not None and self.most < self.least:
            raise fault("SP012", f"most {self.most} is below least {self.least}.", "swap them", at="most")
        return self

    def refuse(self, path: str, keep: Duration) -> None:
        """Raise the fault of a retention, written at that path, with which every job into the vault would fail."""
        if keep < self.least or (self.most is not None and keep > self.most):
            raise fault(
                "SP012",
                f"{path} {keep} is outside the lock, which lets every such job fail.",
                f"keep it within {self.least} to {self.most or 'any time'}",
                at=path,
            )


class RestoreTest(Section):
    """A restore of the latest recovery point once a week, deleted again afterwards."""

    day: Weekday = Field(default="mon", json_schema_extra={"enum": list(WEEKDAYS)})
    """On which day: mon to sun."""
    at: TimeOfDay | None = None
    """When it may start, in UTC and in quotes; left out, at 08:00."""
    keep: Annotated[Period, AfterValidator(between(_HOUR, Duration.minutes(168 * 60)))] = _HOUR
    """How long the restored copy stays, in whole hours; a function validates it in that time."""

    @model_validator(mode="after")
    def _whole_hours(self) -> RestoreTest:
        if self.keep % _HOUR:
            raise fault("SP008", f"{self.keep} is not a whole number of hours.", "write hours, such as 1h", at="keep")
        return self


class BackupPlan(Section):
    """Snapshots by AWS Backup, beside the automated backups: of this database only, in a vault of its own."""

    daily: Tier | None = None
    """Every day."""
    weekly: WeeklyTier | None = None
    """Once a week."""
    monthly: MonthlyTier | None = None
    """Once a month."""
    continuous: StrictBool = False
    """Whether AWS Backup makes the automated backups too and owns their window; kept as long as `backups.keep`."""
    start_window: Annotated[Minutes, AfterValidator(between(_HOUR, Duration.minutes(8 * 60)))] = _HOUR
    """How long a job may wait before it has to start; one hour at least."""
    completion_window: Annotated[Minutes, AfterValidator(between(Duration.minutes(2 * 60), Duration.days(7)))] = (
        Duration.minutes(4 * 60)
    )
    """When a job that is not done is cancelled; an hour or more after the start window."""
    copies: tuple[Copy, ...] = Field(default=(), max_length=MOST_COPIES)
    """Copies elsewhere; five at most."""
    lock: Lock | None = None
    """Bounds of retention that the vault enforces."""
    admits: tuple[AccountId, ...] = ()
    """Accounts that may copy recovery points into this vault."""
    restore_test: RestoreTest | None = None
    """A restore by AWS Backup, week by week."""

    @property
    def tiers(self) -> dict[str, Tier]:
        """The written tiers by name, the most frequent first."""
        named = {"daily": self.daily, "weekly": self.weekly, "monthly": self.monthly}
        return {name: tier for name, tier in named.items() if tier is not None}

    @model_validator(mode="after")
    def _holds_together(self) -> BackupPlan:
        if not self.tiers and not self.continuous:
            raise fault("SP012", "It backs nothing up.", "write daily:, weekly:, monthly: or continuous: true")
        if self.completion_window < self.start_window + _HOUR:
            raise fault(
                "SP012",
                f"completion_window {self.completion_window} leaves a job that starts late less than an hour.",
                f"write at least {Duration(self.start_window + _HOUR)}",
                at="completion_window",
            )
        for (shorter, one), (longer, other) in pairwise(self.tiers.items()):
            if other.keep <= one.keep:
                raise fault(
                    "SP012",
                    f"{longer} is kept {other.keep}, no longer than {shorter}.",
                    f"keep it longer than {one.keep}, or leave it out",
                    at=f"{longer}.keep",
                )
        for name, tier in self.tiers.items():
            if self.lock is not None:
                self.lock.refuse(f"{name}.keep", tier.keep)
        return self
