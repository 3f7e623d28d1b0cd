"""What alarms say about the metrics that the sandbox collects, and whom they tell.

An alarm is judged when its metric has a value, or belongs to functions or drills. The present period counts as soon as
it has a value, else the periods before it are looked at (CloudWatch user guide, "Configuring how alarms treat missing
data", not re-read; the service looks a little further back). Alarms on anything else stay in INSUFFICIENT_DATA.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from mainstay.core.clock import render_time
from mainstay.plan.intent import PROOF_METRIC
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services import metrics, sns
from mainstay.sandbox.services.composite_alarms import ALARM, RULE
from mainstay.sandbox.state import Record, Transaction

COLLECTED: Final = frozenset({"AWS/Lambda", "AWS/Events", PROOF_METRIC.namespace})
_ACTIONS: Final = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def judge_all(tx: Transaction) -> None:
    """Bring every alarm of the region up to date; one that changes tells its topics."""
    for alarm in tx.all(ALARM):
        if RULE in alarm or "Statistic" not in alarm:
            continue
        metric = metrics.find(tx, alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"])
        if metric is None and alarm["Namespace"] not in COLLECTED:
            continue
        state, reason = _judged(tx, alarm, metric)
        if state != alarm["StateValue"]:
            _move(tx, alarm, state, reason)


def _judged(tx: Transaction, alarm: Record, metric: Record | None) -> tuple[str, str]:
    """The state that the last periods give, and why."""
    values = _last_values(tx, alarm, metric)
    treated, threshold = alarm.get("TreatMissingData", "missing"), float(alarm["Threshold"])
    is_over = _COMPARISONS[alarm["ComparisonOperator"]]
    breaching = sum(is_over(value, threshold) for value in values if value is not None)
    missing = values.count(None)
    if missing == len(values) and treated in ("missing", "ignore"):
        kept = alarm["StateValue"] if treated == "ignore" else "INSUFFICIENT_DATA"
        return kept, f"Insufficient Data: {missing} datapoints were unknown."
    breaching += missing if treated == "breaching" else 0
    needed: int = alarm["EvaluationPeriods"] if "DatapointsToAlarm" not in alarm else alarm["DatapointsToAlarm"]
    told = f"{breaching} of {len(values)} datapoints were breaching the threshold ({threshold}); {needed} are needed."
    return "ALARM" if breaching >= needed else "OK", f"Threshold Crossed: {told}"


def _last_values(tx: Transaction, alarm: Record, metric: Record | None) -> list[float | None]:
    """The statistic of each of the last periods, newest first; None where there is no value."""
    # Values are kept by the minute: a shorter period is looked at as its minute.
    period, count = max(alarm["Period"], metrics.MINUTE_S), alarm["EvaluationPeriods"]
    now = int(tx.now.timestamp())
    present = now - now % period
    since = tx.now - timedelta(seconds=period * (count + 2))
    held = metrics.points(metric, since, tx.now + timedelta(seconds=1), period) if metric else {}
    first = present if present in held else present - period
    begins = [first - number * period for number in range(count)]
    return [metrics.statistic(held[at], alarm["Statistic"]) if at in held else None for at in begins]


def _move(tx: Transaction, alarm: Record, state: str, reason: str) -> None:
    now = render_time(tx.now)
    moved = {
        "StateValue": state,
        "StateReason": reason,
        "StateUpdatedTimestamp": now,
        "StateTransitionedTimestamp": now,
    }
    tx.put(ALARM, alarm["AlarmName"], {**alarm, **moved})
    if not alarm["ActionsEnabled"]:
        return
    told = {"AlarmName": alarm["AlarmName"], "NewStateValue": state, "NewStateReason": reason,
            "OldStateValue": alarm["StateValue"], "StateChangeTime": now, "AlarmArn": alarm["AlarmArn"]}  # fmt: skip
    for target in alarm[_ACTIONS[state]]:
        if tx.get(sns.TOPIC, target) is None:
            continue
        try:
            subject = f'{state}: "{alarm["AlarmName"]}" in {tx.region}'
            sns.publish(tx, {"TopicArn": target, "Subject": subject, "Message": json.dumps(told)})
        except ServiceError:
            # A topic whose key cannot be used is not told, as in AWS: the alarm's history says so there.
            continue
