"""The ways back after a failure: each with what it costs in data and time, or with the reason why it is gone too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mainstay.core.units import Duration
from mainstay.facts import outage
from mainstay.forecast.backups import AUTOMATED, Backup, backups_of
from mainstay.forecast.failure import Failure
from mainstay.forecast.restoring import restore_time
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import DbInstance, Fate, Key, Role

_NOTHING = Duration(0)
_EXPORTER = "export.rds.amazonaws.com"
_RETAINED = (Fate.RETAIN, Fate.RETAIN_EXCEPT_ON_CREATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way back. Where it does not survive the failure, data and times are None, and the reason says why."""

    name: str
    survives: bool
    rpo: Duration | None = None
    rto_least: Duration | None = None
    rto_most: Duration | None = None
    reasons: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The way with seconds for durations."""
        return {
            "way": self.name,
            "survives": self.survives,
            "rpo_s": self.rpo,
            "rto_least_s": self.rto_least,
            "rto_most_s": self.rto_most,
            "reasons": list(self.reasons),
        }


def ways_back(database: DbInstance, failure: Failure, home: RegionPlan, plan: Plan) -> tuple[Way, ...]:
    """Every way back that the plan has, those that need no restore first."""
    restored = (_by_restore(backup, database, failure, home) for backup in backups_of(database, home, plan))
    return (*_without_backup(database, failure, home), *restored, *_exports(home))


def _lost(name: str, reason: str) -> Way:
    return Way(name=name, survives=False, reasons=(reason,))


def _kept(name: str, *reasons: str) -> Way:
    return Way(name=name, survives=True, rpo=_NOTHING, rto_least=_NOTHING, rto_most=_NOTHING, reasons=reasons)


def _without_backup(database: DbInstance, failure: Failure, home: RegionPlan) -> Iterator[Way]:
    if failure in (Failure.INSTANCE_LOST, Failure.ZONE_LOST):
        yield _standby(database)
    elif failure is Failure.STACK_DELETED:
        yield from _undeleted(database)
    elif failure is Failure.KEY_LOST:
        yield from _unlocked(database, home)


def _exports(home: RegionPlan) -> Iterator[Way]:
    """Snapshot exports, where something may write them: they keep what was, and bring no database back."""
    services = {str(who.value) for role in home.of(Role) for one in role.trust.statements for who in one.principals}
    if _EXPORTER in services:
        yield _lost("exports", "They are files to read in the same region; RDS restores nothing from them.")


def _standby(database: DbInstance) -> Way:
    if database.is_multi_az is not True:
        return _lost("standby", "No standby: the database comes back by a restore into a new instance.")
    failover = outage("failover")
    least, most = failover.least, failover.most
    reasons = (
        "The standby in another zone has every acknowledged commit.",
        f"A failover takes {least} to {most}; long transactions and clients that cache addresses add to it.",
    )
    return Way(name="standby", survives=True, rpo=_NOTHING, rto_least=least, rto_most=most, reasons=reasons)


def _undeleted(database: DbInstance) -> Iterator[Way]:
    if database.has_deletion_protection is True:
        yield _kept("deletion protection", "Deletion protection stops the deletion at the database; nothing is lost.")
    if database.on_delete in _RETAINED:
        yield _kept("retained instance", "The instance stays when the stack goes.")
    elif database.on_delete in (None, Fate.SNAPSHOT):
        least, most, sentence = restore_time(database)
        yield Way(
            name="last snapshot",
            survives=True,
            rpo=_NOTHING,
            rto_least=least,
            rto_most=most,
            reasons=("A last snapshot is taken before the instance goes.", sentence),
        )
    else:
        yield _lost("last snapshot", "The instance is deleted, and no snapshot is taken.")


def _unlocked(database: DbInstance, home: RegionPlan) -> Iterator[Way]:
    """A key can be lost only where it is the customer's own."""
    if database.key_id is None and database.is_encrypted in (None, False):
        yield _kept("plain storage", "Nothing is encrypted, so there is no key to lose.")
    elif database.key_id is None:
        yield _kept("AWS's key", "The key is AWS's own; nobody can delete it.")
    else:
        key = home.resolve(database.key_id, Key)
        window = key.pending_window if key else None
        span = f" for {window}" if isinstance(window, Duration) else ""
        yield _lost("instance", f"Nothing opens the storage any more; a key's deletion can be called back{span}.")


def _by_restore(backup: Backup, database: DbInstance, failure: Failure, home: RegionPlan) -> Way:
    taken = _taken_by(backup, failure, home)
    if taken:
        return _lost(backup.name, taken)
    least, most, sentence = restore_time(database)
    is_orphan = failure is Failure.STACK_DELETED and backup.name == AUTOMATED
    outliving = ("Automated backups outlive the instance until their retention ends.",) if is_orphan else ()
    return Way(
        name=backup.name,
        survives=True,
        rpo=backup.rpo,
        rto_least=least,
        rto_most=most,
        reasons=(*outliving, *backup.reasons, sentence),
    )


def _taken_by(backup: Backup, failure: Failure, home: RegionPlan) -> str:
    """Why the failure takes the backup with it; empty when it does not."""
    fates: tuple[tuple[Failure, bool, str], ...] = (
        (Failure.STACK_DELETED, not backup.outlives_instance, "They are deleted with the instance."),
        (Failure.REGION_LOST, backup.region is None, "Where they stand is not known here."),
        (Failure.REGION_LOST, backup.region == home.region, "They stand in the same region."),
        (
            Failure.ACCOUNT_COMPROMISED,
            backup.account is None,
            "Whether theirs is another account is not known; write account: to say which is yours.",
        ),
        (
            Failure.ACCOUNT_COMPROMISED,
            not backup.account and not backup.is_locked,
            "Whoever holds the account can delete them.",
        ),
        (Failure.KEY_LOST, not backup.has_own_key, "They are encrypted with the same key."),
    )
    return next((reason for by, is_taken, reason in fates if by is failure and is_taken), "")
