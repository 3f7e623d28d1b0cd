"""BK039: missing data of metrics that are only reported when they are not zero."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.missing_data_misread import faults
from mainstay.checks.examples import alarm, plan_of
from mainstay.core.findings import Finding
from mainstay.plan.resources import (
    Alarm,
)
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]


def watching(metric: object, comparison: str, missing: object, namespace: str = "AWS/Backup") -> Alarm:
    return alarm(
        namespace=namespace, metric=metric, comparison=comparison, missing_data=missing, threshold=1.0, dimensions={}
    )


@pytest.mark.parametrize(
    ("metric", "comparison", "missing", "said"),
    [
        ("NumberOfBackupJobsCompleted", "LessThanThreshold", "breaching", None),
        ("NumberOfBackupJobsCompleted", "LessThanThreshold", "notBreaching", "never rings"),
        ("NumberOfBackupJobsCompleted", "LessThanOrEqualToThreshold", "ignore", "never rings"),
        ("NumberOfBackupJobsCompleted", "LessThanThreshold", None, "takes missing data as missing"),
        ("NumberOfBackupJobsCompleted", "GreaterThanThreshold", None, None),
        ("NumberOfCopyJobsCompleted", "LessThanThreshold", "missing", "never rings"),
        ("NumberOfBackupJobsFailed", "GreaterThanThreshold", "notBreaching", None),
        ("NumberOfBackupJobsFailed", "GreaterThanThreshold", None, None),
        ("NumberOfBackupJobsFailed", "GreaterThanOrEqualToThreshold", "breaching", "whenever all is well"),
        ("NumberOfRestoreJobsFailed", "GreaterThanThreshold", "ignore", "never ends"),
        ("NumberOfBackupJobsExpired", "GreaterThanThreshold", "ignore", "never ends"),
        ("NumberOfBackupJobsAborted", "LessThanThreshold", "breaching", None),
        ("NumberOfBackupJobsCompleted", "LessThanThreshold", Param("Missing"), None),
        (Param("Metric"), "LessThanThreshold", None, None),
    ],
)
def test_alarms(metric: object, comparison: str, missing: object, said: str | None, say: Say) -> None:
    details = [each.detail for each in say(faults, plan_of(watching(metric, comparison, missing)))]
    assert len(details) == (said is not None)
    assert said is None or said in details[0]


def test_metrics_of_others(say: Say) -> None:
    other = watching("NumberOfBackupJobsCompleted", "LessThanThreshold", None, namespace="Custom")
    assert say(faults, plan_of(other)) == []
    assert say(faults, plan_of(watching("JobsCompleted", "LessThanThreshold", None))) == []
