"""SN003: a FIFO topic where only a standard one is told anything."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import alarm, database, plan_of, told
from mainstay.checks.publishing import ALARMS, RDS_EVENTS, publishers
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Topic

_NAMES = {ALARMS: "an alarm", RDS_EVENTS: "RDS"}


def _bad() -> Plan:
    """An alarm that tells a FIFO topic"""
    return plan_of(database(), alarm(), *told(is_fifo=True))


def _good() -> Plan:
    """An alarm that tells a standard topic"""
    return plan_of(database(), alarm(), *told())


@rule(
    id="SN003",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="alarms and RDS take no FIFO topic",
    source="CloudWatch API Reference, PutMetricAlarm; RDS User Guide, USER_Events (2026-11-20)",
    applies_to=(Topic,),
    field="is_fifo",
    bad=_bad,
    good=_good,
)
def faults(topic: Topic, scene: Scene) -> Iterator[Fault]:
    """A message to a FIFO topic needs a group that it belongs to, which these publishers do not give. The subscription
    to RDS's events is refused; the alarm is made, and tells nobody.
    """
    told = [_NAMES[one] for one in publishers(topic, scene) if one in _NAMES]
    if topic.is_fifo is True and told:
        yield Fault(
            topic,
            f"{topic.key} is a FIFO topic, and {' and '.join(told)} should publish to it.",
            "take a standard topic; whether a topic is FIFO cannot be changed, so it is another one",
        )
