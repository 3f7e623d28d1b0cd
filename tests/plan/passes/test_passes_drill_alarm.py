"""The dead man's clock: an alarm exactly where a proof is said to last, and no longer than CloudWatch looks back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Alarm
from mainstay.plan.values import Ref

Built = Callable[..., Plan]


def clocks(plan: Plan) -> list[Alarm]:
    return [one for one in plan.primary.of(Alarm) if one.namespace == "Mainstay/Drill"]


@pytest.mark.parametrize(
    ("settings", "longest", "hours"),
    [
        ({}, None, 0),
        ({"drill__every": "1d"}, "2d", 48),
        ({"drill__every": "84h"}, "7d", 168),
        ({"drill__every": "85h"}, "170h", 0),
        ({"drill__every": "7d"}, "14d", 0),
        ({"drill__every": "7d", "drill__proof_lasts": "7d"}, "7d", 168),
        ({"drill__proof_lasts": "90m"}, "90m", 2),
        ({"drill__proof_lasts": "169h"}, "169h", 0),
    ],
)
def test_the_clock_runs_as_long_as_a_proof_lasts(
    built: Built, settings: dict[str, str], longest: str | None, hours: int
) -> None:
    plan = built(**{"drill__every": "null", **settings})
    assert plan.intent.drill.longest == (Duration.parse(longest) if longest else None)
    found = clocks(plan)
    assert [(one.evaluation_periods, one.datapoints, one.period) for one in found] == (
        [(hours, hours, Duration(3600))] if hours else []
    )


def test_silence_is_the_alarm(built: Built) -> None:
    (clock,) = clocks(built(drill__every="1d"))
    assert (clock.missing_data, clock.comparison, clock.threshold, clock.statistic) == (
        "breaching", "LessThanThreshold", 1.0, "Sum",
    )  # fmt: skip
    assert clock.dimensions == {"DBInstanceIdentifier": Ref("Database")}
    assert clock.alarm_actions == (Ref("AlertsTopic"),)
