"""CloudWatch: metric alarms, and what stands beside them in the one service.

An alarm on a metric that is not collected here stays in INSUFFICIENT_DATA until it is set (see alarm_states).
"""

from __future__ import annotations

import re
from typing import Final

from mainstay import facts
from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError, not_implemented
from mainstay.sandbox.services import dashboards, metrics
from mainstay.sandbox.services.alarm_states import judge_all
from mainstay.sandbox.services.composite_alarms import ALARM, RULE, put_composite_alarm, with_state
from mainstay.sandbox.services.handler import (
    Answer,
    Params,
    Table,
    merged_tags,
    page,
    public,
    refuse_if,
    with_token,
    without_tags,
)
from mainstay.sandbox.state import Record, Transaction

INVALID: Final = "ValidationError"
ACTIONS: Final = ("AlarmActions", "OKActions", "InsufficientDataActions")


def put_metric_alarm(tx: Transaction, params: Params) -> Answer:
    """Create an alarm, or replace the one of this name."""
    _check(params)
    name = params["AlarmName"]
    old = tx.get(ALARM, name)
    refuse_if(old and RULE in old, INVALID, f"A composite alarm has the name {name} already.")
    now = render_time(tx.now)
    state = {
        "StateValue": "INSUFFICIENT_DATA",
        "StateReason": "Unchecked: Initial alarm creation",
        "StateUpdatedTimestamp": now,
        "StateTransitionedTimestamp": now,
    }
    if old:
        state = {member: old[member] for member in state}
    given = {member: value for member, value in params.items() if member != "Tags"}
    alarm = {
        "AlarmArn": tx.arn("cloudwatch", f"alarm:{name}"),
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        "Dimensions": [],
        **given,
        **state,
        "AlarmConfigurationUpdatedTimestamp": now,
        "_tags": old["_tags"] if old else params.get("Tags", []),
    }
    tx.put(ALARM, name, alarm)
    return {}


def describe_alarms(tx: Transaction, params: Params) -> Answer:
    """Alarms by names, by the beginning of a name, or by state."""
    refuse_if(
        "AlarmNames" in params and "AlarmNamePrefix" in params,
        INVALID,
        "AlarmNames and AlarmNamePrefix cannot be given together.",
    )
    judge_all(tx)
    names, kinds = params.get("AlarmNames"), params.get("AlarmTypes", ["MetricAlarm"])
    found = [
        public(alarm)
        for kept in tx.all(ALARM, prefix=params.get("AlarmNamePrefix", ""))
        for alarm in [with_state(tx, kept)]
        if (names is None or alarm["AlarmName"] in names)
        and params.get("StateValue") in (None, alarm["StateValue"])
        and ("CompositeAlarm" if RULE in alarm else "MetricAlarm") in kinds
        and any(action.startswith(params.get("ActionPrefix", "")) for action in _actions(alarm) or [""])
    ]
    shown, token = page(found, params.get("NextToken"), params.get("MaxRecords", 50), code="InvalidNextToken")
    metric, composite = ([alarm for alarm in shown if (RULE in alarm) is wanted] for wanted in (False, True))
    return with_token({"MetricAlarms": metric, "CompositeAlarms": composite}, token)


def delete_alarms(tx: Transaction, params: Params) -> Answer:
    """Remove alarms; a name that does not exist fails the whole call, as in CloudWatch."""
    for name in params["AlarmNames"]:
        _alarm(tx, name)
    for name in params["AlarmNames"]:
        tx.delete(ALARM, name)
    return {}


def set_alarm_state(tx: Transaction, params: Params) -> Answer:
    """Put an alarm into a state, to try what follows from it."""
    alarm = _alarm(tx, params["AlarmName"])
    refuse_if(RULE in alarm, INVALID, "The sandbox takes the state of a composite alarm from its alarms alone.")
    states = ("OK", "ALARM", "INSUFFICIENT_DATA")
    refuse_if(params["StateValue"] not in states, INVALID, f"StateValue must be one of {', '.join(states)}.")
    now = render_time(tx.now)
    if params["StateValue"] != alarm["StateValue"]:
        alarm["StateTransitionedTimestamp"] = now
    alarm |= {
        "StateValue": params["StateValue"],
        "StateReason": params["StateReason"],
        "StateUpdatedTimestamp": now,
    }
    tx.put(ALARM, alarm["AlarmName"], alarm)
    return {}


def enable_alarm_actions(tx: Transaction, params: Params) -> Answer:
    """Let alarms act."""
    return _set_actions_enabled(tx, params, is_enabled=True)


def disable_alarm_actions(tx: Transaction, params: Params) -> Answer:
    """Keep alarms from acting."""
    return _set_actions_enabled(tx, params, is_enabled=False)


def tag_resource(tx: Transaction, params: Params) -> Answer:
    """Set tags of an alarm or a dashboard."""
    kind, name, record = _by_arn(tx, params["ResourceARN"])
    tx.put(kind, name, {**record, "_tags": merged_tags(record["_tags"], params["Tags"])})
    return {}


def untag_resource(tx: Transaction, params: Params) -> Answer:
    """Take tags off an alarm or a dashboard."""
    kind, name, record = _by_arn(tx, params["ResourceARN"])
    tx.put(kind, name, {**record, "_tags": without_tags(record["_tags"], params["TagKeys"])})
    return {}


def list_tags_for_resource(tx: Transaction, params: Params) -> Answer:
    """The tags of an alarm or a dashboard."""
    return {"Tags": _by_arn(tx, params["ResourceARN"])[2]["_tags"]}


def _alarm(tx: Transaction, name: str) -> Record:
    return tx.require(ALARM, name, ServiceError("ResourceNotFound", f"Alarm {name} does not exist.", 404))


def _by_arn(tx: Transaction, arn: str) -> tuple[str, str, Record]:
    """Kind, name and record of what has tags."""
    kind, mark = (dashboards.DASHBOARD, ":dashboard/") if ":dashboard/" in arn else (ALARM, ":alarm:")
    name = arn.rsplit(mark, maxsplit=1)[-1]
    missing = ServiceError("ResourceNotFoundException", f"{arn} does not exist.", 404)
    return kind, name, tx.require(kind, name, missing)


def _actions(alarm: Record) -> list[str]:
    return [action for member in ACTIONS for action in alarm[member]]


def _set_actions_enabled(tx: Transaction, params: Params, *, is_enabled: bool) -> Answer:
    for name in params["AlarmNames"]:
        alarm = tx.get(ALARM, name)
        if alarm:
            tx.put(ALARM, name, {**alarm, "ActionsEnabled": is_enabled})
    return {}


def _check(params: Params) -> None:
    """The rules of PutMetricAlarm that botocore does not know (API reference, checked 2026-11-20)."""
    names, bounds = facts.identifier("alarm"), facts.load("limits").data["alarm"]
    refuse_if(not names.admits(params["AlarmName"]), INVALID, f"AlarmName must have 1 to {names.most} characters.")
    if "Metrics" in params:
        raise not_implemented("cloudwatch", "PutMetricAlarm", "Metrics (metric math)")
    for member in ("MetricName", "Namespace", "Period", "EvaluationPeriods", "Threshold", "ComparisonOperator"):
        refuse_if(member not in params, INVALID, f"The parameter {member} is required for an alarm on one metric.")
    refuse_if(
        ("Statistic" in params) == ("ExtendedStatistic" in params),
        INVALID,
        "Exactly one of Statistic and ExtendedStatistic must be given.",
    )
    _check_enums(params)
    period, count = params["Period"], params["EvaluationPeriods"]
    short = bounds["sub_minute_periods"]
    refuse_if(
        period not in short and (period < 60 or period % 60),
        INVALID,
        f"Period must be {', '.join(map(str, short))} or a multiple of 60, not {period}.",
    )
    most = bounds["most_seconds_hourly"] if period >= 3600 else bounds["most_seconds_below_hourly"]
    refuse_if(count < 1 or period * count > most, INVALID, f"Metrics cannot be checked across more than {most} s.")
    refuse_if(
        not 1 <= params.get("DatapointsToAlarm", count) <= count,
        INVALID,
        f"DatapointsToAlarm must be from 1 to EvaluationPeriods ({count}).",
    )
    for member in ACTIONS:
        actions = params.get(member, [])
        most = bounds["actions_per_state"]
        refuse_if(len(actions) > most, INVALID, f"{member} has {len(actions)} members; {most} is the most.")
        broken = [action for action in actions if not action.startswith("arn:")]
        refuse_if(broken, INVALID, f"Invalid arn syntax: {', '.join(broken)}")


def _check_enums(params: Params) -> None:
    statistics = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
    comparisons = tuple(
        f"{relation}Threshold" for relation in ("GreaterThanOrEqualTo", "GreaterThan", "LessThan", "LessThanOrEqualTo")
    )
    for member, allowed in (
        ("Statistic", statistics),
        ("ComparisonOperator", comparisons),
        ("TreatMissingData", facts.load("limits").data["alarm"]["missing_data"]),
    ):
        value = params.get(member)
        refuse_if(
            value is not None and value not in allowed,
            INVALID,
            f"{member} must be one of {', '.join(allowed)}: {value}",
        )
    extended = params.get("ExtendedStatistic", "p99")
    refuse_if(
        not re.fullmatch(r"p(\d{1,2}(\.\d{1,10})?|100)|(tm|wm|tc|ts|TM|WM|TC|TS|PR|IQM).*", extended),
        INVALID,
        f"The value {extended} for parameter ExtendedStatistic is not supported.",
    )


HANDLERS: Final[Table] = {
    **dashboards.HANDLERS,
    **metrics.HANDLERS,
    "PutMetricAlarm": put_metric_alarm,
    "PutCompositeAlarm": put_composite_alarm,
    "DescribeAlarms": describe_alarms,
    "DeleteAlarms": delete_alarms,
    "SetAlarmState": set_alarm_state,
    "EnableAlarmActions": enable_alarm_actions,
    "DisableAlarmActions": disable_alarm_actions,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTagsForResource": list_tags_for_resource,
}
