"""Who publishes to a topic, whom its policies let, and where that cannot be seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mainstay.checks import Scene
from mainstay.checks.backup.examples import topic_policy
from mainstay.checks.examples import alarm, database, plan_of, told
from mainstay.checks.publishing import may_publish, publishers
from mainstay.plan.policies import Policy
from mainstay.plan.resources import EventRule, EventSubscription, EventTarget, Resource, Topic
from mainstay.plan.values import Attr, Ref

TOPIC = Topic(key="Topic")


def scene(*resources: Resource) -> Scene:
    plan = plan_of(TOPIC, *resources)
    return Scene(plan, plan.primary, date(2026, 11, 20))


def test_publishers() -> None:
    rule = EventRule(key="Rule", targets=(EventTarget(name="a", arn=Attr("Topic", "arn")),))
    events = EventSubscription(key="Events", topic=Ref("Topic"))
    assert list(publishers(TOPIC, scene(alarm(), rule, events))) == [
        "cloudwatch.amazonaws.com",
        "events.rds.amazonaws.com",
        "events.amazonaws.com",
    ]
    assert list(publishers(TOPIC, scene(database(), alarm(alarm_actions=()), *told()[1:]))) == []
    dull = alarm(alarm_actions=(), insufficient_data_actions=(Ref("Topic"),))
    assert list(publishers(TOPIC, scene(dull))) == ["cloudwatch.amazonaws.com"]


SERVICE = "events.amazonaws.com"
EMPTY = replace(topic_policy(), policy=Policy(()))


@pytest.mark.parametrize(
    ("policies", "answer"),
    [
        ((), None),
        ((topic_policy(SERVICE),), True),
        ((topic_policy("backup.amazonaws.com"),), False),
        ((EMPTY,), False),
        ((replace(EMPTY, extras={"PolicyDocument": "odd"}),), True),
        ((replace(EMPTY, topics=("arn:aws:sns:us-east-1:123456789012:other",)),), True),
    ],
)
def test_leave(policies: tuple[Resource, ...], answer: bool | None) -> None:
    seen = scene(*policies)
    for by_default in (True, False):
        found = may_publish(TOPIC, SERVICE, seen, by_default=by_default)
        assert found is (by_default if answer is None else answer)


def test_a_policy_of_the_topic_itself_that_no_field_holds() -> None:
    topic = replace(TOPIC, extras={"Policy": {}})
    assert may_publish(topic, SERVICE, scene(), by_default=False) is True


def test_the_policy_of_another_topic_says_nothing_of_this_one() -> None:
    others = replace(topic_policy(SERVICE), key="OtherPolicy", topics=(Ref("Other"),))
    seen = scene(Topic(key="Other"), others)
    assert may_publish(TOPIC, SERVICE, seen, by_default=False) is False
    assert may_publish(TOPIC, SERVICE, scene(Topic(key="Other"), others, topic_policy()), by_default=True) is False
