"""Worst-case data loss (RPO) and time to recover (RTO) of the plan's databases, one outcome a failure, with reasons.

Derived from the plan alone; each figure behind it stands in `facts/data/recovery.json` with its source.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from mainstay.core.units import Bytes, Duration
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, Fate


class Failure(enum.StrEnum):
    """What can happen, from the most common to the rarest."""

    ROW_DELETED = "row deleted"
    INSTANCE_LOST = "instance lost"
    ZONE_LOST = "zone lost"
    REGION_LOST = "region lost"
    STACK_DELETED = "stack deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One failure of one database. None for `rpo` means that the data is gone, for `rto_*` that nothing brings it back.

    `rto_least` and `rto_most` bound the range that the named assumptions give.
    """

    database: str
    failure: Failure
    rpo: Duration | None
    rto_least: Duration | None
    rto_most: Duration | None
    reasons: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The outcome with seconds for durations."""
        return {
            "database": self.database,
            "failure": self.failure.value,
            "rpo_s": self.rpo,
            "rto_least_s": self.rto_least,
            "rto_most_s": self.rto_most,
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The outcomes of all databases that stand on their own (replicas follow their source)."""

    outcomes: tuple[Outcome, ...] = ()

    def of(self, failure: Failure) -> tuple[Outcome, ...]:
        """The outcomes of one failure, one a database."""
        return tuple(outcome for outcome in self.outcomes if outcome.failure is failure)

    def as_json(self) -> dict[str, object]:
        """The promise as it stands in `--json` documents."""
        return {"outcomes": [outcome.as_json() for outcome in self.outcomes]}


def promise(plan: Plan) -> Promise:
    """What the plan promises. What is not written, or what only the target resolves, counts as AWS's default."""
    databases = (database for database in plan.of(DbInstance) if database.source is None)
    return Promise(outcomes=tuple(outcome for database in databases for outcome in _outcomes(database)))


def _outcomes(database: DbInstance) -> list[Outcome]:
    restored = _row_deleted(database)
    return [
        restored,
        _server_lost(database, Failure.INSTANCE_LOST, restored),
        _server_lost(database, Failure.ZONE_LOST, restored),
        _gone(database, Failure.REGION_LOST, ("No backup leaves the region.",)),
        _stack_deleted(database, restored),
    ]


def _row_deleted(database: DbInstance) -> Outcome:
    days = _retention(database)
    if days == 0:
        why = "Automated backups are off, so there is no point in time to restore to."
        return _gone(database, Failure.ROW_DELETED, (why,))
    lag = Duration(load("recovery").data["log_upload_s"])
    least, most, sentence = _restore(database)
    reasons = (
        f"Logs leave the instance every {lag}: what the last {lag} changed may be missing.",
        f"The mistake has to be noticed within {days} days; older points in time are gone.",
        sentence,
    )
    return Outcome(
        database=database.key,
        failure=Failure.ROW_DELETED,
        rpo=lag,
        rto_least=least,
        rto_most=most,
        reasons=reasons,
    )


def _server_lost(database: DbInstance, failure: Failure, restored: Outcome) -> Outcome:
    if database.is_multi_az is not True:
        why = "No standby: the database comes back by a restore into a new instance."
        return Outcome(
            database=database.key,
            failure=failure,
            rpo=restored.rpo,
            rto_least=restored.rto_least,
            rto_most=restored.rto_most,
            reasons=(why, *restored.reasons),
        )
    least, most = (Duration(seconds) for seconds in load("recovery").data["multi_az_failover_s"])
    reasons = (
        "The standby in another zone has every acknowledged commit.",
        f"A failover takes {least} to {most}; long transactions and clients that cache addresses add to it.",
    )
    return Outcome(
        database=database.key, failure=failure, rpo=Duration(0), rto_least=least, rto_most=most, reasons=reasons
    )


def _stack_deleted(database: DbInstance, restored: Outcome) -> Outcome:
    least, most, sentence = _restore(database)
    if database.has_deletion_protection is True:
        why: tuple[str, ...] = ("Deletion protection stops the deletion at the database; nothing is lost.",)
        return _kept(database, Duration(0), Duration(0), why)
    if database.on_delete in (Fate.RETAIN, Fate.RETAIN_EXCEPT_ON_CREATE):
        return _kept(database, Duration(0), Duration(0), ("The instance stays when the stack goes.",))
    if database.on_delete in (None, Fate.SNAPSHOT):
        return _kept(database, least, most, ("A last snapshot is taken before the instance goes.", sentence))
    if database.deletes_automated_backups is False and restored.rpo is not None:
        why = ("Automated backups outlive the instance until their retention ends.", *restored.reasons)
        return Outcome(
            database=database.key,
            failure=Failure.STACK_DELETED,
            rpo=restored.rpo,
            rto_least=restored.rto_least,
            rto_most=restored.rto_most,
            reasons=why,
        )
    why = ("The instance is deleted with its automated backups, and no snapshot is taken.",)
    return _gone(database, Failure.STACK_DELETED, why)


def _kept(database: DbInstance, least: Duration, most: Duration, reasons: tuple[str, ...]) -> Outcome:
    return Outcome(
        database=database.key,
        failure=Failure.STACK_DELETED,
        rpo=Duration(0),
        rto_least=least,
        rto_most=most,
        reasons=reasons,
    )


def _gone(database: DbInstance, failure: Failure, reasons: tuple[str, ...]) -> Outcome:
    return Outcome(database=database.key, failure=failure, rpo=None, rto_least=None, rto_most=None, reasons=reasons)


def _retention(database: DbInstance) -> int:
    written = database.backup_retention
    default: int = load("defaults").data["backup_retention_days"]
    return written // Duration.days(1) if isinstance(written, Duration) else default


def _restore(database: DbInstance) -> tuple[Duration, Duration, str]:
    """Least and most time of a restore until every block is warm, and the sentence that says how it was reckoned."""
    known = load("recovery").data
    least, most = known["restore_floor_s"]
    slow, fast = known["hydration_mib_s"]
    if not isinstance(database.storage, Bytes):
        sentence = (
            f"A restore of a near-empty database takes {Duration(least)} to {Duration(most)}; the size is not known."
        )
        return Duration(least), Duration(most), sentence
    mib = database.storage // 2**20
    range_s = Duration(least + mib // fast), Duration(most + -(-mib // slow))
    sentence = (
        f"A restore takes {Duration(least)} to {Duration(most)} and then reads all of {database.storage} at {slow} to"
        f" {fast} MiB/s until it is warm (assumed: full disk, provisioned initialization; replay of logs not counted)."
    )
    return *range_s, sentence
