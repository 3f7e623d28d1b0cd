"""What is recorded: log exports, Enhanced Monitoring, Performance Insights."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from mainstay.core.units import Duration
from mainstay.spec.quantities import Days, Period
from mainstay.spec.section import Section, distinct


class Logs(Section):
    """Engine logs in CloudWatch."""

    export: Annotated[tuple[str, ...], AfterValidator(distinct)] | None = Field(
        default=None, examples=[["postgresql", "upgrade"], ["error", "slowquery"]]
    )
    """Which logs; left out, postgresql for PostgreSQL, and error and slowquery for MySQL and MariaDB."""
    keep: Days = Duration.days(7)
    """How long; CloudWatch knows 1, 3, 5, 7, 14, 30, 60, 90 days and some more."""


class Insights(Section):
    """Performance Insights, encrypted with the database's key."""

    keep: Days = Duration.days(7)
    """How long; 7 days are free, then whole months of 31 days up to 731."""


class Monitoring(Section):
    """What is recorded about the database."""

    logs: Logs = Logs()
    """Engine logs."""
    enhanced: Period = Field(default=Duration(60), examples=["60s", "0s"])
    """Enhanced Monitoring's interval: 1s, 5s, 10s, 15s, 30s or 60s; 0s turns it off."""
    insights: Insights | None = Insights()
    """Performance Insights; `null` turns it off. Left out, it is on where the class supports it."""
