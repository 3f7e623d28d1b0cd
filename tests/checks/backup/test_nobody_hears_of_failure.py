"""BK038: the three ways to hear of a failure, and what may be a fourth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    job_events,
    tier,
    vault,
)
from mainstay.checks.backup.nobody_hears_of_failure import faults
from mainstay.checks.examples import alarm
from mainstay.core.findings import Finding
from mainstay.plan.intent import Intent
from mainstay.plan.resources import (
    BackupVault,
    EventRule,
    Opaque,
    Resource,
    VaultNotifications,
)
from mainstay.plan.values import (
    Param,
    Ref,
    Unknown,
)

Say = Callable[..., list[Finding]]

SILENT = vault(notifications=None)


def telling(*events: object) -> BackupVault:
    return vault(notifications=VaultNotifications(topic=Ref("Topic"), events=events))  # type: ignore[arg-type]  # any


@pytest.mark.parametrize(
    ("parts", "count"),
    [
        ({"Vault": SILENT}, 1),
        ({"Vault": telling("BACKUP_JOB_COMPLETED")}, 0),
        ({"Vault": telling("BACKUP_JOB_FAILED")}, 0),
        ({"Vault": telling("BACKUP_JOB_EXPIRED")}, 0),
        ({"Vault": telling("BACKUP_JOB_STARTED", "RESTORE_JOB_COMPLETED")}, 1),
        ({"Vault": telling(Param("Event"))}, 0),
        ({"Vault": vault(notifications=Unknown("later"))}, 0),
        ({"Vault": vault(notifications=None, extras={"Notifications": {"Fn::If": []}})}, 0),
        ({"Vault": SILENT, "Other": telling("BACKUP_JOB_FAILED")}, 0),
        ({"Vault": SILENT, "Events": job_events("Backup Job", "state", key="Events")}, 0),
        ({"Vault": SILENT, "Events": job_events("Copy Job", "state", key="Events")}, 1),
        ({"Vault": SILENT, "Events": EventRule(key="Events", extras={"EventPattern": {"source": ["aws.backup"]}})}, 0),
        ({"Vault": SILENT, "Events": EventRule(key="Events", extras={"EventPattern": {"source": ["aws.rds"]}})}, 1),
        ({"Vault": SILENT, "Events": EventRule(key="Events", extras={"event_pattern": "${unknown}"})}, 0),
        ({"Vault": SILENT, "Alarm": alarm(key="Alarm", namespace="AWS/Backup")}, 0),
        ({"Vault": SILENT, "Alarm": alarm(key="Alarm", namespace="AWS/RDS")}, 1),
        ({"Vault": SILENT, "Alarm": alarm(key="Alarm", namespace=Param("Namespace"))}, 0),
        ({"Vault": SILENT, "Apart": Opaque(key="Apart", type="aws_backup_vault_notifications")}, 0),
        ({"Vault": SILENT, "Apart": Opaque(key="Apart", type="aws_backup_report_plan")}, 1),
    ],
)
def test_channels(parts: dict[str, Resource | None], count: int, say: Say) -> None:
    named = {("Other" if key == "Other" else key): part for key, part in parts.items()}
    if isinstance(other := named.get("Other"), BackupVault):
        named["Other"] = replace(other, key="Other", name="other")
    assert len(say(faults, backed_up(intent=None, **named))) == count


def test_whose_failures(say: Say) -> None:
    assert say(faults, backed_up(Vault=SILENT, intent=Intent(profile="dev"))) == []
    assert say(faults, backed_up(Vault=SILENT, Selection=None)) == []
    assert say(faults, backed_up(tier(vault="elsewhere"), Vault=SILENT)) == []
