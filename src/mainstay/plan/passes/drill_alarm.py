"""The dead man's clock: an alarm that fires when no drill has proven the database for longer than a proof lasts.

A drill that ends PROVEN puts one value of a metric; nothing else does, so that silence, an INCONCLUSIVE drill and a
DISPROVEN one are the same to the alarm.
"""

from __future__ import annotations

from typing import Final

from mainstay.core.units import Duration
from mainstay.plan.intent import PROOF_METRIC
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.intent import intent_of
from mainstay.plan.passes.logical import ALERTS_TOPIC, DATABASE
from mainstay.plan.resources import Alarm
from mainstay.plan.values import Ref
from mainstay.spec import Spec

# Periods of an hour or more may be looked at over seven days together (CloudWatch API Reference, PutMetricAlarm,
# Period, 2026-11-21): a clock that runs for longer is told by `mainstay status` alone.
_PERIOD: Final = Duration(3600)
_LONGEST: Final = Duration.days(7)


def build_drill_alarm(spec: Spec, draft: Draft) -> Draft:
    """The draft with the alarm, where a proof is said to last, and no longer than CloudWatch looks back."""
    lasts = intent_of(spec).drill.longest
    if lasts is None or lasts > _LONGEST:
        return draft
    hours = -(-lasts // _PERIOD)
    alarm = Alarm(
        key="DatabaseNotProvenAlarm",
        name=f"{spec.identifier}-not-proven",
        description=f"{spec.identifier}: no drill has proven for {lasts} that it can be restored",
        namespace=PROOF_METRIC.namespace,
        metric=PROOF_METRIC.metric,
        dimensions={PROOF_METRIC.dimension: Ref(DATABASE)},
        statistic="Sum",
        unit="Count",
        comparison="LessThanThreshold",
        threshold=1.0,
        period=_PERIOD,
        evaluation_periods=hours,
        datapoints=hours,
        missing_data="breaching",
        is_enabled=True,
        alarm_actions=(Ref(ALERTS_TOPIC),),
        ok_actions=(Ref(ALERTS_TOPIC),),
        tags=tags(spec),
        origin=spec.origin_of("drill.proof_lasts"),
    )
    return draft.adding(alarm)
