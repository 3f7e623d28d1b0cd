"""The ways back after a failure: each with what it costs in data and time, or with the reason why it is gone too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.core.records import dataclass
from mainstay.core.units import Duration
from mainstay.facts import outage
from mainstay.forecast.backups import AUTOMATED, Backup, backups_of
from mainstay.forecast.failure import Failure
from mainstay.forecast.reasons import Reason, reasons
from mainstay.forecast.replicas import replicas_of
from mainstay.forecast.restoring import Span, restore_time
from mainstay.forecast.way import NOTHING, Reach, Way, kept, lost
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import DbInstance, Fate, Key, Role, SubnetGroup

_EXPORTER = "export.rds.amazonaws.com"
_RETAINED = (Fate.RETAIN, Fate.RETAIN_EXCEPT_ON_CREATE)
_PENDING = Duration.days(30)  # how long a key waits for its deletion by default (KMS API, ScheduleKeyDeletion)


@dataclass(frozen=True, slots=True)
class Standing:
    """A database where it stands, with what is the same for every failure: its backups, and the times of a restore to
    a second and to a snapshot. `ready` are the regions in which a restored instance has subnets to go to.
    """

    database: DbInstance
    home: RegionPlan
    backups: tuple[Backup, ...]
    to_second: Span
    to_snapshot: Span
    ready: frozenset[str]


def standing_of(database: DbInstance, home: RegionPlan, plan: Plan) -> Standing:
    """What every failure is held against."""
    return Standing(
        database,
        home,
        backups_of(database, home, plan),
        restore_time(database, replays=True),
        restore_time(database, replays=False),
        frozenset(region.region for region in plan.regions if any(region.of(SubnetGroup))),
    )


def ways_back(standing: Standing, failure: Failure) -> tuple[Way, ...]:
    """Every way back that the plan has, those that need no restore first."""
    database, home = standing.database, standing.home
    restored = (_by_restore(backup, standing, failure) for backup in standing.backups)
    return (
        *_without_backup(standing, failure),
        *replicas_of(database, failure, home),
        *restored,
        *_exports(home),
    )


def _without_backup(standing: Standing, failure: Failure) -> Iterator[Way]:
    database, home = standing.database, standing.home
    if failure in (Failure.INSTANCE_LOST, Failure.ZONE_LOST):
        yield _standby(database)
    elif failure is Failure.STACK_DELETED:
        yield from _undeleted(standing)
    elif failure is Failure.KEY_LOST:
        yield from _unlocked(database, home)


def _exports(home: RegionPlan) -> Iterator[Way]:
    """Snapshot exports, where something may write them: they keep what was, and bring no database back."""
    services = {str(who.value) for role in home.of(Role) for one in role.trust.statements for who in one.principals}
    if _EXPORTER in services:
        yield lost("exports", "They are files to read in the same region; RDS restores nothing from them.")


def _standby(database: DbInstance) -> Way:
    if database.is_multi_az is not True:
        return lost("standby", "No standby: the database comes back by a restore into a new instance.")
    failover = outage("failover")
    least, most = failover.least, failover.most
    why = (
        Reason("The standby in another zone has every acknowledged commit."),
        Reason(
            f"A failover takes {least} to {most}.",
            reasons("Long transactions and clients that cache addresses add to it."),
            failover.source,
        ),
    )
    return Way(name="standby", survives=True, rpo=NOTHING, rto_least=least, rto_most=most, reasons=why)


def _undeleted(standing: Standing) -> Iterator[Way]:
    database, home = standing.database, standing.home
    if database.has_deletion_protection is True:
        yield kept("deletion protection", "Deletion protection stops the deletion at the database; nothing is lost.")
    pending = _key_goes(home.resolve(database.key_id, Key))
    if database.on_delete in _RETAINED:
        stays = kept("retained instance", "The instance stays when the stack goes.")
        yield replace(stays, reasons=(*stays.reasons, *_locked_out(pending)))
    elif database.on_delete in (None, Fate.SNAPSHOT):
        restore = standing.to_snapshot
        yield Way(
            name="last snapshot",
            survives=True,
            rpo=NOTHING,
            rto_least=restore.least,
            rto_most=restore.most,
            reach=Reach(pending, NOTHING),
            reasons=(
                Reason("A last snapshot is taken before the instance goes."),
                *_locked_out(pending),
                restore.reason,
            ),
        )
    else:
        yield lost("last snapshot", "The instance is deleted, and no snapshot is taken.")


def _key_goes(key: Key | None) -> Duration | None:
    """How long after the stack the key is gone as well; None for one that stays, or is not the stack's."""
    if key is None or key.on_delete in _RETAINED:
        return None
    return key.pending_window if isinstance(key.pending_window, Duration) else _PENDING


def _locked_out(pending: Duration | None) -> tuple[Reason, ...]:
    if pending is None:
        return ()
    return reasons(
        f"The key goes with the stack: after {pending} nothing opens it, unless its deletion is called back."
    )


def _unlocked(database: DbInstance, home: RegionPlan) -> Iterator[Way]:
    """A key can be lost only where it is the customer's own."""
    if database.key_id is None and database.is_encrypted in (None, False):
        yield kept("plain storage", "Nothing is encrypted, so there is no key to lose.")
    elif database.key_id is None:
        yield kept("AWS's key", "The key is AWS's own; nobody can delete it.")
    else:
        key = home.resolve(database.key_id, Key)
        window = key.pending_window if key else None
        span = f" for {window}" if isinstance(window, Duration) else ""
        yield lost("instance", f"Nothing opens the storage any more; a key's deletion can be called back{span}.")


def _by_restore(backup: Backup, standing: Standing, failure: Failure) -> Way:
    taken = backup.flaw or _taken_by(backup, failure, standing.home)
    if taken:
        return lost(backup.name, taken)
    restore = standing.to_snapshot if backup.gap else standing.to_second
    is_orphan = failure is Failure.STACK_DELETED and backup.name == AUTOMATED
    outliving = ("Automated backups outlive the instance until their retention ends.",) if is_orphan else ()
    pending = _key_goes(backup.key) if failure is Failure.STACK_DELETED else None
    ends = [end for end in (backup.keep, pending) if end is not None]
    return Way(
        name=backup.name,
        survives=True,
        rpo=backup.rpo,
        rto_least=restore.least,
        rto_most=restore.most,
        reach=Reach(min(ends, default=None), backup.gap),
        reasons=(
            *reasons(*outliving),
            *backup.reasons,
            *_locked_out(pending),
            restore.reason,
            *_over_there(backup, standing, failure),
        ),
    )


def _over_there(backup: Backup, standing: Standing, failure: Failure) -> tuple[Reason, ...]:
    """What a restore in the other region has to wait for besides."""
    if failure is not Failure.REGION_LOST:
        return ()
    guidance = "AWS itself speaks of up to a few hours in another region; a drill from there tells how long it takes."
    source = "AWS Prescriptive Guidance, dr-standard-edition-amazon-rds (2026-11-20)"
    stands = () if backup.region in standing.ready else reasons("No subnets for it stand there yet; making them adds.")
    return (Reason(guidance, stands, source),)


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
