"""What is recorded: log exports, Enhanced Monitoring, Performance Insights."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field, StrictBool

from mainstay.core.units import Duration
from mainstay.spec.faults import fault
from mainstay.spec.quantities import Days, Period
from mainstay.spec.section import Section, distinct, one_of


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


_AUDIT_EVENTS: Final = ("connect", "query", "query_ddl", "query_dml", "query_dml_no_select", "query_dcl")


def _some_events(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise fault("SP009", "Nothing is recorded.", f"name some of {', '.join(_AUDIT_EVENTS)}, or leave audit out")
    return value


class Audit(Section):
    """The audit log of MySQL and MariaDB, exported as `audit`."""

    events: Annotated[
        tuple[Annotated[str, AfterValidator(one_of(_AUDIT_EVENTS))], ...],
        AfterValidator(distinct),
        AfterValidator(_some_events),
    ] = ("connect", "query_ddl", "query_dcl")
    """What is recorded: connect, query, query_ddl, query_dml, query_dml_no_select, query_dcl."""


class Monitoring(Section):
    """What is recorded about the database."""

    logs: Logs = Logs()
    """Engine logs."""
    enhanced: Period = Field(default=Duration(60), examples=["60s", "0s"])
    """Enhanced Monitoring's interval: 1s, 5s, 10s, 15s, 30s or 60s; 0s turns it off."""
    audit: Audit | None = None
    """The audit log of MySQL and MariaDB; left out, there is none."""
    insights: Insights | None = Insights()
    """Performance Insights; `null` turns it off. Left out, it is on where the class supports it."""
    dashboard: StrictBool = False
    """A page of graphs in CloudWatch, one a metric, with a line for each instance."""
