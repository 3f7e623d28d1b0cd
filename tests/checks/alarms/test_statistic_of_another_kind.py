"""AL003: which statistics make another number, and from which period on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.alarms.statistic_of_another_kind import faults
from mainstay.checks.examples import alarm, plan_of
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.resources import Resource
from mainstay.plan.values import Param, Unknown

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]


@pytest.mark.parametrize(
    ("metric", "statistic", "period", "severity"),
    [
        ("CPUUtilization", "Sum", 300, "error"),
        ("CPUUtilization", "Sum", 120, "error"),
        ("CPUUtilization", "Sum", 60, None),  # one report, whose sum is itself
        ("CPUUtilization", "Average", 300, None),
        ("CPUUtilization", "Maximum", 300, None),
        ("CPUUtilization", "Minimum", 300, "info"),
        ("CPUUtilization", "SampleCount", 60, "error"),
        ("FreeStorageSpace", "Average", 300, "info"),
        ("FreeStorageSpace", "Average", 60, None),
        ("FreeStorageSpace", "Maximum", 300, "info"),
        ("FreeStorageSpace", "Minimum", 300, None),
        ("ReadLatency", "Sum", 300, "error"),
        ("MyOwnMetric", "Sum", 300, None),
        ("ClientConnections", "Sum", 300, None),
    ],
)
def test_statistics(metric: str, statistic: str, period: int, severity: str | None, say: Say) -> None:
    findings = say(faults, plan_of(alarm(metric=metric, statistic=statistic, period=Duration(period))))
    assert [each.severity for each in findings] == ([] if severity is None else [severity])


def test_the_numbers_and_the_recommendation(say: Say) -> None:
    (cpu,) = say(faults, plan_of(alarm(metric="CPUUtilization", statistic="Sum", period=Duration(900))))
    assert "over 15m that adds up 15 reports" in cpu.detail
    assert cpu.hint == "set Statistic to Average"
    (slow,) = say(faults, plan_of(alarm(metric="ReadLatency", statistic="SampleCount")))
    assert slow.hint == "set ExtendedStatistic to p90"


@pytest.mark.parametrize(
    "changes",
    [
        {"namespace": "Shop"},
        {"dimensions": {}},  # summed over instances, which means something
        {"period": Param("Period")},
        {"period": None},
        {"statistic": Unknown("late")},
        {"statistic": None},
    ],
)
def test_what_cannot_be_seen_or_is_meant(changes: dict[str, object], say: Say) -> None:
    assert say(faults, plan_of(alarm(**{"statistic": "Sum", "period": Duration(300), **changes}))) == []


@pytest.mark.parametrize(
    ("metric", "statistic", "extended"), [("ReadLatency", None, "p90"), ("CPUUtilization", "Average", None)]
)
def test_a_percentile_takes_the_statistic_s_place(
    metric: str, statistic: str | None, extended: str | None, mends: Mends
) -> None:
    counting = alarm(metric=metric, statistic="SampleCount")
    right = replace(counting, statistic=statistic, extended_statistic=extended)
    assert mends(faults, plan_of(counting)) == [(right,)]
