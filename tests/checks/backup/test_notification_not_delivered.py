"""BK040: from the vault to its topic: account, kind, policy, key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.backup.examples import (
    OWN_ACCOUNT,
    backed_up,
    topic_policy,
    vault,
)
from mainstay.checks.backup.notification_not_delivered import faults
from mainstay.checks.examples import key_for
from mainstay.core.findings import Finding
from mainstay.plan.resources import (
    Resource,
    Topic,
    VaultNotifications,
)
from mainstay.plan.values import (
    Param,
    Ref,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({}, []),
        ({"TopicPolicy": None}, ["whose policy does not let it publish"]),
        ({"TopicPolicy": topic_policy("cloudwatch.amazonaws.com")}, ["whose policy does not let it publish"]),
        ({"TopicPolicy": topic_policy("cloudwatch.amazonaws.com", "backup.amazonaws.com")}, []),
        ({"TopicPolicy": replace(topic_policy("rds.amazonaws.com"), topics=(Param("Topics"),))}, []),
        ({"TopicPolicy": replace(topic_policy(), extras={"PolicyDocument": "odd"})}, []),
        ({"TopicPolicy": None, "Topic": Topic(key="Topic", extras={"policy": "odd"})}, []),
        ({"Topic": Topic(key="Topic", is_fifo=True)}, ["which is a FIFO topic"]),
        ({"Topic": Topic(key="Topic", is_fifo=Param("Fifo"))}, []),
        ({"Topic": Topic(key="Topic", key_id="alias/aws/sns")}, ["encrypted with alias/aws/sns"]),
        ({"Topic": Topic(key="Topic", key_id=Param("Key"))}, []),
        (
            {"Topic": Topic(key="Topic", key_id=Ref("Key")), "Key": key_for()},
            ["encrypted with Key, which it may not use"],
        ),
        ({"Topic": Topic(key="Topic", key_id=Ref("Key")), "Key": key_for("backup.amazonaws.com")}, []),
        ({"Topic": Topic(key="Topic", key_id=Ref("Key")), "Key": key_for(extras={"KeyPolicy.0": 1})}, []),
        ({"Topic": None}, []),
        ({"Vault": vault(notifications=None)}, []),
    ],
)
def test_obstacles(parts: dict[str, Resource | None], said: list[str], say: Say) -> None:
    details = [each.detail for each in say(faults, backed_up(intent=None, **parts))]
    assert len(details) == len(said)
    assert all(part in detail for part, detail in zip(said, details, strict=True))


@pytest.mark.parametrize(("account", "count"), [("123456789012", 0), ("210987654321", 1)])
def test_accounts(account: str, count: int, say: Say) -> None:
    told = VaultNotifications(topic=f"arn:aws:sns:us-east-1:{account}:ops", events=("BACKUP_JOB_FAILED",))
    findings = say(faults, backed_up(Vault=vault(notifications=told), intent=OWN_ACCOUNT))
    assert len(findings) == count
    assert say(faults, backed_up(Vault=vault(notifications=told))) == []
