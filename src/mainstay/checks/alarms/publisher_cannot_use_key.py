"""SN001: a topic encrypted with a key that its publishers may not use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import alarm, database, key_for, plan_of, told
from mainstay.checks.giving import usable
from mainstay.checks.grants import allows
from mainstay.checks.publishing import RULES, publishers
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Policy, Statement
from mainstay.plan.resources import Key, Topic
from mainstay.plan.values import Ref

_NEEDED = ("kms:Decrypt", "kms:GenerateDataKey")
_NOT_SENT = frozenset({"aws:sourceaccount", "aws:sourcearn"})


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
    field="key_id",
    bad=_bad,
    good=_good,
)
def faults(topic: Topic, scene: Scene) -> Iterator[Fault]:
    """The service cannot encrypt its message, so nothing is sent. The alarm shows ALARM; the only trace is `Failed to
    execute action` in its history. The policy of `alias/aws/sns` cannot be changed. EventBridge tells KMS neither
    account nor rule, so a statement that asks for aws:SourceAccount or aws:SourceArn does not admit it.
    """
    services = list(publishers(topic, scene))
    key = scene.region.resolve(topic.key_id, Key)
    if topic.key_id == "alias/aws/sns":
        shut_out = services
    elif key is not None and not hides(key, "policy"):
        shut_out = [service for service in services if not allows(_met_by(service, key.policy), service, _NEEDED)]
    else:
        return
    if shut_out:
        yield Fault(
            topic,
            f"{topic.key} is encrypted with {key.key if key else 'alias/aws/sns'}, which {' and '.join(shut_out)}"
            f" may not use.",
            f"encrypt it with a key of your own whose policy allows {' and '.join(shut_out)} kms:Decrypt and"
            " kms:GenerateDataKey*",
            mend=(usable(key, shut_out, ("kms:Decrypt", "kms:GenerateDataKey*")),) if key is not None else (),
        )


def _met_by(service: str, policy: Policy) -> Policy:
    """The policy without the statements whose conditions this service never meets."""
    if service != RULES:
        return policy
    return replace(policy, statements=tuple(filter(_asks_what_is_sent, policy.statements)))


def _asks_what_is_sent(statement: Statement) -> bool:
    # A negated test, or one that holds IfExists, is met by what is not sent.
    return not any(
        one.key.lower() in _NOT_SENT and "Not" not in one.operator and not one.operator.endswith("IfExists")
        for one in statement.conditions
    )
