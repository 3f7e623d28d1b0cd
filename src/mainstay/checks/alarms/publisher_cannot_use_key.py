"""SN001: a topic encrypted with a key that its publishers may not use."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import alarm, database, key_for, plan_of, told
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Policy, Statement
from mainstay.plan.resources import Alarm, EventSubscription, Key, Topic
from mainstay.plan.values import Ref, is_expression

_NEEDED = ("kms:Decrypt", "kms:GenerateDataKey")


def _bad() -> Plan:
    """A topic with alias/aws/sns that an alarm publishes to"""
    return plan_of(database(), alarm(), *told(key_id="alias/aws/sns"))


def _good() -> Plan:
    """A topic with a key of its own whose policy admits cloudwatch.amazonaws.com"""
    return plan_of(database(), alarm(), *told(key_id=Ref("Key")), key_for("cloudwatch.amazonaws.com"))


@rule(
    id="SN001",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="a publisher cannot use the topic's key",
    source="SNS Developer Guide, sns-key-management (2026-11-20)",
    applies_to=(Topic,),
    bad=_bad,
    good=_good,
)
def faults(topic: Topic, scene: Scene) -> Iterator[Fault]:
    """The service cannot encrypt its message, so nothing is sent. The alarm shows ALARM; the only trace is `Failed to
    execute action` in its history. The policy of `alias/aws/sns` cannot be changed.
    """
    publishers = list(_publishers(topic, scene))
    key = scene.region.resolve(topic.key_id, Key)
    if topic.key_id == "alias/aws/sns":
        shut_out = publishers
    elif key is not None:
        shut_out = [service for service in publishers if not _may_use(service, key.policy)]
    else:
        return
    if shut_out:
        yield Fault(
            topic,
            f"{topic.key} is encrypted with {key.key if key else 'alias/aws/sns'}, which {' and '.join(shut_out)}"
            f" may not use.",
            f"encrypt it with a key of your own whose policy allows {' and '.join(shut_out)} kms:Decrypt and"
            " kms:GenerateDataKey*",
        )


def _publishers(topic: Topic, scene: Scene) -> Iterator[str]:
    alarms = (link for each in scene.region.of(Alarm) for link in each.alarm_actions + each.ok_actions)
    if any(scene.region.resolve(link, Topic) is topic for link in alarms):
        yield "cloudwatch.amazonaws.com"
    if any(scene.region.resolve(each.topic, Topic) is topic for each in scene.region.of(EventSubscription)):
        yield "events.rds.amazonaws.com"


def _may_use(service: str, policy: Policy) -> bool:
    granting = [each for each in policy.statements if each.effect == "Allow" and _admits(each, service)]
    return all(any(_allows(each, action) for each in granting) for action in _NEEDED)


def _admits(statement: Statement, service: str) -> bool:
    # A principal that only AWS resolves may be the service, and so may all but the excluded ones.
    return bool(statement.not_principals) or any(
        (is_expression(each.value) and each.kind == "Service")
        or each.value == service
        or each.kind == "*"
        or (each.kind == "AWS" and each.value == "*")
        for each in statement.principals
    )


def _allows(statement: Statement, action: str) -> bool:
    patterns = [literal(each, str) for each in statement.actions]
    return bool(statement.not_actions) or any(
        pattern is None or _matches(pattern.lower(), action.lower()) for pattern in patterns
    )


def _matches(pattern: str, action: str) -> bool:
    # `kms:GenerateDataKey` alone is enough: it is the call that SNS makes.
    return pattern == action or (pattern.endswith("*") and action.startswith(pattern[:-1]))
