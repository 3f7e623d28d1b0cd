"""BK015: clusters by engine, and what is promised for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.cluster_without_feature import faults
from mainstay.checks.backup.examples import (
    ELSEWHERE,
    backed_up,
    selection,
    tier,
)
from mainstay.core.findings import Finding
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupRule,
    CopyAction,
    Opaque,
)
from mainstay.plan.values import (
    Param,
    Ref,
)

Say = Callable[..., list[Finding]]


def plan_with(rule: BackupRule, properties: dict[str, str], kind: str = "AWS::RDS::DBCluster") -> Plan:
    cluster = Opaque(key="Cluster", type=kind, properties=dict(properties))
    return backed_up(rule, Cluster=cluster, Selection=selection(resources=(Ref("Cluster"), "arn:x")))


COPIED = tier(copies=(CopyAction(vault=ELSEWHERE),))


@pytest.mark.parametrize(
    ("properties", "kind", "count"),
    [
        ({"Engine": "postgres"}, "AWS::RDS::DBCluster", 1),
        ({"Engine": "mysql"}, "AWS::RDS::DBCluster", 1),
        ({"Engine": "aurora-postgresql"}, "AWS::RDS::DBCluster", 0),
        ({}, "AWS::RDS::DBCluster", 0),
        ({"engine": "mysql"}, "aws_rds_cluster", 1),
        ({"Engine": "postgres"}, "AWS::Neptune::DBCluster", 0),
    ],
)
def test_clusters(properties: dict[str, str], kind: str, count: int, say: Say) -> None:
    assert len(say(faults, plan_with(COPIED, properties, kind))) == count


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"is_continuous": True}, "is continuous, and"),
        ({"is_continuous": Param("C")}, None),
        ({"is_continuous": True, "copies": COPIED.copies}, "is continuous and copied, and"),
    ],
)
def test_promises(changes: dict[str, object], said: str | None, say: Say) -> None:
    details = [finding.detail for finding in say(faults, plan_with(tier(**changes), {"Engine": "mysql"}))]
    assert len(details) == (said is not None)
    assert said is None or said in details[0]
