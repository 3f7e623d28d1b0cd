"""AL004: an alarm that goes off where nobody hears it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import alarm, database, plan_of, told
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Alarm, CompositeAlarm, Subscription, Topic


def _bad() -> Plan:
    """An alarm without actions"""
    return plan_of(database(), alarm(alarm_actions=()), *told())


def _good() -> Plan:
    """An alarm that tells a topic with one subscriber"""
    return plan_of(database(), alarm(), *told())


@rule(
    id="AL004",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="the alarm tells nobody",
    source="CloudWatch User Guide, AlarmThatSendsEmail; Security Hub CloudWatch.15 and .17 (2026-11-20)",
    applies_to=(Alarm,),
    field="alarm_actions",
    bad=_bad,
    good=_good,
)
def faults(alarm: Alarm, scene: Scene) -> Iterator[Fault]:
    """The alarm changes its colour in a console that nobody looks at. A topic without a subscriber accepts the message
    and drops it.
    """
    if alarm.is_enabled is False:
        yield Fault(
            alarm,
            f"The actions of {alarm.key} are switched off.",
            "set ActionsEnabled to true",
            mend=(replace(alarm, is_enabled=True),),
        )
    elif not alarm.alarm_actions and not hides(alarm, "actions") and not _is_composed(scene):
        yield Fault(alarm, f"{alarm.key} has no action for the state ALARM.", "let it tell a topic with a subscriber")
    topics = [scene.region.resolve(link, Topic) for link in alarm.alarm_actions]
    deaf = [topic.key for topic in topics if topic is not None and not _has_subscriber(topic, scene)]
    # An action that is no topic of this plan may reach somebody.
    if topics and len(deaf) == len(topics):
        yield Fault(
            alarm,
            f"{alarm.key} tells {', '.join(deaf)}, to which nobody is subscribed.",
            "subscribe an address, and confirm the message that AWS sends to it",
        )


def _has_subscriber(topic: Topic, scene: Scene) -> bool:
    if hides(topic, "subscription"):
        return True
    # A subscription whose topic cannot be resolved may be to this one.
    return any(scene.region.resolve(each.topic, Topic) in (topic, None) for each in scene.region.of(Subscription))


def _is_composed(scene: Scene) -> bool:
    # A composite alarm speaks for its parts, and may name them by text.
    return any(True for _ in scene.region.of(CompositeAlarm))
