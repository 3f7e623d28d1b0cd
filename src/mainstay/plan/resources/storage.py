"""Buckets, and who may touch what is in them."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from mainstay.core.records import dataclass
from mainstay.core.units import Duration
from mainstay.plan.policies import Policy
from mainstay.plan.resources.resource import Resource, Tags
from mainstay.plan.values import Link, Value

if TYPE_CHECKING:
    from mainstay.plan.resources.keys import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketEncryption:
    """Server-side encryption by default: `algorithm` is `aws:kms` or `AES256`."""

    algorithm: Value[str]
    key_id: Link[Key] | None = None
    has_bucket_key: Value[bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """After so many days an object moves into a storage class (`STANDARD_IA`, `GLACIER`, `DEEP_ARCHIVE`)."""

    after: Value[Duration]
    storage_class: Value[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleRule:
    """What time does to objects under `prefix`."""

    name: Value[str] | None = None
    is_enabled: bool = True
    prefix: Value[str] | None = None
    transitions: tuple[Transition, ...] = ()
    expires_after: Value[Duration] | None = None
    noncurrent_expires_after: Value[Duration] | None = None
    aborts_uploads_after: Value[Duration] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAccessBlock:
    """The four switches that keep a bucket private."""

    blocks_acls: Value[bool] = True
    ignores_acls: Value[bool] = True
    blocks_policies: Value[bool] = True
    restricts_buckets: Value[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLogging:
    """Where a bucket writes its access log."""

    bucket: Link[Bucket] | None = None
    prefix: Value[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLock:
    """How long nobody may delete or overwrite what is put into a bucket: `mode` is `GOVERNANCE` or `COMPLIANCE`."""

    status: Value[str] = "Enabled"
    mode: Value[str] | None = None
    keeps: Value[Duration] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket(Resource):
    """An S3 bucket. `versioning` is `Enabled` or `Suspended`; `ownership` such as `BucketOwnerEnforced`.

    `has_object_lock` lets objects be locked, `object_lock` says for how long each new one is.
    """

    name: Value[str] | None = None
    encryption: BucketEncryption | None = None
    versioning: Value[str] | None = None
    public_access: PublicAccessBlock | None = None
    ownership: Value[str] | None = None
    lifecycle: tuple[LifecycleRule, ...] = ()
    logging: AccessLogging | None = None
    has_object_lock: Value[bool] | None = None
    object_lock: ObjectLock | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketPolicy(Resource):
    """The policy of a bucket."""

    bucket: Link[Bucket]
    policy: Policy
