"""AL009: whose silence is trouble, and how it may be taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.alarms.silence_taken_for_health import faults
from mainstay.checks.examples import alarm, plan_of
from mainstay.core.findings import Finding
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]
LESS = "LessThanThreshold"


@pytest.mark.parametrize(
    ("namespace", "metric", "comparison", "missing", "severity"),
    [
        ("AWS/Lambda", "Invocations", LESS, "notBreaching", "error"),
        ("AWS/Lambda", "Invocations", LESS, "ignore", "error"),
        ("AWS/Lambda", "Invocations", LESS, None, "error"),
        ("AWS/Lambda", "Invocations", LESS, "breaching", None),
        ("AWS/Lambda", "Invocations", LESS, Param("Missing"), None),
        ("AWS/Lambda", "Invocations", "GreaterThanThreshold", "notBreaching", None),
        ("AWS/Lambda", "Errors", LESS, "notBreaching", None),
        ("AWS/SNS", "NumberOfMessagesPublished", "LessThanOrEqualToThreshold", "missing", "error"),
        ("AWS/RDS", "FreeStorageSpace", LESS, "notBreaching", "info"),
        ("AWS/RDS", "FreeStorageSpace", LESS, None, "info"),
        ("AWS/RDS", "FreeStorageSpace", LESS, "breaching", None),
        ("AWS/ES", "FreeStorageSpace", LESS, None, None),
        ("AWS/RDS", "FreeableMemory", LESS, None, None),
    ],
)
def test_silence(namespace: str, metric: str, comparison: str, missing: object, severity: str | None, say: Say) -> None:
    watch = alarm(namespace=namespace, metric=metric, comparison=comparison, missing_data=missing)
    assert [each.severity for each in say(faults, plan_of(watch))] == ([] if severity is None else [severity])


def test_what_to_write(say: Say) -> None:
    (finding,) = say(faults, plan_of(alarm(namespace="AWS/Lambda", metric="Invocations", missing_data="missing")))
    assert "takes missing data as missing" in finding.detail
    assert finding.hint == "set TreatMissingData to breaching"
