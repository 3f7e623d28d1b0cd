"""What is watched: log groups and what is counted in them, alarms, dashboards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from mainstay.core.records import dataclass
from mainstay.core.units import Duration
from mainstay.plan.resources.resource import Resource, Tags
from mainstay.plan.values import Link, Value

if TYPE_CHECKING:
    from mainstay.plan.resources.keys import Key
    from mainstay.plan.resources.messaging import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroup(Resource):
    """A log group; without `retention` it keeps everything for ever."""

    name: Value[str] | None = None
    retention: Value[Duration] | None = None
    key_id: Link[Key] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm(Resource):
    """A metric alarm. `threshold` is in the metric's own unit (bytes, seconds, percent, count).

    A dimension names what it watches: an instance, a proxy, a vault, a function, or a literal.
    """

    metric: Value[str] | None = None
    namespace: Value[str] | None = None
    dimensions: Mapping[str, Link[Resource]] = field(default_factory=dict)
    statistic: Value[str] | None = None
    extended_statistic: Value[str] | None = None
    comparison: Value[str]
    threshold: Value[float] | None = None
    period: Value[Duration] | None = None
    evaluation_periods: Value[int] | None = None
    datapoints: Value[int] | None = None
    missing_data: Value[str] | None = None
    unit: Value[str] | None = None
    description: Value[str] | None = None
    name: Value[str] | None = None
    is_enabled: Value[bool] | None = None
    alarm_actions: tuple[Link[Topic], ...] = ()
    ok_actions: tuple[Link[Topic], ...] = ()
    insufficient_data_actions: tuple[Link[Topic], ...] = ()
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeAlarm(Resource):
    """An alarm over alarms: `rule` such as `ALARM("a") OR ALARM("b")`, joined from the names of alarms.

    While `suppressor` is in alarm, nobody is told (periods in seconds).
    """

    rule: Value[str]
    name: Value[str] | None = None
    description: Value[str] | None = None
    is_enabled: Value[bool] | None = None
    alarm_actions: tuple[Link[Topic], ...] = ()
    ok_actions: tuple[Link[Topic], ...] = ()
    insufficient_data_actions: tuple[Link[Topic], ...] = ()
    suppressor: Link[Alarm] | None = None
    suppressor_wait: Value[Duration] | None = None
    suppressor_extension: Value[Duration] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard(Resource):
    """A page of graphs; `body` is its JSON as text, joined where it names what the plan makes."""

    body: Value[str]
    name: Value[str] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedMetric:
    """A metric that a filter feeds: `value` is `1` or a field of the log line, `default` what no match gives."""

    name: Value[str]
    namespace: Value[str]
    value: Value[str]
    default: Value[float] | None = None
    unit: Value[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFilter(Resource):
    """A pattern looked for in a log group, and the metrics that a match feeds."""

    log_group: Link[LogGroup]
    pattern: Value[str]
    metrics: tuple[CountedMetric, ...]
    name: Value[str] | None = None
