"""The backups that a plan makes of a database: how old the newest can be, and what it shares a fate with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mainstay.core.schedules import Cron, Rate
from mainstay.core.units import Duration
from mainstay.facts import load
from mainstay.forecast.places import Place, place_of
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import BackupPlan, BackupRule, BackupSelection, CopyAction, DbInstance
from mainstay.plan.values import Attr, Ref

AUTOMATED: Final = "automated backups"
_DAY: Final = Duration.days(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One line of backups. `rpo` is how old the newest can be at worst, `keep` None means for ever.

    `region` and `account` as in `Place`; `has_own_key` says that it is not encrypted with the database's key,
    `is_locked` that nobody can delete it, `outlives_instance` that it stays when the instance is deleted.
    """

    name: str
    rpo: Duration
    keep: Duration | None
    region: str | None
    account: str | None = ""
    has_own_key: bool = False
    is_locked: bool = False
    outlives_instance: bool = True
    reasons: tuple[str, ...]


def backups_of(database: DbInstance, home: RegionPlan, plan: Plan) -> tuple[Backup, ...]:
    """All backups of a database, those with the least loss first among their kind."""
    return (*_automated(database, home), *_replicated(database), *_vaulted(database, home, plan))


def retention_of(database: DbInstance) -> Duration:
    """How long automated backups are kept; AWS's default when nothing is written or only the target knows."""
    written = database.backup_retention
    return written if isinstance(written, Duration) else Duration.days(load("defaults").data["backup_retention_days"])


def _automated(database: DbInstance, home: RegionPlan) -> Iterator[Backup]:
    keep, lag = retention_of(database), Duration(load("recovery").data["log_upload_s"])
    if keep:
        yield Backup(
            name=AUTOMATED,
            rpo=lag,
            keep=keep,
            region=home.region,
            outlives_instance=database.deletes_automated_backups is False,
            reasons=(
                f"Logs leave the instance every {lag}: what the last {lag} changed may be missing.",
                f"The mistake has to be noticed within {keep // _DAY} days; older points in time are gone.",
            ),
        )


def _replicated(database: DbInstance) -> Iterator[Backup]:
    """Automated backups in another region: any second can be restored there, up to a time that trails."""
    region = database.backup_replica_region
    if region is None or not retention_of(database):
        return
    least, most = (Duration(seconds) for seconds in load("recovery").data["cross_region_rpo_s"])
    written = database.backup_replica_retention
    keep = written if isinstance(written, Duration) else retention_of(database)
    yield Backup(
        name=f"replicated backups in {region}" if isinstance(region, str) else "replicated backups",
        rpo=most,
        keep=keep,
        region=region if isinstance(region, str) else None,
        has_own_key=True,
        reasons=(
            f"The latest restorable time in the other region trails by {least} to {most}.",
            f"Any second of {keep // _DAY} days can be restored there, also when the source is gone.",
        ),
    )


def _vaulted(database: DbInstance, home: RegionPlan, plan: Plan) -> Iterator[Backup]:
    for backup_plan in plans_for(database, home):
        for rule in backup_plan.rules:
            age = _age(rule)
            if age is None:
                continue
            # The instance's own automated backups are what a continuous rule turns on; they are counted already.
            if rule.is_continuous is not True:
                yield _snapshots(rule, age, place_of(rule.vault, home, plan))
            for copy in rule.copies:
                yield _copies(rule, copy, age, place_of(copy.vault, home, plan))


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


def _age(rule: BackupRule) -> Duration | None:
    """How old the newest snapshot is just before the next is done; None for a rule that does not come round."""
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
    return None if gap is None else Duration(gap + start + completion)


def _snapshots(rule: BackupRule, age: Duration, place: Place) -> Backup:
    return Backup(
        name=f"{rule.name} snapshots",
        rpo=age,
        keep=_kept(rule.delete_after),
        region=place.region,
        account=place.account,
        is_locked=_is_locked(place),
        reasons=(
            f"The newest snapshot is up to {age} old: the time between two jobs, and both windows of a late one.",
            f"Each is kept {_kept(rule.delete_after) or 'for ever'}; there is no point in time between two.",
        ),
    )


def _copies(rule: BackupRule, copy: CopyAction, age: Duration, place: Place) -> Backup:
    where = f" in {place.region}" if place.region else ""
    return Backup(
        name=f"copies of {rule.name} snapshots{where}",
        rpo=age,
        keep=_kept(copy.delete_after),
        region=place.region,
        account=place.account,
        # A copy is encrypted with the other vault's key, the original with the database's (AWS Backup Developer Guide,
        # encryption, 2026-11-20).
        has_own_key=True,
        is_locked=_is_locked(place),
        reasons=(
            f"The newest copy is up to {age} old, and as much older as copying takes.",
            "A copy is a plain snapshot: there is no point in time to restore to but its own.",
        ),
    )


def _kept(written: object) -> Duration | None:
    return written if isinstance(written, Duration) else None


def _is_locked(place: Place) -> bool:
    """Whether the vault's lock is one that nobody can lift, its account's root user included."""
    lock = place.vault.lock if place.vault else None
    return lock is not None and lock.changeable_for is not None
