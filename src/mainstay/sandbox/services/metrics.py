"""CloudWatch's metrics as far as the sandbox has any: what functions, rotations and rules tell, and PutMetricData.

A metric keeps count, sum, least and greatest value a minute, for a week.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from mainstay.core.clock import parse_time
from mainstay.sandbox.errors import not_implemented
from mainstay.sandbox.services.handler import Answer, Params, Table, page, refuse_if, with_token
from mainstay.sandbox.state import Record, Transaction

METRIC: Final = "cloudwatch:metric"
INVALID: Final = "InvalidParameterValue"
KEPT: Final = timedelta(days=7)
MINUTE_S: Final = 60
PAGE: Final = 500
STATISTICS: Final = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")

Dimensions = Iterable[Mapping[str, str]]
Points = dict[int, list[float]]
"""By the second at which a period begins: count, sum, least, greatest."""


def record(
    tx: Transaction, namespace: str, name: str, dimensions: Mapping[str, str], value: float, *, unit: str = "Count"
) -> None:
    """Write down one value of a metric at this moment."""
    listed = [{"Name": key, "Value": text} for key, text in dimensions.items()]
    _add(tx, namespace, {"MetricName": name, "Dimensions": listed, "Unit": unit}, [(value, 1.0)], tx.now)


def find(tx: Transaction, namespace: str, name: str, dimensions: Dimensions) -> Record | None:
    """A metric that has a value, or None."""
    return tx.get(METRIC, _key(namespace, name, dimensions))


def points(metric: Record, start: datetime, end: datetime, period_s: int) -> Points:
    """The values from `start` on and before `end`, merged into periods from multiples of their length on."""
    merged: Points = {}
    for minute, held in metric["points"].items():
        at = int(minute)
        if start.timestamp() <= at < end.timestamp():
            begun = at - at % period_s
            merged[begun] = _merged(merged.get(begun), held)
    return merged


def statistic(point: list[float], name: str) -> float:
    """One statistic of a period."""
    count, total, least, most = point
    return {"SampleCount": count, "Sum": total, "Minimum": least, "Maximum": most}.get(name, total / count)


def put_metric_data(tx: Transaction, params: Params) -> Answer:
    """Values of somebody's own metrics."""
    namespace = params["Namespace"]
    refuse_if(namespace.startswith("AWS/"), INVALID, "The value AWS/ for parameter Namespace is invalid.")
    for datum in params.get("MetricData", []):
        _add(tx, namespace, datum, list(_values(datum)), _moment(datum.get("Timestamp"), tx.now))
    return {}


def _values(datum: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    """Each value of a datum with how often it came."""
    if "StatisticValues" in datum:
        raise not_implemented("cloudwatch", "PutMetricData", "StatisticValues: give Value or Values")
    given = datum.get("Values", [datum["Value"]] if "Value" in datum else [])
    counts = datum.get("Counts", [1.0] * len(given))
    is_whole = given and len(counts) == len(given)
    refuse_if(not is_whole, INVALID, "A datum needs Value, or Values with as many Counts.")
    yield from zip(map(float, given), map(float, counts), strict=True)


def get_metric_statistics(tx: Transaction, params: Params) -> Answer:
    """Statistics of one metric by periods; a metric without values has no datapoints."""
    wanted = params.get("Statistics", [])
    if params.get("ExtendedStatistics"):
        raise not_implemented("cloudwatch", "GetMetricStatistics", "ExtendedStatistics: percentiles are not kept")
    refuse_if(not wanted, "InvalidParameterCombination", "At least one of Statistics and ExtendedStatistics is needed.")
    _check_period(params["Period"])
    found = find(tx, params["Namespace"], params["MetricName"], params.get("Dimensions", []))
    start, end = _moment(params["StartTime"], tx.now), _moment(params["EndTime"], tx.now)
    refuse_if(start >= end, INVALID, "The parameter StartTime must be less than the parameter EndTime.")
    shown = [
        {
            "Timestamp": datetime.fromtimestamp(at, UTC),
            "Unit": (found or {})["Unit"],
            **{name: statistic(point, name) for name in wanted},
        }
        for at, point in (points(found, start, end, params["Period"]).items() if found else ())
    ]
    return {"Label": params["MetricName"], "Datapoints": shown}


def get_metric_data(tx: Transaction, params: Params) -> Answer:
    """Statistics of several metrics, each by its own period; no expressions."""
    start, end = _moment(params["StartTime"], tx.now), _moment(params["EndTime"], tx.now)
    is_rising = params.get("ScanBy") == "TimestampAscending"
    results = []
    for query in params["MetricDataQueries"]:
        if "MetricStat" not in query:
            raise not_implemented("cloudwatch", "GetMetricData", "expressions")
        asked = query["MetricStat"]
        _check_period(asked["Period"])
        refuse_if(asked["Stat"] not in STATISTICS, INVALID, f"The statistic {asked['Stat']} is not kept.")
        metric = asked["Metric"]
        found = find(tx, metric["Namespace"], metric["MetricName"], metric.get("Dimensions", []))
        held = points(found, start, end, asked["Period"]) if found else {}
        times = sorted(held, reverse=not is_rising)
        results.append(
            {
                "Id": query["Id"],
                "Label": query.get("Label", metric["MetricName"]),
                "Timestamps": [datetime.fromtimestamp(at, UTC) for at in times],
                "Values": [statistic(held[at], asked["Stat"]) for at in times],
                "StatusCode": "Complete",
            }
        )
    return {"MetricDataResults": results, "Messages": []}


def list_metrics(tx: Transaction, params: Params) -> Answer:
    """The metrics that have a value."""
    wanted = params.get("Dimensions", [])
    found = [
        {name: metric[name] for name in ("Namespace", "MetricName", "Dimensions")}
        for metric in tx.all(METRIC)
        if params.get("Namespace") in (None, metric["Namespace"])
        and params.get("MetricName") in (None, metric["MetricName"])
        and all(_has(metric, rule) for rule in wanted)
    ]
    shown, token = page(found, params.get("NextToken"), PAGE, code="InvalidParameterValue")
    return with_token({"Metrics": shown}, token)


def _has(metric: Record, rule: Mapping[str, str]) -> bool:
    return any(
        each["Name"] == rule["Name"] and rule.get("Value") in (None, each["Value"]) for each in metric["Dimensions"]
    )


def _add(
    tx: Transaction, namespace: str, about: Mapping[str, Any], values: list[tuple[float, float]], at: datetime
) -> None:
    dimensions = list(about.get("Dimensions", []))
    key = _key(namespace, about["MetricName"], dimensions)
    fresh: Record = {"Namespace": namespace, "MetricName": about["MetricName"], "Dimensions": dimensions, "points": {}}
    metric = tx.get(METRIC, key) or fresh
    metric["Unit"] = about.get("Unit", "None")
    oldest = (tx.now - KEPT).timestamp()
    kept = {minute: held for minute, held in metric["points"].items() if int(minute) >= oldest}
    minute = str(int(at.timestamp()) // MINUTE_S * MINUTE_S)
    for value, count in values:
        kept[minute] = _merged(kept.get(minute), [count, value * count, value, value])
    tx.put(METRIC, key, {**metric, "points": kept})


def _merged(held: list[float] | None, more: list[float]) -> list[float]:
    if held is None:
        return list(more)
    return [held[0] + more[0], held[1] + more[1], min(held[2], more[2]), max(held[3], more[3])]


def _key(namespace: str, name: str, dimensions: Dimensions) -> str:
    return json.dumps([namespace, name, sorted([each["Name"], each["Value"]] for each in dimensions)])


def _moment(given: Any, now: datetime) -> datetime:  # Any: a datetime, RFC 3339 text, or nothing, as boto3 takes it
    found = now if given is None else parse_time(given) if isinstance(given, str) else given
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _check_period(period_s: int) -> None:
    refuse_if(period_s % MINUTE_S, INVALID, f"Period must be a multiple of 60 here, not {period_s}.")


HANDLERS: Final[Table] = {
    "PutMetricData": put_metric_data,
    "GetMetricStatistics": get_metric_statistics,
    "GetMetricData": get_metric_data,
    "ListMetrics": list_metrics,
}
