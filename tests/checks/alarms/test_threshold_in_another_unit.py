"""AL002: bytes and seconds, on their boundaries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.alarms.threshold_in_another_unit import faults
from mainstay.checks.examples import alarm, plan_of
from mainstay.core.findings import Finding
from mainstay.plan.resources import Resource
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]


@pytest.mark.parametrize(
    ("metric", "threshold", "hint"),
    [
        ("FreeStorageSpace", 1048575.0, "write it in bytes"),
        ("FreeStorageSpace", 1048576.0, None),
        ("FreeStorageSpace", 10, "10 GiB is 10737418240"),
        ("FreeStorageSpace", 0.0, None),
        ("FreeStorageSpace", 1, "1 GiB is 1073741824"),
        ("SwapUsage", 256.0, "write it in bytes"),
        ("ReadLatency", 0.999, None),
        ("ReadLatency", 1.0, "1 ms is 0.001; AWS recommends 0.02"),
        ("WriteLatency", 20, "20 ms is 0.02"),
        ("CPUUtilization", 90.0, None),
        ("DiskQueueDepth", 64.0, None),
        ("FreeStorageSpace", Param("Threshold"), None),
        ("FreeStorageSpace", None, None),
        ("MyOwnMetric", 10.0, None),
    ],
)
def test_units(metric: str, threshold: object, hint: str | None, say: Say) -> None:
    hints = [finding.hint for finding in say(faults, plan_of(alarm(metric=metric, threshold=threshold)))]
    assert len(hints) == (hint is not None)
    assert all(hint in each for each in hints if hint)


def test_another_namespace(say: Say) -> None:
    assert say(faults, plan_of(alarm(namespace="Shop", threshold=10.0))) == []


@pytest.mark.parametrize(
    ("metric", "threshold", "right"), [("FreeStorageSpace", 10, 10 * 2.0**30), ("ReadLatency", 20.0, 0.02)]
)
def test_the_same_in_the_unit_of_the_metric(metric: str, threshold: float, right: float, mends: Mends) -> None:
    wrong = alarm(metric=metric, threshold=threshold)
    assert mends(faults, plan_of(wrong)) == [(replace(wrong, threshold=right),)]
