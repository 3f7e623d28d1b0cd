"""Keys, secrets and roles in CloudFormation."""

from mainstay.formats.cloudformation.codecs import tags
from mainstay.formats.cloudformation.policies import policy
from mainstay.formats.lists import link, links, texts
from mainstay.formats.scalars import boolean, days, hours_text, integer, schedule, seconds, text
from mainstay.formats.table import Row, Table, block, blocks
from mainstay.plan.policies import InlinePolicy
from mainstay.plan.resources import (
    GeneratedSecret,
    InstanceProfile,
    Key,
    KeyAlias,
    Role,
    RotationSchedule,
    Secret,
    SecretAttachment,
)

_TAGS = Row("tags", "Tags", tags)

KEY = Table(
    "AWS::KMS::Key",
    Key,
    (
        Row("description", "Description", text),
        Row("spec", "KeySpec", text),
        Row("usage", "KeyUsage", text),
        Row("is_enabled", "Enabled", boolean),
        Row("rotates", "EnableKeyRotation", boolean),
        Row("pending_window", "PendingWindowInDays", days),
        Row("policy", "KeyPolicy", policy),
        _TAGS,
    ),
    attributes={"arn": "Arn", "key_id": "KeyId"},
)

KEY_ALIAS = Table(
    "AWS::KMS::Alias",
    KeyAlias,
    (Row("name", "AliasName", text), Row("target", "TargetKeyId", link("id", "arn", "key_id"))),
    ref_is="name",
)

SECRET = Table(
    "AWS::SecretsManager::Secret",
    Secret,
    (
        Row("name", "Name", text),
        Row("description", "Description", text),
        Row("key_id", "KmsKeyId", link("arn", "id", "key_id")),
        Row(
            "generate",
            "GenerateSecretString",
            block(
                GeneratedSecret,
                Row("template", "SecretStringTemplate", text),
                Row("key", "GenerateStringKey", text),
                Row("length", "PasswordLength", integer),
                Row("excluded_characters", "ExcludeCharacters", text),
                Row("excludes_punctuation", "ExcludePunctuation", boolean),
                Row("requires_each_kind", "RequireEachIncludedType", boolean),
            ),
        ),
        _TAGS,
    ),
    attributes={"arn": "Id"},
    ref_is="arn",
)

SECRET_ATTACHMENT = Table(
    "AWS::SecretsManager::SecretTargetAttachment",
    SecretAttachment,
    (
        Row("secret", "SecretId", link("arn")),
        Row("target", "TargetId", link("id")),
        Row("target_type", "TargetType", text),
    ),
    attributes={"arn": "Id"},
    ref_is="arn",
)

# Ref is the secret's ARN, as that of an attachment (CloudFormation Template Reference,
# aws-resource-secretsmanager-rotationschedule, return values, checked 2026-11-21).
ROTATION_SCHEDULE = Table(
    "AWS::SecretsManager::RotationSchedule",
    RotationSchedule,
    (
        Row("secret", "SecretId", link("arn")),
        Row("function", "RotationLambdaARN", link("arn")),
        Row("every", "RotationRules.AutomaticallyAfterDays", days),
        Row("schedule", "RotationRules.ScheduleExpression", schedule),
        Row("window", "RotationRules.Duration", hours_text),
        Row("rotates_at_once", "RotateImmediatelyOnUpdate", boolean),
    ),
    attributes={"arn": "Id"},
    ref_is="arn",
)

ROLE = Table(
    "AWS::IAM::Role",
    Role,
    (
        Row("name", "RoleName", text),
        Row("description", "Description", text),
        Row("trust", "AssumeRolePolicyDocument", policy),
        Row("managed_policies", "ManagedPolicyArns", texts),
        Row(
            "policies",
            "Policies",
            blocks(InlinePolicy, Row("name", "PolicyName", text), Row("document", "PolicyDocument", policy)),
        ),
        Row("permissions_boundary", "PermissionsBoundary", text),
        Row("max_session", "MaxSessionDuration", seconds),
        _TAGS,
    ),
    attributes={"arn": "Arn", "resource_id": "RoleId"},
    ref_is="name",
)

INSTANCE_PROFILE = Table(
    "AWS::IAM::InstanceProfile",
    InstanceProfile,
    (Row("name", "InstanceProfileName", text), Row("roles", "Roles", links("name"))),
    attributes={"arn": "Arn"},
    ref_is="name",
)

TABLES = (KEY, KEY_ALIAS, SECRET, SECRET_ATTACHMENT, ROTATION_SCHEDULE, ROLE, INSTANCE_PROFILE)
