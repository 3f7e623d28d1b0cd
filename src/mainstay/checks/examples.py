"""Small sound plans from which rules build their examples: each example changes the one thing its rule is about.

Everything here fires no rule at all as it stands (a test says so).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mainstay.core.units import Bytes, Duration
from mainstay.core.windows import DailyWindow, WeeklyWindow
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.resources import (
    Alarm,
    DbInstance,
    EventSubscription,
    Fate,
    Key,
    ParameterGroup,
    Resource,
    SecurityGroup,
    Subscription,
    Topic,
)
from mainstay.plan.values import PARTITION, Ref, join

_DATABASE = DbInstance(
    key="Database",
    engine="postgres",
    engine_version="17.11",
    instance_class="db.m7g.large",
    storage=Bytes.gib(100),
    max_storage=Bytes.gib(200),
    is_encrypted=True,
    is_multi_az=True,
    subnet_group="isolated",
    is_public=False,
    backup_retention=Duration.days(7),
    backup_window=DailyWindow.parse("00:00-02:00"),
    maintenance_window=WeeklyWindow.parse("sun:04:00-sun:06:00"),
    deletes_automated_backups=False,
    has_deletion_protection=True,
    on_delete=Fate.SNAPSHOT,
    on_replace=Fate.SNAPSHOT,
)
_ALARM = Alarm(
    key="StorageAlarm",
    namespace="AWS/RDS",
    metric="FreeStorageSpace",
    statistic="Minimum",
    comparison="LessThanThreshold",
    threshold=10 * 2.0**30,
    missing_data="breaching",
    dimensions={"DBInstanceIdentifier": Ref("Database")},
    alarm_actions=(Ref("Topic"),),
)


def plan_of(*resources: Resource, region: str = "us-east-1", intent: Intent | None = None) -> Plan:
    """A plan of one region that holds these resources."""
    return Plan(regions=(RegionPlan(region=region, resources=resources),), intent=intent or Intent())


# Any below: `replace` takes whatever fields the kind has, and checks their names itself.
def database(**changes: Any) -> DbInstance:
    """A sound PostgreSQL instance `Database` (8 GiB of memory), with some fields changed."""
    return replace(_DATABASE, **changes)


def lone_database(**changes: Any) -> DbInstance:
    """The same without a standby."""
    return database(**{"is_multi_az": False, **changes})


def replica(**changes: Any) -> DbInstance:
    """A read replica `Replica` of `Database`, with some fields changed."""
    sound = DbInstance(key="Replica", source=Ref("Database"), instance_class="db.m7g.large", is_public=False)
    return replace(sound, **changes)


def settings(family: str = "postgres17", **parameters: str) -> ParameterGroup:
    """A parameter group `Settings` with these parameters."""
    return ParameterGroup(key="Settings", family=family, description="settings of the shop", parameters=parameters)


def alarm(**changes: Any) -> Alarm:
    """A sound alarm on the free storage of `Database`, told to `Topic`, with some fields changed."""
    return replace(_ALARM, **changes)


def told(**changes: Any) -> tuple[Topic, Subscription, EventSubscription]:
    """A topic `Topic` with some fields changed, a subscriber, and RDS's events, of which somebody else is told."""
    topic = replace(Topic(key="Topic"), **changes)
    mail = Subscription(key="Mail", topic=Ref("Topic"), protocol="email", endpoint="oncall@example.org")
    return topic, mail, EventSubscription(key="Events", topic="arn:aws:sns:us-east-1:123456789012:operations")


def key_for(*services: str, **changes: Any) -> Key:
    """A customer-managed key `Key`, kept on deletion, that the account and these services may use."""
    everything = Statement(
        principals=(Principal("AWS", join("arn:", PARTITION, ":iam::123456789012:root")),), actions=("kms:*",)
    )
    use = Statement(
        principals=tuple(Principal("Service", service) for service in services),
        actions=("kms:Decrypt", "kms:GenerateDataKey*"),
        resources=("*",),
    )
    statements = (everything, use) if services else (everything,)
    key = Key(key="Key", policy=Policy(statements), rotates=True, on_delete=Fate.RETAIN)
    return replace(key, **changes)


def group(**changes: Any) -> SecurityGroup:
    """A security group `DatabaseGroup` that admits nobody, with some fields changed."""
    return replace(SecurityGroup(key="DatabaseGroup", description="the database"), **changes)
