"""The backups that a plan makes of a database: how old the newest can be, and what it shares a fate with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from mainstay.core.records import dataclass
from mainstay.core.schedules import Cron, Rate
from mainstay.core.units import Duration
from mainstay.facts import load
from mainstay.forecast.places import Place, place_of
from mainstay.forecast.reasons import Reason, reasons
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import BackupPlan, BackupRule, BackupSelection, CopyAction, DbInstance, Key
from mainstay.plan.values import Attr, Ref

AUTOMATED: Final = "automated backups"
_DAY: Final = Duration.days(1)
_ANY_SECOND: Final = Duration(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One line of backups. `rpo` is how old the newest can be at worst, `keep` None means for ever.

    `gap` is the time between two points that one can go back to, 0 for any second. `region` and `account` as in
    `Place`; `has_own_key` says that it is not encrypted with the database's key, `key` is the one that it is encrypted
    with where that is the stack's own, `is_locked` that nobody can delete it, `outlives_instance` that it stays when
    the instance is deleted. `flaw` says why there may be none of it at all, and is empty for a sound one.
    """

    name: str
    rpo: Duration
    keep: Duration | None
    gap: Duration
    region: str | None
    account: str | None = ""
    has_own_key: bool = False
    key: Key | None = None
    is_locked: bool = False
    outlives_instance: bool = True
    flaw: str = ""
    reasons: tuple[Reason, ...]


def backups_of(database: DbInstance, home: RegionPlan, plan: Plan) -> tuple[Backup, ...]:
    """All backups of a database, those with the least loss first among their kind."""
    return (*_automated(database, home), *_replicated(database, home), *_vaulted(database, home, plan))


def retention_in_effect(database: DbInstance, home: RegionPlan) -> Duration:
    """How long automated backups are kept: as long as a continuous rule of AWS Backup says, which then owns the period
    (AWS Backup Developer Guide, point-in-time-recovery: the longest holds, 2026-11-20), else as the instance does.
    """
    owned = [
        rule.delete_after
        for backup_plan in plans_for(database, home)
        for rule in backup_plan.rules
        if rule.is_continuous is True and isinstance(rule.delete_after, Duration)
    ]
    return max(owned, default=retention_of(database))


def retention_of(database: DbInstance) -> Duration:
    """How long automated backups are kept; AWS's default when nothing is written or only the target knows."""
    written = database.backup_retention
    return written if isinstance(written, Duration) else Duration.days(load("defaults").data["backup_retention_days"])


def _automated(database: DbInstance, home: RegionPlan) -> Iterator[Backup]:
    keep, lag = retention_in_effect(database, home), Duration(load("recovery").data["log_upload_s"])
    if keep:
        yield Backup(
            name=AUTOMATED,
            rpo=lag,
            keep=keep,
            gap=_ANY_SECOND,
            region=home.region,
            key=home.resolve(database.key_id, Key),
            outlives_instance=database.deletes_automated_backups is False,
            reasons=(
                Reason(
                    f"Logs leave the instance every {lag}: what the last {lag} changed may be missing.",
                    reasons("None are made while the instance is not available, or its storage is full."),
                    load("recovery").citation,
                ),
                Reason(f"The mistake has to be noticed within {keep // _DAY} days; older points in time are gone."),
            ),
        )


def _replicated(database: DbInstance, home: RegionPlan) -> Iterator[Backup]:
    """Automated backups in another region: any second can be restored there, up to a time that trails."""
    region, source_keeps = database.backup_replica_region, retention_in_effect(database, home)
    if region is None or not source_keeps:
        return
    least, most = (Duration(seconds) for seconds in load("recovery").data["cross_region_rpo_s"])
    written = database.backup_replica_retention
    keep = written if isinstance(written, Duration) else source_keeps
    yield Backup(
        name=f"replicated backups in {region}" if isinstance(region, str) else "replicated backups",
        rpo=most,
        keep=keep,
        gap=_ANY_SECOND,
        region=region if isinstance(region, str) else None,
        has_own_key=True,
        reasons=(
            Reason(
                f"The latest restorable time in the other region trails by {least} to {most}.",
                source=load("recovery").citation,
            ),
            Reason(f"Any second of {keep // _DAY} days can be restored there, also when the source is gone."),
        ),
    )


def _vaulted(database: DbInstance, home: RegionPlan, plan: Plan) -> Iterator[Backup]:
    for backup_plan in plans_for(database, home):
        for rule in backup_plan.rules:
            round_ = _round(rule)
            if round_ is None:
                continue
            # The instance's own automated backups are what a continuous rule turns on; they are counted already.
            if rule.is_continuous is not True:
                yield _snapshots(rule, round_, place_of(rule.vault, home, plan), database, home)
            for copy in rule.copies:
                place = place_of(copy.vault, home, plan)
                yield _under_its_key(_copies(rule, copy, round_, place), place, database, home)


def plans_for(database: DbInstance, home: RegionPlan) -> Iterator[BackupPlan]:
    """The plans of AWS Backup that select the database."""
    for selection in home.of(BackupSelection):
        found = home.resolve(selection.plan, BackupPlan)
        if found is not None and _selects(selection, database):
            yield found


def _selects(selection: BackupSelection, database: DbInstance) -> bool:
    """Whether it takes the database by reference, by a pattern for all, or by a tag that the database wears."""
    own: tuple[object, ...] = (Ref(database.key), Attr(database.key, "arn"), "*", "arn:aws:rds:*:*:db:*")
    if any(link in own for link in selection.excluded_resources):
        return False
    by_tag = any(database.tags.get(str(match.tag)) == match.value for match in selection.any_tag)
    filters = (selection.resources, selection.any_tag, selection.equal, selection.like)
    return any(link in own for link in selection.resources) or by_tag or not any(filters)


@dataclass(frozen=True, slots=True)
class _Round:
    """The time between two jobs of a rule, and how old the newest snapshot is just before the next is done."""

    gap: Duration
    age: Duration


def _round(rule: BackupRule) -> _Round | None:
    """None for a rule that does not come round."""
    known = load("recovery").data
    schedule = rule.schedule
    gap = schedule.longest_gap if isinstance(schedule, (Cron, Rate)) else _DAY
    start, completion = (
        written if isinstance(written, Duration) else Duration(known[default])
        for written, default in (
            (rule.start_window, "backup_start_window_s"),
            (rule.completion_window, "backup_completion_window_s"),
        )
    )
    return None if gap is None else _Round(gap, Duration(gap + start + completion))


def _snapshots(rule: BackupRule, round_: _Round, place: Place, database: DbInstance, home: RegionPlan) -> Backup:
    keep = _kept(rule.delete_after)
    return Backup(
        name=f"{rule.name} snapshots",
        rpo=round_.age,
        keep=keep,
        gap=round_.gap,
        region=place.region,
        account=place.account,
        key=home.resolve(database.key_id, Key),
        is_locked=_is_locked(place),
        flaw=_flaw(keep, round_, place),
        reasons=(
            Reason(
                f"The newest snapshot is up to {round_.age} old: the time between two jobs, and both windows of a late"
                " one.",
                _late(keep, round_),
            ),
            Reason(f"Each is kept {keep or 'for ever'}; there is no point in time between two."),
        ),
    )


def _under_its_key(copy: Backup, place: Place, database: DbInstance, home: RegionPlan) -> Backup:
    """A copy is encrypted with the other vault's key, the original with the database's (AWS Backup Developer Guide,
    encryption, 2026-11-20); in a vault of the same region both may be one.
    """
    if place.vault is None or place.region != home.region or place.vault.key_id is None:
        return copy
    own = place.vault.key_id
    return replace(copy, has_own_key=own != database.key_id, key=home.resolve(own, Key))


def _copies(rule: BackupRule, copy: CopyAction, round_: _Round, place: Place) -> Backup:
    where = f" in {place.region}" if place.region else ""
    keep = _kept(copy.delete_after)
    return Backup(
        name=f"copies of {rule.name} snapshots{where}",
        rpo=round_.age,
        keep=keep,
        gap=round_.gap,
        region=place.region,
        account=place.account,
        has_own_key=True,
        is_locked=_is_locked(place),
        flaw=_flaw(keep, round_, place),
        reasons=(
            Reason(
                f"The newest copy is up to {round_.age} old, and as much older as copying takes.", _late(keep, round_)
            ),
            Reason("A copy is a plain snapshot: there is no point in time to restore to but its own."),
        ),
    )


def _flaw(keep: Duration | None, round_: _Round, place: Place) -> str:
    """Why there are times without a recovery point, or none ever; empty when there is nothing to say.

    A job whose retention the vault's lock does not allow fails (AWS Backup Developer Guide, vault-lock, 2026-11-20).
    """
    lock = place.vault.lock if place.vault else None
    least, most = (lock.min_retention, lock.max_retention) if lock else (None, None)
    if isinstance(least, Duration) and keep is not None and keep < least:
        return f"Every job fails: the vault's lock asks for {least}, and they are kept {keep}."
    if isinstance(most, Duration) and (keep is None or keep > most):
        return f"Every job fails: the vault's lock allows {most}, and they are kept {keep or 'for ever'}."
    if keep is not None and keep < round_.gap:
        return (
            f"Each is deleted after {keep}, and the next comes up to {round_.gap} later: there are times without any."
        )
    return ""


def _late(keep: Duration | None, round_: _Round) -> tuple[Reason, ...]:
    if keep is None or keep >= round_.age:
        return ()
    return reasons(f"Each goes after {keep}: a job that is more than {Duration(keep - round_.gap)} late leaves none.")


def _kept(written: object) -> Duration | None:
    return written if isinstance(written, Duration) else None


def _is_locked(place: Place) -> bool:
    """Whether the vault's lock is one that nobody can lift, its account's root user included."""
    lock = place.vault.lock if place.vault else None
    return lock is not None and lock.changeable_for is not None
