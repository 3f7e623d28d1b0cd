"""BK040: a topic that AWS Backup cannot publish to."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.copies import account_of
from mainstay.checks.backup.examples import (
    backed_up,
    topic_policy,
)
from mainstay.checks.giving import admitting, usable
from mainstay.checks.grants import allows
from mainstay.checks.links import linked
from mainstay.checks.publishing import may_publish
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import BackupVault, Key, Resource, Topic, VaultNotifications

_SERVICE = "backup.amazonaws.com"
_ENCRYPTING = ("kms:Decrypt", "kms:GenerateDataKey")


def _bad() -> Plan:
    """A topic with no policy for AWS Backup"""
    return backed_up(TopicPolicy=None)


def _good() -> Plan:
    """A topic whose policy lets backup.amazonaws.com publish"""
    return backed_up(TopicPolicy=topic_policy("backup.amazonaws.com"))


@rule(
    id="BK040",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="the vault's notifications do not arrive",
    source="AWS Backup Developer Guide, backup-notifications; SNS Developer Guide, sns-key-management (2026-11-20)",
    applies_to=(BackupVault,),
    bad=_bad,
    good=_good,
    field="notifications",
)
def faults(vault: BackupVault, scene: Scene) -> Iterator[Fault]:
    """AWS Backup publishes under its own name. Without leave in the topic's policy, or in that of the key it is
    encrypted with, and into a FIFO topic or one of another account, the message is dropped and nothing says so.
    """
    told = literal(vault.notifications, VaultNotifications)
    if told is None:
        return
    topic = linked(told.topic, scene)
    if account := account_of(told.topic, scene):
        yield Fault(vault, f"{vault.key} notifies a topic of account {account}.", "notify a topic of this account")
    for said, hint, mend in _obstacles(topic, scene) if isinstance(topic, Topic) else ():
        yield Fault(vault, f"{vault.key} notifies {topic.key if topic else ''}, {said}.", hint, mend=mend)


def _obstacles(topic: Topic, scene: Scene) -> Iterator[tuple[str, str, tuple[Resource, ...]]]:
    """What keeps AWS Backup from publishing to a topic, and what helps."""
    if topic.is_fifo is True:
        yield "which is a FIFO topic", "take a standard topic", ()
    if not may_publish(topic, _SERVICE, scene, by_default=False):
        hint = f"allow {_SERVICE} sns:Publish in a topic policy"
        yield "whose policy does not let it publish", hint, admitting(topic, _SERVICE, scene)
    key = scene.region.resolve(topic.key_id, Key)
    is_shut = key is not None and not hides(key, "policy") and not allows(key.policy, _SERVICE, _ENCRYPTING)
    if topic.key_id == "alias/aws/sns" or is_shut:
        name = key.key if key else "alias/aws/sns"
        yield (
            f"encrypted with {name}, which it may not use",
            f"allow {_SERVICE} {' and '.join(_ENCRYPTING)} in a key of your own",
            (usable(key, _SERVICE, _ENCRYPTING),) if key is not None else (),
        )
