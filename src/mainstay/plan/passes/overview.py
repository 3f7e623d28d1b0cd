"""The whole at one glance: an alarm over all alarms, and a page of graphs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from mainstay import facts
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.logical import ALERTS_TOPIC, PROXY, instances
from mainstay.plan.resources import Alarm, CompositeAlarm, Dashboard
from mainstay.plan.values import REGION, Json, Ref, Value, join
from mainstay.spec import Spec

_METRICS: Final = (
    "CPUUtilization",
    "DatabaseConnections",
    "FreeableMemory",
    "FreeStorageSpace",
    "ReadLatency",
    "WriteLatency",
)
_NAMESPACE: Final = "AWS/RDS"
_WIDTH: Final = 12  # of the 24 columns of a dashboard
_HEIGHT: Final = 6
# Stands in the body for the region, which only the target knows.
_REGION_MARK: Final = "\0"


def build_overview(spec: Spec, draft: Draft) -> Draft:
    """The draft with the composite alarm and the dashboard, where the spec asks for them."""
    if spec.alerts.composite:
        draft = draft.adding(_composite(spec, draft))
    return draft.adding(_dashboard(spec, draft)) if spec.monitoring.dashboard else draft


def _composite(spec: Spec, draft: Draft) -> CompositeAlarm:
    alarms = [one for one in draft.resources if isinstance(one, Alarm)]
    return CompositeAlarm(
        key="AnyAlarm",
        name=f"{spec.identifier}-any",
        description=f"{spec.identifier}: any of its alarms",
        rule=" OR ".join(f'ALARM("{one.name}")' for one in alarms),
        is_enabled=True,
        alarm_actions=(Ref(ALERTS_TOPIC),),
        ok_actions=(Ref(ALERTS_TOPIC),),
        tags=tags(spec),
        # A rule speaks of alarms by their names, so they have to exist before it.
        depends_on=tuple(Ref(one.key) for one in alarms),
        origin=spec.origin_of("alerts.composite"),
    )


def _dashboard(spec: Spec, draft: Draft) -> Dashboard:
    """A graph for each of the usual metrics, and for each that some instance or the proxy has an alarm on."""
    lines: dict[str, list[str]] = {name: list(instances(spec).values()) for name in _METRICS}
    called = {**instances(spec), PROXY: spec.identifier}
    for one in draft.resources:
        if isinstance(one, Alarm) and one.namespace == _NAMESPACE and one.metric not in _METRICS:
            (watched,) = one.dimensions.values()
            name = called[watched.key] if isinstance(watched, Ref) else str(watched)
            known = lines.setdefault(str(one.metric), [])
            if name not in known:
                known.append(name)
    widgets: list[Json] = [_widget(name, lines[name], place) for place, name in enumerate(lines)]
    before, *rest = json.dumps({"widgets": widgets}).split(json.dumps(_REGION_MARK)[1:-1])
    parts: list[Value[str]] = [before]
    for text in rest:
        parts += [REGION, text]
    return Dashboard(
        key="Dashboard", name=spec.identifier, body=join(*parts), origin=spec.origin_of("monitoring.dashboard")
    )


def _widget(name: str, watched: list[str], place: int) -> Mapping[str, Json]:
    """One graph; dashboards are JSON of their own (CloudWatch API Reference, Dashboard-Body-Structure, 2026-11-21)."""
    fact = facts.metric(name)
    if fact is None:
        raise KeyError(f"no facts about the metric {name}")
    return {
        "type": "metric",
        "x": place % 2 * _WIDTH,
        "y": place // 2 * _HEIGHT,
        "width": _WIDTH,
        "height": _HEIGHT,
        "properties": {
            "title": name,
            "region": _REGION_MARK,
            "stat": fact.statistic,
            "period": fact.period_s,
            "metrics": [[fact.namespace, name, fact.dimension, one] for one in watched],
        },
    }
