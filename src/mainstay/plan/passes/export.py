"""Long-term exports: a bucket, a bucket for its access log, a key, and the role that RDS writes with."""

from __future__ import annotations

from typing import Final

from mainstay.core.units import Duration
from mainstay.plan.passes.draft import Draft, kept_on_delete, kept_on_replace, tags
from mainstay.plan.passes.keys import key
from mainstay.plan.passes.logical import EXPORT_BUCKET, EXPORT_KEY, EXPORT_ROLE
from mainstay.plan.passes.roles import OWN_ACCOUNT, trust
from mainstay.plan.policies import ANYBODY, Condition, InlinePolicy, Policy, Principal, Statement
from mainstay.plan.resources import (
    AccessLogging,
    Bucket,
    BucketEncryption,
    BucketPolicy,
    LifecycleRule,
    PublicAccessBlock,
    Role,
    Transition,
)
from mainstay.plan.values import Attr, Ref, Value, join
from mainstay.spec import Spec
from mainstay.spec.protection import Export

_PATH: Final = "protection.export"
_LOGS: Final = "ExportAccessLogs"
_OLD_VERSIONS: Final = Duration.days(30)  # how long an overwritten or deleted export can be called back
_UNFINISHED: Final = Duration.days(7)


def build_export(spec: Spec, draft: Draft) -> Draft:
    """The draft with the export's bucket, key and role, where the spec asks for them."""
    export = spec.protection.export
    if export is None:
        return draft
    return draft.adding(
        *key(spec, EXPORT_KEY, "export", "Snapshot exports", _PATH),
        _bucket(spec, export),
        _access_logs(spec, export),
        bucket_policy(spec, EXPORT_BUCKET, _PATH),
        bucket_policy(spec, _LOGS, _PATH, _log_delivery()),
        _role(spec),
    )


def _bucket(spec: Spec, export: Export) -> Bucket:
    ages = (
        Transition(after=Duration(export.infrequent_access_after), storage_class="STANDARD_IA"),
        Transition(after=Duration(export.glacier_after), storage_class="GLACIER"),
        Transition(after=Duration(export.deep_archive_after), storage_class="DEEP_ARCHIVE"),
    )
    return Bucket(
        key=EXPORT_BUCKET,
        encryption=BucketEncryption(algorithm="aws:kms", key_id=Ref(EXPORT_KEY), has_bucket_key=True),
        versioning="Enabled",
        public_access=PublicAccessBlock(),
        ownership="BucketOwnerEnforced",
        lifecycle=(
            LifecycleRule(
                name="exports",
                transitions=ages,
                expires_after=Duration(export.expires_after),
                noncurrent_expires_after=_OLD_VERSIONS,
                aborts_uploads_after=_UNFINISHED,
            ),
        ),
        logging=AccessLogging(bucket=Ref(_LOGS), prefix="exports/"),
        on_delete=kept_on_delete(spec),
        on_replace=kept_on_replace(spec),
        tags=tags(spec),
        origin=spec.origin_of(_PATH),
    )


def _access_logs(spec: Spec, export: Export) -> Bucket:
    return Bucket(
        key=_LOGS,
        # Access logs are delivered only into buckets with SSE-S3 (S3 User Guide, enable-server-access-logging,
        # 2026-11-20).
        encryption=BucketEncryption(algorithm="AES256"),
        versioning="Enabled",
        public_access=PublicAccessBlock(),
        ownership="BucketOwnerEnforced",
        lifecycle=(
            LifecycleRule(
                name="access-logs",
                expires_after=Duration(export.keep_access_logs),
                noncurrent_expires_after=_OLD_VERSIONS,
                aborts_uploads_after=_UNFINISHED,
            ),
        ),
        on_delete=kept_on_delete(spec),
        on_replace=kept_on_replace(spec),
        tags=tags(spec),
        origin=spec.origin_of(_PATH),
    )


def _objects(bucket: str) -> Value[str]:
    return join(Attr(bucket, "arn"), "/*")


def bucket_policy(spec: Spec, bucket: str, path: str, *statements: Statement) -> BucketPolicy:
    """The policy of a bucket that the spec asks for at that path: TLS only, and what the statements add."""
    only_tls = Statement(
        sid="OnlyTls",
        effect="Deny",
        principals=(ANYBODY,),
        actions=("s3:*",),
        resources=(Attr(bucket, "arn"), _objects(bucket)),
        conditions=(Condition("Bool", "aws:SecureTransport", ("false",)),),
    )
    return BucketPolicy(
        key=f"{bucket}Policy",
        bucket=Ref(bucket),
        policy=Policy((only_tls, *statements)),
        on_delete=kept_on_delete(spec),  # a bucket that is kept keeps refusing plain connections
        on_replace=kept_on_replace(spec),
        origin=spec.origin_of(path),
    )


def _log_delivery() -> Statement:
    return Statement(
        sid="AccessLogs",
        principals=(Principal("Service", "logging.s3.amazonaws.com"),),
        actions=("s3:PutObject",),
        resources=(_objects(_LOGS),),
        conditions=(Condition("ArnLike", "aws:SourceArn", (Attr(EXPORT_BUCKET, "arn"),)), OWN_ACCOUNT),
    )


def _role(spec: Spec) -> Role:
    """What an export needs and no more (RDS User Guide, USER_ExportSnapshot.Setup, 2026-11-20)."""
    on_bucket = Statement(
        sid="Bucket", actions=("s3:GetBucketLocation", "s3:ListBucket"), resources=(Attr(EXPORT_BUCKET, "arn"),)
    )
    on_objects = Statement(
        sid="Objects",
        actions=("s3:DeleteObject*", "s3:GetObject*", "s3:PutObject*"),
        resources=(_objects(EXPORT_BUCKET),),
    )
    on_key = Statement(
        sid="Key",
        actions=(
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
        ),
        resources=(Attr(EXPORT_KEY, "arn"),),
    )
    return Role(
        key=EXPORT_ROLE,
        description="Snapshot exports into the export bucket",
        # Without a condition, as documented: who starts an export has to be allowed to pass this role.
        trust=trust("export.rds.amazonaws.com"),
        policies=(InlinePolicy("WriteExports", Policy((on_bucket, on_objects, on_key))),),
        tags=tags(spec),
        origin=spec.origin_of(_PATH),
    )
