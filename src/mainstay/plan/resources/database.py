"""RDS: instances and replicas, their subnet, parameter and option groups, event subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Literal

from mainstay.core.records import dataclass
from mainstay.core.units import Bytes, Duration
from mainstay.core.windows import DailyWindow, WeeklyWindow
from mainstay.plan.resources.resource import Resource, Tags
from mainstay.plan.values import Link, Value

if TYPE_CHECKING:
    from mainstay.plan.resources.keys import Key, Role
    from mainstay.plan.resources.messaging import Topic
    from mainstay.plan.resources.network import SecurityGroup, Subnet

Engine = Literal["postgres", "mysql", "mariadb"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetGroup(Resource):
    """Where an instance may stand: subnets in at least two zones."""

    description: Value[str]
    subnets: tuple[Link[Subnet], ...]
    name: Value[str] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterGroup(Resource):
    """Engine settings in the engine's own units: `parameters["shared_buffers"]` counts 8 KiB pages."""

    family: Value[str]
    description: Value[str]
    parameters: Mapping[str, Value[str]] = field(default_factory=dict)
    name: Value[str] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DbOption:
    """One option of an engine (`MARIADB_AUDIT_PLUGIN`), with its settings in the engine's own words."""

    name: Value[str]
    settings: Mapping[str, Value[str]] = field(default_factory=dict)
    version: Value[str] | None = None
    port: Value[int] | None = None
    security_groups: tuple[Link[SecurityGroup], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionGroup(Resource):
    """Options of an engine's major version (`8.4`, `11.8`); nothing of it changes but the options."""

    engine: Value[str]
    major_version: Value[str]
    description: Value[str]
    options: tuple[DbOption, ...] = ()
    name: Value[str] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DbInstance(Resource):
    """A database instance; with `source` it is a read replica of that instance.

    Storage in Bytes (whole GiB), periods in Duration (retention in whole days). None means: nothing written, so
    AWS's own default holds (`facts`), which several rules are about. `backup_replica_...` is the second region
    into which automated backups are replicated; its key is one of that region, so by ARN.
    """

    identifier: Value[str] | None = None
    engine: Value[str] | None = None
    engine_version: Value[str] | None = None
    instance_class: Value[str] | None = None
    database_name: Value[str] | None = None
    port: Value[int] | None = None

    storage: Value[Bytes] | None = None
    max_storage: Value[Bytes] | None = None
    storage_type: Value[str] | None = None
    iops: Value[int] | None = None
    throughput_mib_s: Value[int] | None = None
    is_encrypted: Value[bool] | None = None
    key_id: Link[Key] | None = None

    is_multi_az: Value[bool] | None = None
    zone: Value[str] | None = None
    source: Link[DbInstance] | None = None
    snapshot: Value[str] | None = None
    restore_time: Value[str] | None = None

    subnet_group: Link[SubnetGroup] | None = None
    security_groups: tuple[Link[SecurityGroup], ...] = ()
    is_public: Value[bool] | None = None
    parameter_group: Link[ParameterGroup] | None = None
    option_group: Link[OptionGroup] | None = None
    ca_certificate: Value[str] | None = None

    username: Value[str] | None = None
    password: Value[str] | None = None
    manages_password: Value[bool] | None = None
    password_key: Link[Key] | None = None
    has_iam_authentication: Value[bool] | None = None

    backup_retention: Value[Duration] | None = None
    backup_window: Value[DailyWindow] | None = None
    backup_replica_region: Value[str] | None = None
    backup_replica_retention: Value[Duration] | None = None
    backup_replica_key: Value[str] | None = None
    maintenance_window: Value[WeeklyWindow] | None = None
    deletes_automated_backups: Value[bool] | None = None
    copies_tags_to_snapshots: Value[bool] | None = None
    has_deletion_protection: Value[bool] | None = None
    upgrades_minor_versions: Value[bool] | None = None
    allows_major_upgrade: Value[bool] | None = None
    applies_immediately: Value[bool] | None = None
    lifecycle_support: Value[str] | None = None

    log_exports: tuple[Value[str], ...] = ()
    monitoring_interval: Value[Duration] | None = None
    monitoring_role: Link[Role] | None = None
    has_performance_insights: Value[bool] | None = None
    performance_insights_retention: Value[Duration] | None = None
    performance_insights_key: Link[Key] | None = None
    insights_mode: Value[str] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSubscription(Resource):
    """RDS events of some sources and categories, sent to a topic; without `source_ids`, of all of that type."""

    topic: Link[Topic]
    source_type: Value[str] | None = None
    source_ids: tuple[Link[Resource], ...] = ()
    categories: tuple[Value[str], ...] = ()
    is_enabled: Value[bool] | None = None
    name: Value[str] | None = None
    tags: Tags = field(default_factory=dict)
