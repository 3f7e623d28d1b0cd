"""When secrets rotate: rules that are taken or not, and the windows that follow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.rotation_rules import check_rules, next_window

NOON = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({}, "exactly one"),
        ({"AutomaticallyAfterDays": 1, "ScheduleExpression": "rate(1 day)"}, "exactly one"),
        ({"AutomaticallyAfterDays": 1}, ""),
        ({"AutomaticallyAfterDays": 1000}, ""),
        ({"AutomaticallyAfterDays": 1001}, "from 1 to 1000"),
        ({"AutomaticallyAfterDays": 1, "Duration": "24h"}, ""),
        ({"AutomaticallyAfterDays": 1, "Duration": "25h"}, "1h to 24h"),
        ({"AutomaticallyAfterDays": 1, "Duration": "0h"}, "1h to 24h"),
        ({"AutomaticallyAfterDays": 1, "Duration": "3d"}, "hours such as 3h"),
        ({"ScheduleExpression": "rate(4 hours)"}, ""),
        ({"ScheduleExpression": "rate(3 hours)"}, "at least 4 hours"),
        ({"ScheduleExpression": "rate(600 minutes)"}, "at least 4 hours"),
        ({"ScheduleExpression": "cron(0 3 ? * SUN *)"}, ""),
        ({"ScheduleExpression": "cron(5 3 ? * SUN *)"}, "0 as its minutes"),
        ({"ScheduleExpression": "cron(0 3 ? * SUN 2027)"}, "\\* as its year"),
        ({"ScheduleExpression": "daily"}, "Invalid ScheduleExpression"),
    ],
)
def test_rules_are_taken_or_refused(rules: dict[str, Any], told: str) -> None:
    if told:
        with pytest.raises(ServiceError, match=told) as caught:
            check_rules(rules)
        assert caught.value.code == "InvalidParameterException"
    else:
        check_rules(rules)


@pytest.mark.parametrize(
    ("rules", "opens", "closes"),
    [
        ({"AutomaticallyAfterDays": 1}, "2026-11-22T00:00:00", "2026-11-22T23:59:59"),
        ({"AutomaticallyAfterDays": 30, "Duration": "3h"}, "2026-12-21T00:00:00", "2026-12-21T02:59:59"),
        ({"ScheduleExpression": "rate(10 days)"}, "2026-12-01T00:00:00", "2026-12-01T23:59:59"),
        ({"ScheduleExpression": "rate(6 hours)"}, "2026-11-21T18:30:00", "2026-11-21T19:29:59"),
        ({"ScheduleExpression": "cron(0 3 ? * SUN *)"}, "2026-11-22T03:00:00", "2026-11-22T23:59:59"),
    ],
)
def test_the_next_window(rules: dict[str, Any], opens: str, closes: str) -> None:
    found = next_window(rules, NOON)
    assert (found.opens, found.closes) == (
        datetime.fromisoformat(opens + "+00:00"),
        datetime.fromisoformat(closes + "+00:00"),
    )


def test_a_schedule_that_never_comes_has_no_window() -> None:
    with pytest.raises(ServiceError, match="never comes"):
        next_window({"ScheduleExpression": "cron(0 3 31 2 ? *)"}, NOON)
