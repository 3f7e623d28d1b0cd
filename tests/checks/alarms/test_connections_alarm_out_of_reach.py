"""AL008: thresholds against the maximum that class and settings give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.alarms.connections_alarm_out_of_reach import faults
from mainstay.checks.examples import alarm, database, plan_of, settings
from mainstay.core.findings import Finding
from mainstay.plan.resources import Resource
from mainstay.plan.values import Attr, Param, Ref

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]
MICRO = database(instance_class="db.t4g.micro", identifier="shop")  # 112 connections
ABOVE = {"metric": "DatabaseConnections", "comparison": "GreaterThanThreshold"}


@pytest.mark.parametrize(
    ("comparison", "threshold", "count"),
    [
        ("GreaterThanThreshold", 111.0, 0),
        ("GreaterThanThreshold", 112.0, 1),
        ("GreaterThanThreshold", 500, 1),
        ("GreaterThanOrEqualToThreshold", 112.0, 0),
        ("GreaterThanOrEqualToThreshold", 112.5, 1),
        ("LessThanThreshold", 500.0, 0),
        (Param("Comparison"), 500.0, 0),
        ("GreaterThanThreshold", Param("Threshold"), 0),
        ("GreaterThanThreshold", None, 0),
    ],
)
def test_thresholds(comparison: object, threshold: object, count: int, say: Say) -> None:
    watching = alarm(metric="DatabaseConnections", comparison=comparison, threshold=threshold)
    assert len(say(faults, plan_of(MICRO, watching))) == count


@pytest.mark.parametrize(
    ("link", "count"),
    [(Ref("Database"), 1), (Attr("Database", "id"), 1), ("shop", 1), ("other", 0), (Attr("Database", "arn"), 0)],
)
def test_dimensions(link: object, count: int, say: Say) -> None:
    watching = alarm(**ABOVE, threshold=500.0, dimensions={"DBInstanceIdentifier": link})
    assert len(say(faults, plan_of(MICRO, watching))) == count


def test_a_written_maximum_counts(say: Say) -> None:
    db = database(parameter_group=Ref("Settings"))
    watching = alarm(**ABOVE, threshold=200.0)
    (finding,) = say(faults, plan_of(db, settings(max_connections="200"), watching))
    assert "admits 200 at most" in finding.detail
    assert "180, 90 % of the maximum" in finding.hint
    assert say(faults, plan_of(db, settings(max_connections="201"), watching)) == []


def test_not_seen(say: Say) -> None:
    watching = alarm(**ABOVE, threshold=9999.0)
    assert say(faults, plan_of(database(instance_class=None), watching)) == []
    assert say(faults, plan_of(MICRO, alarm(**ABOVE, threshold=9999.0, dimensions={}))) == []
    assert say(faults, plan_of(MICRO, alarm(metric="CPUUtilization", threshold=9999.0))) == []


def test_nine_tenths_of_the_maximum_are_right(mends: Mends) -> None:
    out_of_reach = alarm(**ABOVE, threshold=500.0)
    assert mends(faults, plan_of(database(instance_class="db.t4g.micro"), out_of_reach)) == [
        (replace(out_of_reach, threshold=100.0),)
    ]
