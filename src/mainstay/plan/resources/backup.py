"""AWS Backup: vaults, plans, selections, and the tests that restore from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from mainstay.core.records import dataclass
from mainstay.core.schedules import Schedule
from mainstay.core.units import Duration
from mainstay.plan.policies import Policy
from mainstay.plan.resources.resource import Resource, Tags
from mainstay.plan.values import Link, Value

if TYPE_CHECKING:
    from mainstay.plan.resources.database import DbInstance
    from mainstay.plan.resources.keys import Key, Role
    from mainstay.plan.resources.messaging import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultLock:
    """Retention that nobody may go below or above (whole days).

    With `changeable_for` the lock is in compliance mode: after so many days nobody can lift it, AWS included.
    """

    min_retention: Value[Duration]
    max_retention: Value[Duration] | None = None
    changeable_for: Value[Duration] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultNotifications:
    """What a vault tells a topic: events such as `BACKUP_JOB_COMPLETED`."""

    topic: Link[Topic]
    events: tuple[Value[str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupVault(Resource):
    """Where recovery points are kept; name and key never change."""

    name: Value[str]
    key_id: Link[Key] | None = None
    access_policy: Policy | None = None
    lock: VaultLock | None = None
    notifications: VaultNotifications | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyAction:
    """A copy of each recovery point of a rule, in another vault (by ARN); periods in whole days."""

    vault: Link[BackupVault]
    delete_after: Value[Duration] | None = None
    cold_after: Value[Duration] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRule:
    """One tier of a plan. Windows in whole minutes, periods in whole days; no `delete_after` keeps for ever.

    `time_zone` such as `Europe/Zurich`; without it the schedule is in UTC.
    """

    name: Value[str]
    vault: Link[BackupVault]
    schedule: Value[Schedule] | None = None
    time_zone: Value[str] | None = None
    start_window: Value[Duration] | None = None
    completion_window: Value[Duration] | None = None
    is_continuous: Value[bool] | None = None
    delete_after: Value[Duration] | None = None
    cold_after: Value[Duration] | None = None
    copies: tuple[CopyAction, ...] = ()
    recovery_point_tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPlan(Resource):
    """When backups are made and how long they are kept."""

    name: Value[str]
    rules: tuple[BackupRule, ...]
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TagMatch:
    """A tag by its name, and the value that it has to have; the only operator is `STRINGEQUALS`."""

    tag: Value[str]
    value: Value[str]
    operator: Value[str] = "STRINGEQUALS"


@dataclass(frozen=True, slots=True, kw_only=True)
class TagCondition:
    """A tag, named `aws:ResourceTag/<name>`, and the value that it is compared with."""

    tag: Value[str]
    value: Value[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSelection(Resource):
    """What a plan backs up, and as which role; without any of the filters it takes everything there is.

    `any_tag` are alternatives; the four lists of conditions all have to hold.
    """

    plan: Link[BackupPlan]
    name: Value[str]
    role: Link[Role]
    resources: tuple[Link[DbInstance], ...] = ()
    excluded_resources: tuple[Link[DbInstance], ...] = ()
    any_tag: tuple[TagMatch, ...] = ()
    equal: tuple[TagCondition, ...] = ()
    like: tuple[TagCondition, ...] = ()
    not_equal: tuple[TagCondition, ...] = ()
    not_like: tuple[TagCondition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTestingPlan(Resource):
    """When AWS Backup restores something to see whether it can, and from which recovery points.

    `algorithm` such as `LATEST_WITHIN_WINDOW`; vaults by ARN, or `*`; start window in whole hours, selection window
    in whole days. Names hold letters, digits and underscores only.
    """

    name: Value[str]
    schedule: Value[Schedule]
    algorithm: Value[str]
    vaults: tuple[Link[BackupVault], ...]
    recovery_point_types: tuple[Value[str], ...]
    excluded_vaults: tuple[Link[BackupVault], ...] = ()
    selection_window: Value[Duration] | None = None
    time_zone: Value[str] | None = None
    start_window: Value[Duration] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTestingSelection(Resource):
    """What a test restores, as which role, and how long the copy stays (`validation_window`, whole hours).

    `overrides` are restore metadata by name (`dbSubnetGroupName`); a list there is a JSON text.
    """

    plan: Link[RestoreTestingPlan]
    name: Value[str]
    role: Link[Role]
    resource_type: Value[str]
    resources: tuple[Link[DbInstance], ...] = ()
    tags_equal: Mapping[str, Value[str]] = field(default_factory=dict)
    tags_not_equal: Mapping[str, Value[str]] = field(default_factory=dict)
    overrides: Mapping[str, Value[str]] = field(default_factory=dict)
    validation_window: Value[Duration] | None = None
