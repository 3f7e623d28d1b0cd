"""Alarms on functions that end with an error: nobody waits for their answer, so nobody else would see it."""

from __future__ import annotations

from mainstay.core.units import Duration
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.logical import ALERTS_TOPIC
from mainstay.plan.resources import Alarm, Function
from mainstay.plan.values import Ref
from mainstay.spec import Spec


def build_function_alarms(spec: Spec, draft: Draft) -> Draft:
    """The draft with an alarm on each function's errors."""
    functions = [one for one in draft.resources if isinstance(one, Function)]
    return draft.adding(*(_alarm(spec, function) for function in functions))


def _alarm(spec: Spec, function: Function) -> Alarm:
    return Alarm(
        key=f"{function.key}Alarm",
        name=f"{function.name}-failed",
        description=f"{function.name}: a call ended with an error; its log group says why",
        # Lambda Developer Guide, monitoring-metrics-types, 2026-11-21.
        namespace="AWS/Lambda",
        metric="Errors",
        dimensions={"FunctionName": Ref(function.key)},
        statistic="Sum",
        unit="Count",
        comparison="GreaterThanThreshold",
        threshold=0.0,
        period=Duration(300),
        evaluation_periods=1,
        datapoints=1,
        missing_data="notBreaching",  # a function that was not called reports nothing
        is_enabled=True,
        alarm_actions=(Ref(ALERTS_TOPIC),),
        ok_actions=(Ref(ALERTS_TOPIC),),
        tags=tags(spec),
        origin=function.origin,
    )
