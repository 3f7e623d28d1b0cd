"""BK008: cold storage where only databases are backed up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.cold_storage_of_database import faults
from mainstay.checks.backup.examples import (
    ELSEWHERE,
    backed_up,
    selection,
    tier,
)
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.resources import (
    BackupSelection,
    CopyAction,
    Opaque,
    TagMatch,
)
from mainstay.plan.values import (
    Param,
    Ref,
)

Say = Callable[..., list[Finding]]

COLD = {"cold_after": Duration.days(30), "delete_after": Duration.days(365)}
COPIED = {"copies": (CopyAction(vault=ELSEWHERE, cold_after=Duration.days(30)),)}


@pytest.mark.parametrize(("changes", "count"), [(COLD, 1), (COPIED, 1), ({}, 0), ({"cold_after": Param("Days")}, 0)])
def test_rules_and_copies(changes: dict[str, object], count: int, say: Say) -> None:
    assert len(say(faults, backed_up(tier(**changes)))) == count


@pytest.mark.parametrize(("kind", "count"), [("AWS::RDS::DBCluster", 1), ("AWS::EFS::FileSystem", 0)])
def test_clusters_have_none_either(kind: str, count: int, say: Say) -> None:
    cluster = Opaque(key="Cluster", type=kind)
    chosen = selection(resources=(Ref("Cluster"),))
    details = [each.detail for each in say(faults, backed_up(tier(**COLD), Cluster=cluster, Selection=chosen))]
    assert ["those of Cluster stay" in detail for detail in details] == [True] * count


@pytest.mark.parametrize(
    "other",
    [
        selection(resources=(Ref("Database"), "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-1")),
        selection(resources=(), any_tag=(TagMatch(tag="Backup", value="daily"),)),
        selection(resources=(Param("Resources"),)),
        None,
    ],
)
def test_what_else_may_be_backed_up_may_go_cold(other: BackupSelection | None, say: Say) -> None:
    assert say(faults, backed_up(tier(**COLD), Selection=other)) == []


def test_the_rule_s_own_days_come_first(say: Say) -> None:
    copied = CopyAction(vault=ELSEWHERE, cold_after=Duration.days(60))
    (finding,) = say(faults, backed_up(tier(**COLD, copies=(copied,))))
    assert "moves recovery points after 30 days" in finding.detail
