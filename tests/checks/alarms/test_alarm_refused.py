"""AL006: the bounds of an alarm, from both sides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.alarms.alarm_refused import faults
from mainstay.checks.examples import alarm, plan_of
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.resources import Resource
from mainstay.plan.values import If, Param, Ref, Unknown

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]
QUERY = {"Metrics": [{"Id": "m1", "Expression": "a/b"}]}
BLOCKS = {"aws_cloudwatch_metric_alarm.metric_query": [{"id": "m1"}]}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"period": Duration(60)}, None),
        ({"period": Duration(90)}, "a period of 90 s"),
        ({"period": Duration(0)}, "a period of 0 s"),
        ({"period": Duration(1)}, "a period of 1 s"),
        ({"period": Duration(59)}, "a period of 59 s"),
        *(({"period": Duration(short), "namespace": "Shop"}, None) for short in (10, 20, 30)),
        *(({"period": Duration(odd), "namespace": "Shop"}, f"a period of {odd} s") for odd in (9, 11, 19, 21, 29, 31)),
        ({"period": Duration(30)}, "RDS reports every 60 s"),
        ({"period": Duration(30), "namespace": "Shop"}, None),
        ({"period": Duration(15), "namespace": "Shop"}, "a period of 15 s"),
        ({"period": Param("Period"), "evaluation_periods": 9999}, None),
        ({"period": Duration(60), "evaluation_periods": 1440}, None),
        ({"period": Duration(60), "evaluation_periods": 1441}, "86460 s in all"),
        ({"period": Duration(3600), "evaluation_periods": 168}, None),
        ({"period": Duration(3600), "evaluation_periods": 169}, "there can be 604800"),
        ({"period": Duration(86400), "evaluation_periods": Param("Periods")}, None),
        ({"extended_statistic": "p90"}, "both a statistic and a percentile"),
        ({"statistic": None, "extended_statistic": "p90"}, None),
        ({"statistic": None}, "neither a statistic nor a percentile"),
        ({"extended_statistic": Unknown("late")}, None),
        ({"statistic": If("c", "Sum", "Average")}, None),
        ({"statistic": None, "extras": {"Statistic": "odd"}}, None),
        ({"metric": None, "statistic": None, "extras": QUERY}, None),
        ({"metric": None, "statistic": None}, None),
        ({"extras": QUERY}, "both a metric and a query"),
        ({"extras": BLOCKS}, "both a metric and a query"),
        ({"alarm_actions": (Ref("Topic"),) * 5}, None),
        ({"alarm_actions": (Ref("Topic"),) * 6}, "has 6 actions"),
        ({"ok_actions": (Ref("Topic"),) * 6}, "has 6 actions"),
        ({"insufficient_data_actions": (Ref("Topic"),) * 6}, "has 6 actions"),
        ({"missing_data": "notbreaching"}, "'notbreaching'"),
        ({"missing_data": "ignore"}, None),
        ({"missing_data": Param("Missing")}, None),
        ({"name": "a" * 255}, None),
        ({"name": "a" * 256}, "has 256 characters"),
    ],
)
def test_bounds(changes: dict[str, object], said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(alarm(**changes)))
    assert [(said or "-") in each.detail for each in findings] == ([] if said is None else [True])


def test_hints_name_what_fits(say: Say) -> None:
    (finding,) = say(faults, plan_of(alarm(period=Duration(300), evaluation_periods=289)))
    assert finding.hint == "look at 288 periods, or take longer ones"
    (short,) = say(faults, plan_of(alarm(period=Duration(10))))
    assert short.severity == "warning"


def test_a_week_is_looked_back_on_from_an_hour_on(say: Say) -> None:
    of, below = (say(faults, plan_of(alarm(period=Duration(s), evaluation_periods=25))) for s in (3_600, 3_599))
    assert [each.detail.partition(" periods")[0] for each in of] == []
    assert ["a period of 3599 s" in each.detail for each in below] == [True, False]


@pytest.mark.parametrize(
    ("changes", "field", "right"),
    [
        ({"period": Duration(0)}, "period", 60),
        ({"period": Duration(59)}, "period", 60),
        ({"period": Duration(61)}, "period", 120),
        ({"period": Duration(121)}, "period", 180),
        ({"period": Duration(30)}, "period", 60),
        ({"period": Duration(300), "evaluation_periods": 289}, "evaluation_periods", 288),
        ({"period": Duration(604_800), "evaluation_periods": 2}, "evaluation_periods", 1),
    ],
)
def test_the_nearest_that_is_taken(changes: dict[str, object], field: str, right: int, mends: Mends) -> None:
    (mend,) = mends(faults, plan_of(alarm(**changes)))
    assert [getattr(one, field) for one in mend] == [right]


def test_a_period_beyond_a_week_has_no_number_of_periods(mends: Mends) -> None:
    assert mends(faults, plan_of(alarm(period=Duration(604_860), evaluation_periods=1))) == [()]
