"""The heartbeat: a function beside the database that writes a marker each minute, and an alarm on its silence."""

from __future__ import annotations

from typing import Final

from mainstay.core.schedules import Rate
from mainstay.core.units import Duration
from mainstay.plan.passes.credentials import logging_in, master_secret
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.functions import Work, calling, target, with_function
from mainstay.plan.passes.logical import ALERTS_TOPIC, DATABASE, HEARTBEAT_FUNCTION, instances
from mainstay.plan.passes.roles import reading_secret
from mainstay.plan.resources import Alarm, EventRule
from mainstay.plan.values import Ref
from mainstay.spec import Spec

_PATH: Final = "drill.heartbeat"
_TIMEOUT: Final = Duration(30)
_MISSED: Final = 5  # beats in a row: a failover takes one or two


def build_heartbeat(spec: Spec, draft: Draft) -> Draft:
    """The draft with the heartbeat, where the spec asks for one."""
    every = spec.drill.heartbeat
    if every is None:
        return draft
    work = Work(
        key=HEARTBEAT_FUNCTION,
        name="heartbeat",
        module="heartbeat",
        purpose="Writes the markers by which a restored copy is told from both sides",
        path=_PATH,
        timeout=_TIMEOUT,
        statements=reading_secret(master_secret(spec)),
        environment=logging_in(spec),
    )
    rule = EventRule(
        key="HeartbeatSchedule",
        description=f"Heartbeat of {spec.identifier}",
        schedule=Rate.each(every),
        state="ENABLED",
        targets=(target(HEARTBEAT_FUNCTION),),
        tags=tags(spec),
        origin=spec.origin_of(_PATH),
    )
    called = calling(spec, rule, HEARTBEAT_FUNCTION, _PATH)
    return with_function(spec, draft, work).adding(*called, _silence(spec, every))


def _silence(spec: Spec, every: Duration) -> Alarm:
    return Alarm(
        key="HeartbeatSilence",
        name=f"{spec.identifier}-heartbeat-silent",
        description=f"{spec.identifier}: no marker was written for {Duration(every * _MISSED)}; a drill proves less",
        namespace="Mainstay",
        metric="Heartbeat",
        dimensions={"DBInstanceIdentifier": instances(spec)[DATABASE]},
        statistic="Sum",
        unit="Count",
        comparison="LessThanThreshold",
        threshold=1.0,
        period=every,
        evaluation_periods=_MISSED,
        datapoints=_MISSED,
        missing_data="breaching",
        is_enabled=True,
        alarm_actions=(Ref(ALERTS_TOPIC),),
        ok_actions=(Ref(ALERTS_TOPIC),),
        tags=tags(spec),
        origin=spec.origin_of(_PATH),
    )
