"""BK025: tags to the letter, and who else in the stack may carry them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    selection,
)
from mainstay.checks.backup.tag_nobody_wears import faults
from mainstay.checks.examples import database, replica
from mainstay.core.findings import Finding, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupSelection,
    Opaque,
    Resource,
    TagCondition,
    TagMatch,
    Topic,
)
from mainstay.plan.values import (
    Param,
    Ref,
    Unknown,
)

Say = Callable[..., list[Finding]]

DAILY = selection(resources=(), any_tag=(TagMatch(tag="Backup", value="daily"),))


def plan_with(tags: dict[str, object], chosen: BackupSelection = DAILY, **parts: Resource | None) -> Plan:
    return backed_up(Selection=chosen, Database=database(tags=tags), **parts)  # type: ignore[arg-type]  # no intent


@pytest.mark.parametrize(
    ("tags", "severity"),
    [
        ({"Backup": "daily"}, None),
        ({"backup": "daily"}, Severity.ERROR),
        ({"Backup": "Daily"}, Severity.ERROR),
        ({"Backup": "weekly"}, Severity.WARNING),
        ({"Plan": "daily"}, Severity.WARNING),
        ({}, Severity.WARNING),
        ({"Backup": Param("Backup")}, None),
    ],
)
def test_tags(tags: dict[str, object], severity: Severity | None, say: Say) -> None:
    found = [each.severity for each in say(faults, plan_with(tags))]
    assert found == ([] if severity is None else [severity])


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        (replace(DAILY, any_tag=(), equal=(TagCondition(tag="aws:ResourceTag/Backup", value="daily"),)), 1),
        (replace(DAILY, resources=("*",)), 1),
        (replace(DAILY, resources=("arn:aws:rds:*:*:db:*",)), 1),
        (replace(DAILY, resources=(Ref("Database"),)), 0),  # narrowed, which BK025 does not judge
        (replace(DAILY, any_tag=(TagMatch(tag="Backup", value=Param("Value")),)), 0),
        (replace(DAILY, any_tag=(TagMatch(tag=Param("Tag"), value="daily"),)), 0),
        (selection(resources=(), any_tag=(Unknown("a list", is_list=True),)), 0),
        (replace(DAILY, extras={"BackupSelection.Conditions": 1}), 0),
    ],
)
def test_selections(chosen: BackupSelection, count: int, say: Say) -> None:
    assert len(say(faults, plan_with({"backup": "daily"}, chosen))) == count


@pytest.mark.parametrize(
    ("other", "count"),
    [
        (Topic(key="Other", tags={"Backup": "daily"}), 0),
        (Topic(key="Other", tags={"Backup": "weekly"}), 1),
        (Topic(key="Other", extras={"Tags.0": 1}), 0),
        (Opaque(key="Other", type="AWS::EFS::FileSystem", properties={"FileSystemTags": [{"Key": "Backup"}]}), 0),
        (Opaque(key="Other", type="AWS::EFS::FileSystem", properties={"FileSystemTags": [{"Key": "x"}]}), 1),
        (Opaque(key="Other", type="AWS::EFS::FileSystem"), 1),
        (Opaque(key="Other", type="aws_efs_file_system", properties={"tags_all": {"Backup": "daily"}}), 0),
    ],
)
def test_others_of_the_stack(other: Resource, count: int, say: Say) -> None:
    assert len(say(faults, plan_with({"backup": "daily"}, Other=other))) == count


def test_no_database_here(say: Say) -> None:
    assert say(faults, backed_up(Selection=DAILY, Database=None)) == []
    assert say(faults, backed_up(Selection=DAILY, Database=replica(key="Database"))) == []
