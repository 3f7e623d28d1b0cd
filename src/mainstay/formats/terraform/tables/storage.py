"""Buckets in Terraform: a block of its own for each side of a bucket, since version 4 of the provider."""

from __future__ import annotations

from mainstay.formats.lists import link
from mainstay.formats.scalars import boolean, days, switch, text
from mainstay.formats.table import Row, block, blocks
from mainstay.formats.terraform.blocks import Beside, Blocks, Doc, Place
from mainstay.formats.terraform.policies import policy
from mainstay.formats.terraform.tables.rows import tags
from mainstay.formats.terraform.words import Template
from mainstay.plan.resources import (
    AccessLogging,
    Bucket,
    BucketEncryption,
    BucketPolicy,
    LifecycleRule,
    ObjectLock,
    PublicAccessBlock,
    Transition,
)

_ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
_PUBLIC = "aws_s3_bucket_public_access_block"
_LOCK = "aws_s3_bucket_object_lock_configuration"
_LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
_BUCKET = {"bucket": "id"}

_RULES = blocks(
    LifecycleRule,
    Row("name", "id", text),
    Row("is_enabled", "status", switch("Enabled", "Disabled")),
    # A filter has to stand there, and an empty one means every object (provider documentation,
    # aws_s3_bucket_lifecycle_configuration, 2026-11-21).
    Row("prefix", "filter.prefix", text),
    Row(
        "transitions",
        "transition",
        blocks(Transition, Row("after", "days", days), Row("storage_class", "storage_class", text)),
    ),
    Row("expires_after", "expiration.days", days),
    Row("noncurrent_expires_after", "noncurrent_version_expiration.noncurrent_days", days),
    Row("aborts_uploads_after", "abort_incomplete_multipart_upload.days_after_initiation", days),
)


def _outward(doc: Doc, place: Place) -> None:
    for number, rule in enumerate(_rules(doc), start=1):
        rule.setdefault("filter", {})
        rule.setdefault("id", _rule_name(number))
    if isinstance(logging := doc.get("aws_s3_bucket_logging"), dict):
        logging.setdefault("target_bucket", _own(place))
        logging.setdefault("target_prefix", "")


def _inward(doc: Doc, place: Place) -> None:
    for number, rule in enumerate(_rules(doc), start=1):
        if rule.get("filter") == {}:
            del rule["filter"]
        if rule.get("id") == _rule_name(number):
            del rule["id"]
    if isinstance(logging := doc.get("aws_s3_bucket_logging"), dict):
        for name, silent in (("target_bucket", _own(place)), ("target_prefix", "")):
            if logging.get(name) == silent:
                del logging[name]


def _rule_name(number: int) -> str:
    """The name of a rule that a plan leaves to AWS; the provider wants one."""
    return f"mainstay-rule-{number}"


def _own(place: Place) -> str:
    """Where a bucket's log goes that names no other: into itself (aws-properties-s3-bucket-loggingconfiguration,
    2026-11-21).
    """
    return Template(f"${{aws_s3_bucket.{place.label}.id}}")


def _rules(doc: Doc) -> list[Doc]:
    body = doc.get(_LIFECYCLE)
    rules = body.get("rule") if isinstance(body, dict) else None
    return [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []


BUCKET = Blocks(
    "aws_s3_bucket",
    Bucket,
    (
        Row("name", "aws_s3_bucket.bucket", text),
        Row(
            "encryption",
            f"{_ENCRYPTION}.rule",
            block(
                BucketEncryption,
                Row("algorithm", "apply_server_side_encryption_by_default.sse_algorithm", text),
                Row(
                    "key_id",
                    "apply_server_side_encryption_by_default.kms_master_key_id",
                    link("arn", "id", "key_id"),
                ),
                Row("has_bucket_key", "bucket_key_enabled", boolean),
            ),
        ),
        Row("versioning", "aws_s3_bucket_versioning.versioning_configuration.status", text),
        Row(
            "public_access",
            _PUBLIC,
            block(
                PublicAccessBlock,
                Row("blocks_acls", "block_public_acls", boolean, absent=False),
                Row("ignores_acls", "ignore_public_acls", boolean, absent=False),
                Row("blocks_policies", "block_public_policy", boolean, absent=False),
                Row("restricts_buckets", "restrict_public_buckets", boolean, absent=False),
            ),
        ),
        Row("ownership", "aws_s3_bucket_ownership_controls.rule.object_ownership", text),
        Row("lifecycle", f"{_LIFECYCLE}.rule", _RULES),
        Row(
            "logging",
            "aws_s3_bucket_logging",
            block(
                AccessLogging,
                Row("bucket", "target_bucket", link("name")),
                Row("prefix", "target_prefix", text),
            ),
        ),
        Row("has_object_lock", "aws_s3_bucket.object_lock_enabled", boolean),
        Row(
            "object_lock",
            _LOCK,
            block(
                ObjectLock,
                Row("status", "object_lock_enabled", text),
                Row("mode", "rule.default_retention.mode", text),
                Row("keeps", "rule.default_retention.days", days),
            ),
        ),
        tags("aws_s3_bucket"),
    ),
    attributes={
        "domain_name": "bucket_domain_name",
        "regional_domain_name": "bucket_regional_domain_name",
        "name": "bucket",
    },
    ref_is="name",
    beside=(
        Beside(type_name=_ENCRYPTION, joins=_BUCKET),
        Beside(type_name="aws_s3_bucket_versioning", joins=_BUCKET),
        Beside(type_name=_PUBLIC, joins=_BUCKET),
        Beside(type_name="aws_s3_bucket_ownership_controls", joins=_BUCKET),
        Beside(type_name=_LIFECYCLE, joins=_BUCKET),
        Beside(type_name="aws_s3_bucket_logging", joins=_BUCKET),
        Beside(type_name=_LOCK, joins=_BUCKET),
    ),
    outward=_outward,
    inward=_inward,
)

BUCKET_POLICY = Blocks(
    "aws_s3_bucket_policy",
    BucketPolicy,
    (
        Row("bucket", "aws_s3_bucket_policy.bucket", link("name")),
        Row("policy", "aws_s3_bucket_policy.policy", policy),
    ),
)

TABLES: tuple[Blocks, ...] = (BUCKET, BUCKET_POLICY)
