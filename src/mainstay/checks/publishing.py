"""Who publishes to a topic, and whether its policy lets them."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.grants import allows
from mainstay.checks.links import linked
from mainstay.checks.scene import Scene, hides
from mainstay.plan.resources import Alarm, EventRule, EventSubscription, EventTarget, Topic, TopicPolicy

ALARMS, RDS_EVENTS, RULES = "cloudwatch.amazonaws.com", "events.rds.amazonaws.com", "events.amazonaws.com"


def publishers(topic: Topic, scene: Scene) -> Iterator[str]:
    """The services that this plan has publish to a topic: those of alarms, of RDS's events, of EventBridge."""
    region = scene.region
    alarms = (
        link for one in region.of(Alarm) for link in one.alarm_actions + one.ok_actions + one.insufficient_data_actions
    )
    if any(region.resolve(link, Topic) is topic for link in alarms):
        yield ALARMS
    if any(region.resolve(one.topic, Topic) is topic for one in region.of(EventSubscription)):
        yield RDS_EVENTS
    if any(linked(target.arn, scene) is topic for one in region.of(EventRule) for target in targets_of(one)):
        yield RULES


def targets_of(rule: EventRule) -> list[EventTarget]:
    """The targets of a rule that can be seen; one element may stand for a whole list that cannot."""
    found: tuple[object, ...] = rule.targets
    return [one for one in found if isinstance(one, EventTarget)]


def may_publish(topic: Topic, service: str, scene: Scene, *, by_default: bool) -> bool:
    """Whether a policy of the topic lets a service publish, or is out of sight.

    `by_default` is the answer for a topic without a policy, to which whoever acts for its owner may publish.
    """
    policies = list(scene.region.of(TopicPolicy))
    if hides(topic, "policy") or any(
        scene.region.resolve(link, Topic) is None for one in policies for link in one.topics
    ):
        return True
    own = [one for one in policies if topic in (scene.region.resolve(link, Topic) for link in one.topics)]
    if not own:
        return by_default
    return any(hides(one, "policy") or allows(one.policy, service, ("sns:Publish",)) for one in own)
