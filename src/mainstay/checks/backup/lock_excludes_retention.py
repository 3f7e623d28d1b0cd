"""BK021: a retention outside the bounds of the vault's lock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.backup.copies import vault_at
from mainstay.checks.backup.examples import (
    backed_up,
    tier,
    vault,
)
from mainstay.checks.backup.reach import hides_retention, lock_of, rules_of, title, with_rule
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    CopyAction,
    VaultLock,
)


def _bad() -> Plan:
    """Kept for 35 days, in a vault that is locked at 36 or more"""
    return backed_up(tier(delete_after=Duration.days(35)), Vault=vault(lock=VaultLock(min_retention=Duration.days(36))))


def _good() -> Plan:
    """Kept for 35 days, in a vault that is locked at 35 or more"""
    return backed_up(tier(delete_after=Duration.days(35)), Vault=vault(lock=VaultLock(min_retention=Duration.days(35))))


@rule(
    id="BK021",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="the vault's lock refuses what a rule makes",
    source="AWS Backup Developer Guide, vault-lock (2026-11-20)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """A job whose retention lies outside the lock of its vault fails, every time; that goes for copies too. What is
    kept for ever is above every maximum.
    """
    for each in rules_of(plan):
        jobs: list[tuple[str, object, BackupRule | CopyAction]] = [("", each.vault, each)]
        jobs += [("a copy by ", copy.vault, copy) for copy in each.copies]
        for what, link, job in jobs:
            vault = vault_at(link, scene)
            # A copy that says nothing is kept as long as what it copies.
            kept = each.delete_after if job.delete_after is None else job.delete_after
            if vault is None or (lock := lock_of(vault)) is None or hides_retention(plan):
                continue
            if said := _fault(kept, lock):
                yield Fault(
                    plan,
                    f"{what}{title(each)} in {plan.key} is kept {'for ever' if kept is None else kept};"
                    f" the lock of {vault.key} {said}.",
                    "set DeleteAfterDays within the lock; widen the lock only where it can still be changed",
                    mend=(_within(plan, each, job, lock),),
                )


def _fault(kept: object, lock: VaultLock) -> str:
    least, most = literal(lock.min_retention, Duration), literal(lock.max_retention, Duration)
    days = literal(kept, Duration)
    if most is not None and (kept is None or (days is not None and days > most)):
        return f"allows {most} at most"
    return f"wants {least} or more" if least is not None and days is not None and days < least else ""


def _within(plan: BackupPlan, rule: BackupRule, job: BackupRule | CopyAction, lock: VaultLock) -> BackupPlan:
    """The plan in which the job keeps for as long as the lock lets it: its least for what is shorter, else its most."""
    days, least = literal(job.delete_after or rule.delete_after, Duration), literal(lock.min_retention, Duration)
    period = least if days is not None and least is not None and days < least else lock.max_retention
    if isinstance(job, BackupRule):
        return with_rule(plan, rule, delete_after=period)
    copies = tuple(replace(one, delete_after=period) if one is job else one for one in rule.copies)
    return with_rule(plan, rule, copies=copies)
