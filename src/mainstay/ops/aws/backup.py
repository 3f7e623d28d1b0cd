"""Backup vaults: what they hold, what keeps it there, and the one way in which we change them."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mainstay.core.units import Duration
from mainstay.ops.aws.door import Door, found


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultState:
    """A vault: its key, how many recovery points it holds, and its lock with the bounds of retention.

    `final_at` is when the lock becomes (or became) one that nobody can take off; None for a lock in governance mode.
    """

    name: str
    arn: str
    points: int
    is_locked: bool = False
    final_at: datetime | None = None
    min_retention: Duration | None = None
    max_retention: Duration | None = None
    key_arn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPoint:
    """A recovery point of a database, which is a snapshot of RDS of this ARN.

    `taken_at` is when its job began, which is not later than the moment it holds; `expires_at` is None when it is
    kept for ever.
    """

    arn: str
    vault: str
    source_arn: str
    status: str
    taken_at: datetime
    expires_at: datetime | None = None

    @property
    def is_complete(self) -> bool:
        """Whether it can be restored."""
        return self.status == "COMPLETED"


class BackupDoor(Door):
    """Questions to AWS Backup."""

    def find_vault(self, name: str) -> VaultState | None:
        """A vault, or None."""
        raw = found(lambda: self._ask("DescribeBackupVault", BackupVaultName=name))
        if raw is None:
            return None
        return VaultState(
            name=raw["BackupVaultName"],
            arn=raw["BackupVaultArn"],
            points=int(raw.get("NumberOfRecoveryPoints") or 0),
            is_locked=bool(raw.get("Locked")),
            final_at=raw.get("LockDate"),
            min_retention=_days(raw.get("MinRetentionDays")),
            max_retention=_days(raw.get("MaxRetentionDays")),
            key_arn=raw.get("EncryptionKeyArn", ""),
        )

    def points(self, vault: str) -> tuple[RecoveryPoint, ...]:
        """Every recovery point of a vault, newest first."""
        pages = self._pages("ListRecoveryPointsByBackupVault", "RecoveryPoints", BackupVaultName=vault)
        return tuple(sorted(map(_point, pages), key=lambda point: point.taken_at, reverse=True))

    def forbidding(self, vault: str, action: str) -> str | None:
        """The statement of the vault's own policy that denies an action to somebody, by its id; None when none does."""
        answer = found(lambda: self._ask("GetBackupVaultAccessPolicy", BackupVaultName=vault))
        for number, statement in enumerate(_statements((answer or {}).get("Policy")), start=1):
            denied = [fnmatch.fnmatch(action.lower(), name.lower()) for name in _listed(statement.get("Action"))]
            if statement.get("Effect") == "Deny" and any(denied):
                return str(statement.get("Sid") or f"number {number}")
        return None

    def delete_point(self, vault: str, arn: str) -> None:
        """Delete a recovery point for good."""
        self._ask("DeleteRecoveryPoint", BackupVaultName=vault, RecoveryPointArn=arn)


# Any, here and below: raw answers and policies, which end here.
def _point(raw: Mapping[str, Any]) -> RecoveryPoint:
    return RecoveryPoint(
        arn=raw["RecoveryPointArn"],
        vault=raw["BackupVaultName"],
        source_arn=raw.get("ResourceArn", ""),
        status=raw.get("Status", ""),
        taken_at=raw["CreationDate"],
        expires_at=(raw.get("CalculatedLifecycle") or {}).get("DeleteAt"),
    )


def _days(number: int | None) -> Duration | None:
    return None if number is None else Duration.days(number)


def _statements(policy: str | None) -> Iterator[Mapping[str, Any]]:
    document = json.loads(policy) if policy else {}
    yield from _listed(document.get("Statement"))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
