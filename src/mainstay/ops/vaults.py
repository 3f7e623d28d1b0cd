"""Vaults that would go with a stack: what they hold, what keeps it there, and giving it up for good.

AWS deletes no vault that holds a recovery point. So what it holds is named before anything is touched; it is given up
only by an explicit choice, and never against a lock or a policy, which are there to outlive such a choice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mainstay.core.clock import Clock, render_time
from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.core.progress import Progress
from mainstay.ops.aws.backup import RecoveryPoint, VaultState
from mainstay.ops.journal import Run
from mainstay.ops.site import Site
from mainstay.ops.wait import wait_for

VAULT: Final = "AWS::Backup::BackupVault"
DELETION: Final = "backup:DeleteRecoveryPoint"
_DEADLINE_S: Final = 3600.0
_PACE_S: Final = 15.0
_NAMED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A vault that is not empty, and what it holds, newest first."""

    state: VaultState
    points: tuple[RecoveryPoint, ...]

    @property
    def sentence(self) -> str:
        """What would be lost."""
        named = ", ".join(f"{point.arn} of {render_time(point.taken_at)}" for point in self.points[:_NAMED])
        more = len(self.points) - _NAMED
        rest = f" and {more} more" if more > 0 else ""
        return f"vault {self.state.name} holds {len(self.points)} recovery points: {named}{rest}"


def filled(site: Site, names: Iterable[str]) -> tuple[Filled, ...]:
    """The vaults of these names that hold something."""
    states = [state for name in names if (state := site.doors.backup.find_vault(name)) is not None]
    looked = [Filled(state=state, points=site.doors.backup.points(state.name)) for state in states]
    return tuple(vault for vault in looked if vault.points)


def refuse_kept(site: Site, vaults: Iterable[Filled], *, are_given_up: bool, now: datetime) -> None:
    """Stop unless everything in these vaults may go: InputRefused without the choice, TargetRefused against a lock or
    a policy, with the date.
    """
    for vault in vaults:
        if not are_given_up:
            raise InputRefused(
                "recovery points would be lost",
                detail=f"Nothing was touched: {vault.sentence}.",
                hint="keep the vault (protection.on_delete: snapshot, then deploy), or give them up for good: "
                "--discard-recovery-points",
            )
        _refuse_policy(site, vault)
        _refuse_lock(vault, now)


def _refuse_policy(site: Site, vault: Filled) -> None:
    statement = site.doors.backup.forbidding(vault.state.name, DELETION)
    if statement is not None:
        raise TargetRefused(
            "the vault's policy keeps its recovery points",
            detail=f"Nothing was touched: {vault.sentence}. Statement {statement} of its policy denies {DELETION}.",
            hint="take the statement out of the policy first, or keep the vault",
        )


def _refuse_lock(vault: Filled, now: datetime) -> None:
    state = vault.state
    held = [point for point in vault.points if point.expires_at is None or point.expires_at > now]
    if not state.is_locked or not held:
        return
    dates = [point.expires_at for point in held if point.expires_at is not None]
    until = f"until {render_time(max(dates))}" if len(dates) == len(held) else "for ever"
    is_final = state.final_at is not None and state.final_at <= now
    ends = f"; it can be taken off until {render_time(state.final_at)}" if state.final_at and not is_final else ""
    raise TargetRefused(
        "the vault's lock keeps its recovery points",
        detail=f"Nothing was touched: {vault.sentence}. Its lock keeps {len(held)} of them {until}{ends}.",
        hint="nobody can shorten that, AWS included: keep the vault, or come back then"
        if is_final
        else "take the lock out of the spec and deploy, then run this again; or keep the vault",
    )


def give_up(site: Site, vaults: Iterable[Filled], run: Run, progress: Progress, clock: Clock) -> None:
    """Delete everything in these vaults, and wait until they are empty. Inconclusive at the deadline."""
    for vault in vaults:
        name = vault.state.name
        for point in vault.points:
            with run.acting(DELETION, vault=name, point=point.arn):
                site.doors.backup.delete_point(name, point.arn)
        _await_empty(site, name, progress, clock)


def _await_empty(site: Site, name: str, progress: Progress, clock: Clock) -> None:
    wait_for(
        lambda: site.doors.backup.points(name),
        lambda points: not points,
        message=lambda points: f"vault {name} still holds {len(points)} recovery points",
        deadline_s=_DEADLINE_S,
        pace_s=site.pace(_PACE_S),
        progress=progress,
        clock=clock,
    )
