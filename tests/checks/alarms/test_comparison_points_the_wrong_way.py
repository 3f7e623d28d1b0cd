"""AL001: directions, metrics, namespaces."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.alarms.comparison_points_the_wrong_way import faults
from mainstay.checks.examples import alarm, plan_of
from mainstay.core.findings import Finding
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("metric", "comparison", "fix"),
    [
        ("FreeStorageSpace", "GreaterThanThreshold", "LessThanThreshold"),
        ("FreeStorageSpace", "GreaterThanOrEqualToThreshold", "LessThanOrEqualToThreshold"),
        ("FreeableMemory", "GreaterThanThreshold", "LessThanThreshold"),
        ("FreeStorageSpace", "LessThanThreshold", None),
        ("FreeStorageSpace", "GreaterThanUpperThreshold", None),
        ("FreeStorageSpace", "LessThanLowerOrGreaterThanUpperThreshold", None),
        ("DatabaseConnections", "LessThanThreshold", None),  # nobody is connected any more
        ("CPUUtilization", "GreaterThanThreshold", None),
        ("ReplicaLag", "LessThanThreshold", None),  # -1: replication has stopped
        ("MyOwnMetric", "GreaterThanThreshold", None),
        (Param("Metric"), "GreaterThanThreshold", None),
        ("FreeStorageSpace", Param("Comparison"), None),
        (None, "GreaterThanThreshold", None),
    ],
)
def test_directions(metric: object, comparison: object, fix: str | None, say: Say) -> None:
    hints = [finding.hint for finding in say(faults, plan_of(alarm(metric=metric, comparison=comparison)))]
    assert hints == ([] if fix is None else [f"compare with {fix}"])


@pytest.mark.parametrize(("namespace", "count"), [("AWS/RDS", 1), (None, 1), ("Shop", 0), (Param("Namespace"), 0)])
def test_namespaces(namespace: object, count: int, say: Say) -> None:
    assert len(say(faults, plan_of(alarm(namespace=namespace, comparison="GreaterThanThreshold")))) == count
