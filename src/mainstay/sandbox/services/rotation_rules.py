"""When a secret rotates: the rules of a schedule, checked, and the window that follows from them.

Secrets Manager user guide, "Schedule expressions" and RotateSecret, RotationRulesType (facts F.6): days count from the
last rotation to midnight UTC; a window closes after its duration, else with the UTC day, or after an hour (hours).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from mainstay.core.schedules import Cron, Rate, Schedule, parse_schedule
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import refuse_if

INVALID: Final = "InvalidParameterException"
MOST_DAYS: Final = 1000
SHORTEST_S: Final = 4 * 3600
DAY: Final = timedelta(days=1)

Rules = Mapping[str, Any]  # Any: RotationRules of Secrets Manager


@dataclass(frozen=True, slots=True)
class Window:
    """When a rotation may begin."""

    opens: datetime
    closes: datetime


def check_rules(rules: Rules) -> None:
    """Refuse rules that Secrets Manager does not take."""
    days, text = rules.get("AutomaticallyAfterDays"), rules.get("ScheduleExpression")
    refuse_if(
        (days is None) == (text is None),
        INVALID,
        "You must specify exactly one of AutomaticallyAfterDays and ScheduleExpression in RotationRules.",
    )
    refuse_if(
        days is not None and not 1 <= days <= MOST_DAYS,
        INVALID,
        f"AutomaticallyAfterDays must be from 1 to {MOST_DAYS}, not {days}.",
    )
    hours = _hours(rules)
    refuse_if(
        hours is not None and not 1 <= hours <= 24,
        INVALID,
        f"Duration must be from 1h to 24h, not {rules.get('Duration')}.",
    )
    if text is not None:
        _check_expression(text)


def _check_expression(text: str) -> None:
    try:
        schedule = parse_schedule(text)
    except ValueError as error:
        raise ServiceError(INVALID, f"Invalid ScheduleExpression: {error}.") from None
    if isinstance(schedule, Rate):
        told = f"Invalid ScheduleExpression: {text} is not days, or at least 4 hours."
        refuse_if(schedule.unit == "minute" or schedule.period < SHORTEST_S, INVALID, told)
        return
    minutes, *_, year = text[5:-1].split()
    told = f"Invalid ScheduleExpression: {text} must have 0 as its minutes and * as its year."
    refuse_if(minutes != "0" or year != "*", INVALID, told)


def next_window(rules: Rules, after: datetime) -> Window:
    """The window that comes next."""
    text = rules.get("ScheduleExpression") or f"rate({_days(rules['AutomaticallyAfterDays'])})"
    schedule = parse_schedule(text)
    opens = _opens(schedule, after)
    hours = _hours(rules)
    if hours is not None:
        return Window(opens, opens + timedelta(hours=hours, seconds=-1))
    if isinstance(schedule, Rate) and schedule.unit == "hour":
        return Window(opens, opens + timedelta(hours=1, seconds=-1))
    return Window(opens, _midnight(opens) + DAY - timedelta(seconds=1))


def _opens(schedule: Schedule, after: datetime) -> datetime:
    if isinstance(schedule, Cron):
        found = schedule.next_after(after)
        if found is None:
            raise ServiceError(INVALID, f"Invalid ScheduleExpression: {schedule} never comes again.")
        return found
    at = after + timedelta(seconds=int(schedule.period))
    return _midnight(at) if schedule.unit == "day" else at


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _hours(rules: Rules) -> int | None:
    text = rules.get("Duration")
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]{1,2})h", text)
    refuse_if(found is None, INVALID, f"Duration must be hours such as 3h, not {text}.")
    return int(text[:-1])
