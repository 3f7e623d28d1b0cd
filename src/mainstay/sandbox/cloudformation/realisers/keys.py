"""Keys, secrets and roles made real through KMS, Secrets Manager and IAM."""

from __future__ import annotations

import json
from typing import Any, Final

from mainstay.plan.resources import (
    GeneratedSecret,
    InstanceProfile,
    Key,
    KeyAlias,
    Resource,
    Role,
    Secret,
    SecretAttachment,
)
from mainstay.sandbox.cloudformation.realisers.making import (
    Attributes,
    Made,
    Making,
    Realiser,
    days,
    document,
    flag,
    number,
    seconds,
    text,
)
from mainstay.sandbox.cloudformation.resolve import Physical
from mainstay.sandbox.services.generated_secrets import generated_value


def _create_key(making: Making, key: Key) -> Made:
    tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in making.tags(key.tags)]
    made = making.call(
        "kms",
        "CreateKey",
        Policy=json.dumps(document(key.policy)),
        Description=key.description,
        KeySpec=text(key.spec),
        KeyUsage=text(key.usage),
        Tags=tags,
    )["KeyMetadata"]
    _set_switches(making, key, made["KeyId"])
    attributes = {"arn": made["Arn"], "key_id": made["KeyId"], "_window": days(key.pending_window) or 30}
    return Made(made["KeyId"], attributes)


def _set_switches(making: Making, key: Key, identifier: str) -> None:
    # A disabled key takes no rotation, so it is enabled first and disabled last.
    making.call("kms", "EnableKey", KeyId=identifier)
    if text(key.spec) in (None, "SYMMETRIC_DEFAULT"):  # no other key can rotate, not even be told not to
        rotation = "EnableKeyRotation" if flag(key.rotates) else "DisableKeyRotation"
        making.call("kms", rotation, KeyId=identifier)
    if flag(key.is_enabled) is False:
        making.call("kms", "DisableKey", KeyId=identifier)


def _update_key(making: Making, key: Key, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    identifier = str(physical)
    making.call("kms", "PutKeyPolicy", KeyId=identifier, Policy=json.dumps(document(key.policy)))
    making.call("kms", "UpdateKeyDescription", KeyId=identifier, Description=key.description or "")
    _set_switches(making, key, identifier)
    if "Tags" in changed:
        old = making.call("kms", "ListResourceTags", KeyId=identifier)["Tags"]
        making.call("kms", "UntagResource", KeyId=identifier, TagKeys=[tag["TagKey"] for tag in old])
        tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in making.tags(key.tags)]
        making.call("kms", "TagResource", KeyId=identifier, Tags=tags)
    return {**physical.attributes, "_window": days(key.pending_window) or 30}


def _delete_key(making: Making, physical: Physical) -> None:
    window = physical.attributes["_window"]
    making.call("kms", "ScheduleKeyDeletion", KeyId=str(physical), PendingWindowInDays=window)


def _create_alias(making: Making, alias: KeyAlias) -> Made:
    making.call("kms", "CreateAlias", AliasName=alias.name, TargetKeyId=text(alias.target))
    return Made(str(alias.name))


def _update_alias(making: Making, alias: KeyAlias, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    del changed
    making.call("kms", "UpdateAlias", AliasName=str(physical), TargetKeyId=text(alias.target))
    return None


def _delete_alias(making: Making, physical: Physical) -> None:
    making.call("kms", "DeleteAlias", AliasName=str(physical))


def _create_secret(making: Making, secret: Secret) -> Made:
    made = making.call(
        "secretsmanager",
        "CreateSecret",
        Name=making.name(secret.name),
        Description=secret.description,
        KmsKeyId=text(secret.key_id),
        SecretString=_generated(secret.generate),
        Tags=making.tags(secret.tags),
    )
    return Made(made["ARN"], {"arn": made["ARN"], "name": made["Name"]})


def _generated(wish: GeneratedSecret | None) -> str | None:
    if wish is None:
        return None
    params = {
        "PasswordLength": number(wish.length),
        "ExcludeCharacters": wish.excluded_characters,
        "ExcludePunctuation": flag(wish.excludes_punctuation),
        "RequireEachIncludedType": flag(wish.requires_each_kind),
    }
    given = {name: value for name, value in params.items() if value is not None}
    return generated_value(text(wish.template), text(wish.key), given)


def _update_secret(making: Making, secret: Secret, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    """Change the wish for a value, and a new value is made: CloudFormation guide, GenerateSecretString, 2026-11-21."""
    value = _generated(secret.generate) if "GenerateSecretString" in changed else None
    making.call(
        "secretsmanager",
        "UpdateSecret",
        SecretId=str(physical),
        Description=secret.description,
        KmsKeyId=text(secret.key_id),
        SecretString=value,
    )
    if "Tags" in changed:
        old = making.call("secretsmanager", "DescribeSecret", SecretId=str(physical))["Tags"]
        keys = [tag["Key"] for tag in old]
        making.call("secretsmanager", "UntagResource", SecretId=str(physical), TagKeys=keys)
        making.call("secretsmanager", "TagResource", SecretId=str(physical), Tags=making.tags(secret.tags))
    return None


def _delete_secret(making: Making, physical: Physical) -> None:
    """CloudFormation leaves no recovery window: user guide, aws-resource-secretsmanager-secret, 2026-11-20."""
    making.call("secretsmanager", "DeleteSecret", SecretId=str(physical), ForceDeleteWithoutRecovery=True)


_ATTACHED: Final = ("engine", "host", "port", "dbname", "dbInstanceIdentifier")


def _attach(making: Making, attachment: SecretAttachment) -> Made:
    secret = str(attachment.secret)
    described = making.call("rds", "DescribeDBInstances", DBInstanceIdentifier=text(attachment.target))
    instance = described["DBInstances"][0]
    known = {
        "engine": instance["Engine"],
        "host": instance["Endpoint"]["Address"],
        "port": instance["Endpoint"]["Port"],
        "dbname": instance.get("DBName"),
        "dbInstanceIdentifier": instance["DBInstanceIdentifier"],
    }
    _rewrite(making, secret, {name: value for name, value in known.items() if value is not None})
    return Made(secret, {"arn": secret})


def _detach(making: Making, physical: Physical) -> None:
    _rewrite(making, str(physical), {})


def _rewrite(making: Making, secret: str, known: dict[str, Any]) -> None:  # Any: JSON values
    """The secret's JSON with these connection facts and no others."""
    held = json.loads(making.call("secretsmanager", "GetSecretValue", SecretId=secret)["SecretString"])
    kept = {name: value for name, value in held.items() if name not in _ATTACHED}
    making.call("secretsmanager", "PutSecretValue", SecretId=secret, SecretString=json.dumps(kept | known))


def _create_role(making: Making, role: Role) -> Made:
    name = making.name(role.name, most=64)
    made = making.call(
        "iam",
        "CreateRole",
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps(document(role.trust)),
        Description=role.description,
        MaxSessionDuration=seconds(role.max_session),
        PermissionsBoundary=role.permissions_boundary,
        Tags=making.tags(role.tags),
    )["Role"]
    _set_policies(making, role, name)
    return Made(name, {"arn": made["Arn"], "resource_id": made["RoleId"]})


def _set_policies(making: Making, role: Role, name: str) -> None:
    _clear(making, name)
    for arn in role.managed_policies:
        making.call("iam", "AttachRolePolicy", RoleName=name, PolicyArn=arn)
    for policy in role.policies:
        text_ = json.dumps(document(policy.document))
        making.call("iam", "PutRolePolicy", RoleName=name, PolicyName=policy.name, PolicyDocument=text_)


def _clear(making: Making, name: str) -> None:
    for policy in making.call("iam", "ListAttachedRolePolicies", RoleName=name)["AttachedPolicies"]:
        making.call("iam", "DetachRolePolicy", RoleName=name, PolicyArn=policy["PolicyArn"])
    for inline in making.call("iam", "ListRolePolicies", RoleName=name)["PolicyNames"]:
        making.call("iam", "DeleteRolePolicy", RoleName=name, PolicyName=inline)


def _update_role(making: Making, role: Role, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    name = str(physical)
    trust = json.dumps(document(role.trust))
    making.call("iam", "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=trust)
    duration = seconds(role.max_session)
    making.call("iam", "UpdateRole", RoleName=name, Description=role.description, MaxSessionDuration=duration)
    _set_policies(making, role, name)
    if "Tags" in changed:
        old = making.call("iam", "GetRole", RoleName=name)["Role"]["Tags"]
        making.call("iam", "UntagRole", RoleName=name, TagKeys=[tag["Key"] for tag in old])
        making.call("iam", "TagRole", RoleName=name, Tags=making.tags(role.tags))
    return None


def _delete_role(making: Making, physical: Physical) -> None:
    _clear(making, str(physical))
    making.call("iam", "DeleteRole", RoleName=str(physical))


def _create_profile(making: Making, profile: InstanceProfile) -> Made:
    name = making.name(profile.name, most=128)
    made = making.call("iam", "CreateInstanceProfile", InstanceProfileName=name)["InstanceProfile"]
    for role in profile.roles:
        making.call("iam", "AddRoleToInstanceProfile", InstanceProfileName=name, RoleName=str(role))
    return Made(name, {"arn": made["Arn"]})


def _update_profile(
    making: Making, profile: InstanceProfile, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    del changed
    _empty(making, str(physical))
    for role in profile.roles:
        making.call("iam", "AddRoleToInstanceProfile", InstanceProfileName=str(physical), RoleName=str(role))
    return None


def _empty(making: Making, name: str) -> None:
    for role in making.call("iam", "GetInstanceProfile", InstanceProfileName=name)["InstanceProfile"]["Roles"]:
        making.call("iam", "RemoveRoleFromInstanceProfile", InstanceProfileName=name, RoleName=role["RoleName"])


def _delete_profile(making: Making, physical: Physical) -> None:
    _empty(making, str(physical))
    making.call("iam", "DeleteInstanceProfile", InstanceProfileName=str(physical))


REALISERS: Final[dict[type[Resource], Realiser[Any]]] = {
    Key: Realiser(create=_create_key, update=_update_key, delete=_delete_key),
    KeyAlias: Realiser(create=_create_alias, update=_update_alias, delete=_delete_alias),
    Secret: Realiser(create=_create_secret, update=_update_secret, delete=_delete_secret),
    SecretAttachment: Realiser(create=_attach, delete=_detach),
    Role: Realiser(create=_create_role, update=_update_role, delete=_delete_role),
    InstanceProfile: Realiser(
        create=_create_profile,
        update=_update_profile,
        delete=_delete_profile,
    ),
}
