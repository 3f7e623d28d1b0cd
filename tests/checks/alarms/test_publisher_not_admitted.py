"""SN002: whom a topic's own policy forgets."""

from __future__ import annotations

from collections.abc import Callable

from mainstay.checks.alarms.publisher_not_admitted import faults
from mainstay.checks.backup.examples import topic_policy
from mainstay.checks.examples import alarm, database, plan_of, told
from mainstay.core.findings import Finding
from mainstay.plan.resources import EventRule, EventSubscription, EventTarget, Topic
from mainstay.plan.values import Attr, Ref

Say = Callable[..., list[Finding]]


def test_each_publisher_by_itself(say: Say) -> None:
    events = EventSubscription(key="Own", topic=Ref("Topic"))
    estate = (database(), alarm(), Topic(key="Topic"), events)
    assert say(faults, plan_of(*estate)) == []  # by default everything in the account may publish
    found = say(faults, plan_of(*estate, topic_policy("backup.amazonaws.com")))
    assert [each.hint.split()[1] for each in found] == ["cloudwatch.amazonaws.com", "events.rds.amazonaws.com"]
    (one,) = say(faults, plan_of(*estate, topic_policy("cloudwatch.amazonaws.com")))
    assert "events.rds.amazonaws.com publishes to Topic" in one.detail
    both = topic_policy("cloudwatch.amazonaws.com", "events.rds.amazonaws.com")
    assert say(faults, plan_of(*estate, both)) == []


def test_what_a_rule_needs_is_said_of_the_rule(say: Say) -> None:
    rule = EventRule(key="Rule", targets=(EventTarget(name="a", arn=Attr("Topic", "arn")),))
    assert say(faults, plan_of(database(), rule, *told(), topic_policy("backup.amazonaws.com"))) == []
