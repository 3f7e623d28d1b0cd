"""Who is told: a topic that alarms and RDS events can really publish to, and its subscribers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from mainstay.core.naming import logical_id
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.keys import key
from mainstay.plan.passes.logical import (
    ALERTS_KEY,
    ALERTS_TOPIC,
    ALERTS_TOPIC_POLICY,
    DATABASE_PARAMETERS,
    instances,
)
from mainstay.plan.passes.roles import OWN_ACCOUNT
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.resources import EventSubscription, Resource, Subscription, Topic, TopicPolicy
from mainstay.plan.values import Attr, Ref
from mainstay.spec import Spec

_PUBLISHERS: Final = {"Alarms": "cloudwatch.amazonaws.com", "DatabaseEvents": "events.rds.amazonaws.com"}
_BACKUP: Final = {"BackupJobs": "backup.amazonaws.com"}
_RULES: Final = {"Rules": "events.amazonaws.com"}
# RDS User Guide, USER_Events.Messages, 2026-11-20. Configuration change tells of backups being switched off
# (RDS-EVENT-0028), notification of storage near its limit (0225).
_CATEGORIES: Final = (
    "backup",
    "configuration change",
    "deletion",
    "failover",
    "failure",
    "low storage",
    "maintenance",
    "notification",
    "read replica",
    "recovery",
)


def build_alerts(spec: Spec, draft: Draft) -> Draft:
    """The draft with topic, key, policies, subscribers and the subscription to RDS events."""
    return build_topic(spec, draft).adding(*_events(spec))


def build_topic(spec: Spec, draft: Draft) -> Draft:
    """The draft with topic, key, policies and subscribers."""
    topic = Topic(
        key=ALERTS_TOPIC,
        display_name=spec.identifier,
        key_id=Ref(ALERTS_KEY),
        tags=tags(spec),
        origin=spec.origin_of("alerts"),
    )
    return draft.adding(
        *key(spec, ALERTS_KEY, "alerts", "Alarms and events", "alerts", *_encrypting(spec)),
        topic,
        _policy(spec),
        *_subscribers(spec),
    )


def _publishers(spec: Spec) -> dict[str, str]:
    has_rule = spec.validation and "availability" in spec.validation.events
    return {
        **_PUBLISHERS,
        **(_BACKUP if spec.protection.backup_plan else {}),
        **(_RULES if has_rule or spec.protection.backup_plan or _copies_elsewhere(spec) else {}),
    }


def _copies_elsewhere(spec: Spec) -> bool:
    """Whether the second region has a vault, whose rule tells the topic there."""
    return bool(spec.disaster_recovery and spec.disaster_recovery.copies)


def _encrypting(spec: Spec) -> list[Statement]:
    # With the default key alias/aws/sns, whose policy nobody can change, no service could publish: the alarm would
    # fire and nobody would be told (SNS Developer Guide, sns-key-management, 2026-11-20). Without a condition on the
    # account, because not every publisher sends one with its KMS call, and that failure would be as silent.
    return [
        Statement(
            sid=sid,
            principals=(Principal("Service", service),),
            actions=("kms:Decrypt", "kms:GenerateDataKey*"),
            resources=("*",),
        )
        for sid, service in _publishers(spec).items()
    ]


def _policy(spec: Spec) -> TopicPolicy:
    publishing = [
        Statement(
            sid=sid,
            principals=(Principal("Service", service),),
            actions=("sns:Publish",),
            resources=(Attr(ALERTS_TOPIC, "arn"),),
            conditions=(OWN_ACCOUNT,),
        )
        for sid, service in _publishers(spec).items()
    ]
    return TopicPolicy(
        key=ALERTS_TOPIC_POLICY,
        topics=(Ref(ALERTS_TOPIC),),
        policy=Policy(tuple(publishing)),
        origin=spec.origin_of("alerts"),
    )


def _subscribers(spec: Spec) -> list[Subscription]:
    # Named after the address: in a list that is numbered, taking out the first would subscribe all others anew, and
    # each would have to confirm again before it is told anything.
    return [
        Subscription(
            key=logical_id("subscriber", address.split("?")[0], hashlib.sha256(address.encode()).hexdigest()[:6]),
            topic=Ref(ALERTS_TOPIC),
            protocol="https" if address.startswith("https://") else "email",
            endpoint=address,
            origin=spec.origin_of(f"alerts.subscribers.{index}"),
        )
        for index, address in enumerate(spec.alerts.subscribers)
    ]


def _events(spec: Spec) -> Iterator[EventSubscription]:
    """Subscriptions to events: of the instances, of their settings, and of RDS's own security groups.

    Nobody has made one of the latter since EC2-Classic, yet where there is any subscription, Security Hub asks for this
    one as well (RDS.22, Security Hub User Guide, rds-controls, 2026-11-20).
    """
    sources: dict[str, tuple[str, tuple[Ref[Resource], ...], tuple[str, ...]]] = {
        "DatabaseEvents": ("db-instance", tuple(Ref(one) for one in instances(spec)), _CATEGORIES),
        "SettingsEvents": ("db-parameter-group", (Ref(DATABASE_PARAMETERS),), ("configuration change",)),
        "GroupEvents": ("db-security-group", (), ("configuration change", "failure")),
    }
    for key_, (source_type, source_ids, categories) in sources.items():
        yield EventSubscription(
            key=key_,
            topic=Ref(ALERTS_TOPIC),
            source_type=source_type,
            source_ids=source_ids,
            categories=categories,
            is_enabled=True,
            tags=tags(spec),
            depends_on=(Ref(ALERTS_TOPIC_POLICY),),  # RDS publishes a test message while it creates the subscription
            origin=spec.origin_of("alerts"),
        )
