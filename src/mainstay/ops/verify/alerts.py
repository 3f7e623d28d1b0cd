"""Checks of who is told: alarms with actions, topics with subscribers who agreed."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.ops.aws.cloudwatch import AlarmState
from mainstay.ops.verify.model import Outcome, Scene, failed, judged, passed, warned
from mainstay.plan.resources import Alarm, Subscription, Topic
from mainstay.plan.values import Ref


def alarms_are_in_place(scene: Scene) -> Outcome:
    """Every planned alarm exists and tells somebody. One that fires now is a warning."""
    planned = {alarm.key: scene.physical(alarm.key) for alarm in scene.region.of(Alarm)}
    known = scene.site.doors.cloudwatch.alarms(name for name in planned.values() if name)
    seen = {alarm.name: alarm for alarm in known}
    faults = [fault for alarm in scene.region.of(Alarm) for fault in _faults(alarm, seen.get(planned[alarm.key] or ""))]
    firing = [alarm for alarm in known if alarm.state == "ALARM"]
    if not faults and firing:
        names = ", ".join(alarm.name for alarm in firing)
        return warned(f"{len(planned)} alarms are in place, and {len(firing)} fire now: {names}.", firing[0].reason)
    return judged(faults, f"{len(planned)} alarms are in place, with actions.", "deploy again")


def _faults(planned: Alarm, seen: AlarmState | None) -> Iterator[str]:
    if seen is None:
        yield f"{planned.key} does not exist."
    elif len(seen.actions) < len(planned.alarm_actions):
        yield f"{seen.name} has {len(seen.actions)} actions, planned {len(planned.alarm_actions)}."
    elif planned.is_enabled is not False and not seen.is_enabled:
        yield f"{seen.name} has its actions switched off."


def subscribers_are_confirmed(scene: Scene) -> Outcome:
    """Every planned subscriber is there; one who has not confirmed is told nothing."""
    missing, waiting = [], []
    planned = list(scene.region.of(Subscription))
    for subscription in planned:
        topic = subscription.topic
        arn = scene.physical(topic.key) if isinstance(topic, Ref) else None
        if arn is None or not isinstance(subscription.endpoint, str):
            continue
        known = [
            seen
            for seen in scene.site.doors.sns.subscriptions(arn)
            if (seen.protocol, seen.endpoint) == (subscription.protocol, subscription.endpoint)
        ]
        if not known:
            missing.append(subscription.endpoint)
        elif not known[0].is_confirmed:
            waiting.append(subscription.endpoint)
    if missing:
        return failed(f"Not subscribed: {', '.join(missing)}.", "deploy again")
    if waiting:
        hint = "ask them to follow the link in the mail from AWS; it is good for two days"
        return warned(f"Not confirmed yet, so told nothing: {', '.join(waiting)}.", hint)
    if not planned and list(scene.region.of(Topic)):
        return warned("Nobody subscribes to the topic, so no alarm reaches anybody.", "add a subscriber to the spec")
    return passed(f"{len(planned)} subscribers are confirmed.")
