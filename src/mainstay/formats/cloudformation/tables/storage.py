"""Buckets in CloudFormation."""

from mainstay.formats.cloudformation.codecs import tags
from mainstay.formats.cloudformation.policies import policy
from mainstay.formats.lists import link
from mainstay.formats.scalars import boolean, days, switch, text
from mainstay.formats.table import Row, Table, block, blocks
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

# A switch that is not written is off (CloudFormation Template Reference,
# aws-properties-s3-bucket-publicaccessblockconfiguration, checked 2026-11-20).
_PUBLIC_ACCESS = block(
    PublicAccessBlock,
    Row("blocks_acls", "BlockPublicAcls", boolean, absent=False),
    Row("ignores_acls", "IgnorePublicAcls", boolean, absent=False),
    Row("blocks_policies", "BlockPublicPolicy", boolean, absent=False),
    Row("restricts_buckets", "RestrictPublicBuckets", boolean, absent=False),
)

_LIFECYCLE_RULES = blocks(
    LifecycleRule,
    Row("name", "Id", text),
    Row("is_enabled", "Status", switch("Enabled", "Disabled")),
    Row("prefix", "Prefix", text),
    Row(
        "transitions",
        "Transitions",
        blocks(Transition, Row("after", "TransitionInDays", days), Row("storage_class", "StorageClass", text)),
    ),
    Row("expires_after", "ExpirationInDays", days),
    Row("noncurrent_expires_after", "NoncurrentVersionExpiration.NoncurrentDays", days),
    Row("aborts_uploads_after", "AbortIncompleteMultipartUpload.DaysAfterInitiation", days),
)

BUCKET = Table(
    "AWS::S3::Bucket",
    Bucket,
    (
        Row("name", "BucketName", text),
        Row(
            "encryption",
            "BucketEncryption.ServerSideEncryptionConfiguration.0",
            block(
                BucketEncryption,
                Row("algorithm", "ServerSideEncryptionByDefault.SSEAlgorithm", text),
                Row("key_id", "ServerSideEncryptionByDefault.KMSMasterKeyID", link("arn", "id", "key_id")),
                Row("has_bucket_key", "BucketKeyEnabled", boolean),
            ),
        ),
        Row("versioning", "VersioningConfiguration.Status", text),
        Row("public_access", "PublicAccessBlockConfiguration", _PUBLIC_ACCESS),
        Row("ownership", "OwnershipControls.Rules.0.ObjectOwnership", text),
        Row("lifecycle", "LifecycleConfiguration.Rules", _LIFECYCLE_RULES),
        Row(
            "logging",
            "LoggingConfiguration",
            block(
                AccessLogging,
                Row("bucket", "DestinationBucketName", link("name")),
                Row("prefix", "LogFilePrefix", text),
            ),
        ),
        Row("has_object_lock", "ObjectLockEnabled", boolean),
        Row(
            "object_lock",
            "ObjectLockConfiguration",
            block(
                ObjectLock,
                Row("status", "ObjectLockEnabled", text),
                Row("mode", "Rule.DefaultRetention.Mode", text),
                Row("keeps", "Rule.DefaultRetention.Days", days),
            ),
        ),
        Row("tags", "Tags", tags),
    ),
    attributes={"arn": "Arn", "domain_name": "DomainName", "regional_domain_name": "RegionalDomainName"},
    ref_is="name",
)

BUCKET_POLICY = Table(
    "AWS::S3::BucketPolicy",
    BucketPolicy,
    (Row("bucket", "Bucket", link("name")), Row("policy", "PolicyDocument", policy)),
)

TABLES = (BUCKET, BUCKET_POLICY)
