"""Encryption keys, generated secrets, and the roles that may use them."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from mainstay.core.records import dataclass
from mainstay.core.schedules import Schedule
from mainstay.core.units import Duration
from mainstay.plan.policies import InlinePolicy, Policy
from mainstay.plan.resources.database import DbInstance
from mainstay.plan.resources.resource import Resource, Tags
from mainstay.plan.values import Link, Value

if TYPE_CHECKING:
    from mainstay.plan.resources.functions import Function


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Resource):
    """A customer-managed KMS key. `pending_window` is whole days from 7 to 30.

    `spec` None is a symmetric key, which encrypts; `ECC_NIST_P256` with `usage` `SIGN_VERIFY` is one that signs, and
    never rotates.
    """

    policy: Policy
    description: Value[str] | None = None
    spec: Value[str] | None = None
    usage: Value[str] | None = None
    rotates: Value[bool] | None = None
    is_enabled: Value[bool] | None = None
    pending_window: Value[Duration] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAlias(Resource):
    """A name for a key; `name` starts with `alias/`."""

    name: Value[str]
    target: Link[Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedSecret:
    """How Secrets Manager makes the value: a JSON `template`, completed by a random string under `key`."""

    template: Value[str] | None = None
    key: Value[str] | None = None
    length: Value[int] | None = None
    excluded_characters: Value[str] | None = None
    excludes_punctuation: Value[bool] | None = None
    requires_each_kind: Value[bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret(Resource):
    """A secret in Secrets Manager. A literal value is kept only where a foreign template wrote one, as Unknown."""

    name: Value[str] | None = None
    description: Value[str] | None = None
    key_id: Link[Key] | None = None
    generate: GeneratedSecret | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretAttachment(Resource):
    """Completes a secret with engine, host and port of an instance; rotation needs it."""

    secret: Link[Secret]
    target: Link[DbInstance]
    target_type: Value[str] = "AWS::RDS::DBInstance"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationSchedule(Resource):
    """When a secret is rotated, and by which function: `every` so many whole days, or on a schedule.

    `window` (whole hours) is how long after that a rotation may begin. Without `rotates_at_once` False the secret is
    rotated when this is created, too.
    """

    secret: Link[Secret]
    function: Link[Function] | None = None
    every: Value[Duration] | None = None
    schedule: Value[Schedule] | None = None
    window: Value[Duration] | None = None
    rotates_at_once: Value[bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(Resource):
    """An IAM role: who may assume it, and what it may do."""

    trust: Policy
    name: Value[str] | None = None
    description: Value[str] | None = None
    managed_policies: tuple[Value[str], ...] = ()
    policies: tuple[InlinePolicy, ...] = ()
    permissions_boundary: Value[str] | None = None
    max_session: Value[Duration] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceProfile(Resource):
    """The form in which an EC2 instance wears a role."""

    roles: tuple[Link[Role], ...]
    name: Value[str] | None = None
