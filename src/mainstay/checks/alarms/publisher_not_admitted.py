"""SN002: a topic whose own policy forgets who publishes to it."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import alarm, database, plan_of, told
from mainstay.checks.giving import admitting
from mainstay.checks.publishing import ALARMS, RDS_EVENTS, may_publish, publishers
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.resources import Topic, TopicPolicy
from mainstay.plan.values import Attr, Ref


def _admitting(service: str) -> Plan:
    admission = Statement(
        principals=(Principal("Service", service),), actions=("sns:Publish",), resources=(Attr("Topic", "arn"),)
    )
    policy = TopicPolicy(key="TopicPolicy", topics=(Ref("Topic"),), policy=Policy((admission,)))
    return plan_of(database(), alarm(), *told(), policy)


def _bad() -> Plan:
    """An alarm on a topic whose policy admits AWS Backup alone"""
    return _admitting("backup.amazonaws.com")


def _good() -> Plan:
    """An alarm on a topic whose policy admits cloudwatch.amazonaws.com"""
    return _admitting("cloudwatch.amazonaws.com")


@rule(
    id="SN002",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="the topic's policy shuts a publisher out",
    source="SNS Developer Guide, sns-access-policy-use-cases (2026-11-20)",
    applies_to=(Topic,),
    bad=_bad,
    good=_good,
)
def faults(topic: Topic, scene: Scene) -> Iterator[Fault]:
    """A policy of one's own takes the place of the default one, by which everything in the account may publish. Who
    adds it for one service shuts out the others: the alarm goes off, and only its history says that nobody was told.
    """
    for service in publishers(topic, scene):
        # What EventBridge needs is said of its rules.
        if service in (ALARMS, RDS_EVENTS) and not may_publish(topic, service, scene, by_default=True):
            yield Fault(
                topic,
                f"{service} publishes to {topic.key}, whose policy does not let it.",
                f"allow {service} sns:Publish in the topic's policy",
                mend=admitting(topic, service, scene),
            )
