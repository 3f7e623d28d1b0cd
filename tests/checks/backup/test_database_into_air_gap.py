"""BK024: what goes into a logically air-gapped vault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.backup.database_into_air_gap import faults
from mainstay.checks.backup.examples import (
    backed_up,
    selection,
    tier,
)
from mainstay.core.findings import Finding
from mainstay.plan.resources import (
    BackupRule,
    CopyAction,
    Opaque,
    Resource,
)
from mainstay.plan.values import (
    Attr,
    Ref,
)

Say = Callable[..., list[Finding]]

AIRTIGHT = Opaque(key="Airtight", type="AWS::Backup::LogicallyAirGappedBackupVault")
COPIED = tier(copies=(CopyAction(vault=Ref("Airtight")),))


@pytest.mark.parametrize(
    ("rule", "parts", "count"),
    [
        (COPIED, {}, 1),
        (tier(vault=Ref("Airtight")), {}, 1),
        (tier(copies=(CopyAction(vault=Attr("Airtight", "BackupVaultArn")),)), {}, 1),
        (tier(), {}, 0),
        (COPIED, {"Airtight": replace(AIRTIGHT, type="AWS::Backup::RestoreAccessBackupVault")}, 0),
        (COPIED, {"Airtight": replace(AIRTIGHT, type="aws_backup_logically_air_gapped_vault")}, 1),
        (COPIED, {"Selection": selection(resources=("arn:aws:ec2:*:*:volume/*",))}, 0),
        (COPIED, {"Selection": None}, 0),
    ],
)
def test_vaults(rule: BackupRule, parts: dict[str, Resource | None], count: int, say: Say) -> None:
    assert len(say(faults, backed_up(rule, intent=None, **({"Airtight": AIRTIGHT} | parts)))) == count
