"""AL006: an alarm that CloudWatch does not make, or that asks more often than there is data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mainstay import facts
from mainstay.checks.examples import alarm, database, plan_of, told
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Alarm
from mainstay.plan.values import Unknown

_MINUTE, _HOUR = 60, 3_600


def _looking_back(periods: int) -> Plan:
    return plan_of(database(), alarm(period=Duration(300), evaluation_periods=periods), *told())


def _bad() -> Plan:
    """289 periods of five minutes, five minutes more than a day"""
    return _looking_back(289)


def _good() -> Plan:
    """288 periods of five minutes, a day"""
    return _looking_back(288)


@rule(
    id="AL006",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="the alarm is refused",
    source="CloudWatch API Reference, PutMetricAlarm; botocore CloudWatch model (2026-11-20)",
    applies_to=(Alarm,),
    field="period",
    bad=_bad,
    good=_good,
)
def faults(alarm: Alarm, scene: Scene) -> Iterator[Fault]:
    """The stack rolls back with a ValidationError, often of an alarm that was an afterthought. A period below a minute
    is taken, but RDS reports once a minute: the alarm has no data most of the time.
    """
    bounds = facts.load("limits").data["alarm"]
    yield from _time(alarm, bounds)
    yield from _statistics(alarm)
    for field, actions in (
        ("alarm_actions", alarm.alarm_actions),
        ("ok_actions", alarm.ok_actions),
        ("insufficient_data_actions", alarm.insufficient_data_actions),
    ):
        if len(actions) > bounds["actions_per_state"]:
            said = f"{alarm.key} has {len(actions)} actions for one state; there can be {bounds['actions_per_state']}."
            yield Fault(alarm, said, "tell one topic, and subscribe the others to it", field=field)
    missing, name = literal(alarm.missing_data, str), literal(alarm.name, str) or ""
    if missing is not None and missing not in bounds["missing_data"]:
        said = f"{alarm.key} takes missing data as {missing!r}."
        yield Fault(alarm, said, f"write one of {', '.join(bounds['missing_data'])}", field="missing_data")
    longest = facts.identifier("alarm").most
    if len(name) > longest:
        said = f"The name of {alarm.key} has {len(name)} characters; there can be {longest}."
        yield Fault(alarm, said, "shorten it", field="name")


def _time(alarm: Alarm, bounds: Mapping[str, Any]) -> Iterator[Fault]:  # Any: JSON
    period, periods = literal(alarm.period, int), literal(alarm.evaluation_periods, int)
    if period is None:
        return
    short = bounds["sub_minute_periods"]
    if period not in short and (period <= 0 or period % _MINUTE):
        said = f"{alarm.key} has a period of {int(period)} s."
        rounded = Duration.minutes(max(1, -(-period // _MINUTE)))
        mend = (replace(alarm, period=rounded),)
        yield Fault(alarm, said, "take 10, 20, 30 or a multiple of 60 seconds", mend=mend)
    elif period in short and alarm.namespace == "AWS/RDS":
        said = f"{alarm.key} has a period of {int(period)} s, and RDS reports every {_MINUTE} s."
        mend = (replace(alarm, period=Duration(_MINUTE)),)
        yield Fault(alarm, said, "take 60 seconds or more", Severity.WARNING, mend=mend)
    most = bounds["most_seconds_hourly" if period >= _HOUR else "most_seconds_below_hourly"]
    if periods is not None and period * periods > most:
        yield Fault(
            alarm,
            f"{alarm.key} looks back over {periods} periods of {int(period)} s, {period * periods} s in all;"
            f" with that period there can be {most}.",
            f"look at {most // period} periods, or take longer ones",
            field="evaluation_periods",
            mend=(replace(alarm, evaluation_periods=most // period),) if period <= most else (),
        )


def _statistics(alarm: Alarm) -> Iterator[Fault]:
    by_query = hides(alarm, "metrics") or hides(alarm, "metric_query")
    if alarm.metric is not None and by_query:
        yield Fault(alarm, f"{alarm.key} has both a metric and a query of metrics.", "keep one of them", field="metric")
    # What is unknown may be nothing at all: a choice of a module between the two.
    written = [one for one in (alarm.statistic, alarm.extended_statistic) if one is not None]
    if (
        alarm.metric is None
        or by_query
        or hides(alarm, "statistic")
        or any(isinstance(one, Unknown) for one in written)
    ):
        return
    if len(written) != 1:
        said = "both a statistic and a percentile" if written else "neither a statistic nor a percentile"
        yield Fault(alarm, f"{alarm.key} has {said}.", "write either Statistic or ExtendedStatistic", field="statistic")
