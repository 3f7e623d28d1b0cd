"""Checks of what a lost region is restored from: vaults, replicated backups, and copies that arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from mainstay.core.clock import render_time
from mainstay.core.schedules import Cron, Rate
from mainstay.core.units import Duration
from mainstay.ops.aws.backup import VaultState
from mainstay.ops.aws.rds_states import AutomatedBackup
from mainstay.ops.vaults import DELETION
from mainstay.ops.verify.model import Outcome, Scene, failed, gravest, judged, passed, warned
from mainstay.plan.resources import BackupPlan, BackupRule, BackupVault, DbInstance, Key
from mainstay.plan.values import Join, Ref

# Logs leave an instance every five minutes (RDS User Guide, USER_PIT) and are copied from there; AWS promises no
# figure for the copy. Half an hour behind, somebody should look.
_TRAILS: Final = Duration.minutes(30)
_COPYING: Final = Duration.minutes(6 * 60)  # for the copy itself, once the snapshot is there


def vaults_are_as_planned(scene: Scene) -> Outcome:
    """Each vault has its key, its lock with its bounds, and the policy that forbids deletions."""
    vaults = list(scene.region.of(BackupVault))
    if not vaults:
        return passed("No vault is planned here.")
    faults = [fault for vault in vaults for fault in _vault_faults(scene, vault)]
    return judged(faults, f"{len(vaults)} vaults have their key, lock and policy.", "deploy again")


def _vault_faults(scene: Scene, vault: BackupVault) -> Iterator[str]:
    name = scene.physical(vault.key)
    state = scene.site.doors.backup.find_vault(name) if name else None
    if state is None:
        yield f"{vault.key} does not exist."
        return
    key = scene.physical(vault.key_id.key) if isinstance(vault.key_id, Ref) else None
    if key is not None and not state.key_arn.endswith(key):
        yield f"{state.name} is encrypted with {state.key_arn or 'no key of its own'}, planned {key}."
    yield from _lock_faults(vault, state)
    denies = vault.access_policy is not None and any(
        statement.effect == "Deny" and DELETION in statement.actions for statement in vault.access_policy.statements
    )
    if denies and scene.site.doors.backup.forbidding(state.name, DELETION) is None:
        yield f"The policy of {state.name} lets recovery points be deleted."


def _lock_faults(vault: BackupVault, state: VaultState) -> Iterator[str]:
    if vault.lock is None:
        return
    if not state.is_locked:
        yield f"{state.name} is not locked."
        return
    planned = (vault.lock.min_retention, vault.lock.max_retention)
    if planned != (state.min_retention, state.max_retention):
        yield (
            f"The lock of {state.name} keeps {state.min_retention} to {state.max_retention or 'any time'}, planned "
            f"{planned[0]} to {planned[1] or 'any time'}."
        )
    if (vault.lock.changeable_for is None) != (state.final_at is None):
        is_final = "can never be lifted" if state.final_at else "can be lifted"
        yield f"The lock of {state.name} {is_final}, which is not as planned."


def backups_are_replicated(scene: Scene) -> Outcome:
    """The automated backups of the other region's instances are here, under this region's key, and follow closely."""
    sources = [
        one
        for region in scene.elsewhere
        for one in region.of(DbInstance)
        if one.backup_replica_region == scene.region.region
    ]
    if not sources:
        return passed("No automated backups are planned to be replicated here.")
    return gravest([_replicated(scene, one) for one in sources])


def _replicated(scene: Scene, source: DbInstance) -> Outcome:
    name = str(source.identifier)
    kept = [one for one in scene.site.doors.rds.automated_backups(name) if one.status != "retained"]
    if not kept:
        hint = (
            "deploy again; `aws rds describe-db-instance-automated-backups` in the first region says what became of it"
        )
        return failed(f"No automated backups of {name} are replicated to {scene.site.region}.", hint)
    faults = list(_replica_faults(scene, source, kept[0]))
    if faults:
        return failed(" ".join(faults), "deploy again; a change of key or retention takes effect for new backups")
    latest = kept[0].window.latest
    if latest is None:
        return warned(f"The first backup of {name} is still on its way.", "run this again in an hour")
    behind = Duration(max(0, int((scene.clock.now() - latest).total_seconds())))
    if behind > _TRAILS:
        hint = f"a failover now would lose {behind}; look at the events of {name}"
        return failed(f"The replicated backups of {name} end {behind} ago, at {render_time(latest)}.", hint)
    return passed(f"{name} can be restored here to {behind} ago, and for {kept[0].retention} back.")


def _replica_faults(scene: Scene, source: DbInstance, kept: AutomatedBackup) -> Iterator[str]:
    planned = source.backup_replica_retention
    if isinstance(planned, Duration) and planned != kept.retention:
        yield f"Replicated backups of {source.identifier} are kept {kept.retention}, planned {planned}."
    keys = {scene.physical(key.key) for key in scene.region.of(Key)}
    if kept.key_id is not None and kept.key_id.rsplit("/", maxsplit=1)[-1] not in keys:
        yield f"Replicated backups of {source.identifier} are encrypted with {kept.key_id}, no key of the stack."


def copies_arrive(scene: Scene) -> Outcome:
    """The newest copy in each vault is as young as the backup plan of the other region promises."""
    outcomes = [
        _arriving(scene, vault, rules)
        for vault in scene.region.of(BackupVault)
        if (rules := list(_rules_into(scene, vault)))
    ]
    return gravest(outcomes) if outcomes else passed("No copies are planned into this region.")


def _rules_into(scene: Scene, vault: BackupVault) -> Iterator[BackupRule]:
    for region in scene.elsewhere:
        for plan in region.of(BackupPlan):
            yield from (rule for rule in plan.rules if any(_names(scene, copy.vault, vault) for copy in rule.copies))


def _names(scene: Scene, link: object, vault: BackupVault) -> bool:
    """Whether a copy's ARN, built from names, is that of a vault of this region."""
    text = "".join(part for part in link.parts if isinstance(part, str)) if isinstance(link, Join) else str(link)
    return f":backup:{scene.region.region}:" in text and text.endswith(f":backup-vault:{vault.name}")


def _arriving(scene: Scene, vault: BackupVault, rules: list[BackupRule]) -> Outcome:
    name, limit = scene.physical(vault.key), min((_longest(rule) for rule in rules), default=_COPYING)
    points = [one for one in scene.site.doors.backup.points(name) if one.is_complete] if name else []
    now = scene.clock.now()
    if points:
        age = Duration(max(0, int((now - points[0].taken_at).total_seconds())))
        if age <= limit:
            return passed(f"{len(points)} copies are in {name}, the newest {age} old.")
        return failed(f"The newest copy in {name} is {age} old, and none should be older than {limit}.", _LOOK)
    due = (scene.stack.created_at or now) + timedelta(seconds=limit)
    if due <= now:
        return failed(f"No copy has arrived in {name}, though one was due at {render_time(due)}.", _LOOK)
    return warned(f"No copy has arrived in {name} yet.", f"run this again after {render_time(due)}, when one is due")


_LOOK: Final = "look at the copy jobs of the first region (`aws backup list-copy-jobs`): the status message says why"


def _longest(rule: BackupRule) -> Duration:
    """How old the newest copy of a rule may become before something is wrong."""
    gap = rule.schedule.longest_gap if isinstance(rule.schedule, Cron | Rate) else None
    windows = [one for one in (rule.start_window, rule.completion_window) if isinstance(one, Duration)]
    return Duration((gap or Duration.days(1)) + sum(windows) + _COPYING)
