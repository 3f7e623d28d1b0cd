"""Secrets Manager: secrets with versions and stages. A value lives in the state file and nowhere else."""

from __future__ import annotations

import re
import secrets
import string
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services import keys
from mainstay.sandbox.services.generated_secrets import random_password
from mainstay.sandbox.services.handler import (
    Answer,
    Params,
    Table,
    merged_tags,
    page,
    refuse_if,
    with_token,
    without_tags,
)
from mainstay.sandbox.state import Record, Transaction

KIND: Final = "secrets:secret"
ROTATION: Final = "secrets:rotation"
CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"
INVALID_PARAMETER, INVALID_REQUEST = "InvalidParameterException", "InvalidRequestException"


def create_secret(tx: Transaction, params: Params) -> Answer:
    """A new secret, with its first version when a value is given."""
    name = params["Name"]
    refuse_if(
        not re.fullmatch(r"[a-zA-Z0-9/_+=.@!-]{1,512}", name),
        "ValidationException",
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    )
    existing = tx.get(KIND, name)
    if existing:
        refuse_if(
            "DeletedDate" in existing,
            INVALID_REQUEST,
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        )
        raise ServiceError("ResourceExistsException", f"The operation failed because the secret {name} already exists.")
    if "KmsKeyId" in params:
        _check_key(tx, params["KmsKeyId"])
    secret: Record = {
        "Name": name,
        "ARN": tx.arn("secretsmanager", f"secret:{name}-{_suffix()}"),
        "CreatedDate": render_time(tx.now),
        "LastChangedDate": render_time(tx.now),
        "Tags": merged_tags([], params.get("Tags", [])),
        "_versions": {},
    }
    secret |= {member: params[member] for member in ("Description", "KmsKeyId") if member in params}
    answer = {"ARN": secret["ARN"], "Name": name}
    if _value(params):
        answer["VersionId"] = _add_version(tx, secret, params, [CURRENT])
    tx.put(KIND, name, secret)
    return answer


def give_to_service(tx: Transaction, name: str, service: str, *, days: int) -> None:
    """Make a secret one that a service owns and rotates: nobody else changes or deletes it."""
    secret = find_secret(tx, name)
    owned = {"OwningService": service, "RotationEnabled": True, "RotationRules": {"AutomaticallyAfterDays": days}}
    tx.put(KIND, secret["Name"], {**secret, **owned})


def remove(tx: Transaction, name: str) -> None:
    """Take a secret away at once, also one that a service owns: for that service."""
    tx.delete(KIND, find_secret(tx, name)["Name"])


def _refuse_owned(secret: Record) -> None:
    # Secrets Manager User Guide, service-linked-secrets (checked 2026-11-21); the wording is ours.
    owner = secret.get("OwningService")
    message = f"You can't perform this operation on the secret because it is managed by {owner}."
    refuse_if(owner, INVALID_REQUEST, message)


def put_secret_value(tx: Transaction, params: Params) -> Answer:
    """A new version; it becomes the current one unless other stages are given."""
    secret = living(tx, params["SecretId"])
    _refuse_owned(secret)
    refuse_if(not _value(params), INVALID_REQUEST, "You must provide either SecretString or SecretBinary.")
    stages = params.get("VersionStages") or [CURRENT]
    version = _add_version(tx, secret, params, stages)
    tx.put(KIND, secret["Name"], secret)
    return {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": version, "VersionStages": stages}


def update_secret(tx: Transaction, params: Params) -> Answer:
    """Another description, key or current value."""
    secret = living(tx, params["SecretId"])
    if "KmsKeyId" in params:
        _check_key(tx, params["KmsKeyId"])
    secret |= {member: params[member] for member in ("Description", "KmsKeyId") if member in params}
    secret["LastChangedDate"] = render_time(tx.now)
    answer = {"ARN": secret["ARN"], "Name": secret["Name"]}
    if _value(params):
        answer["VersionId"] = _add_version(tx, secret, params, [CURRENT])
    tx.put(KIND, secret["Name"], secret)
    return answer


def get_secret_value(tx: Transaction, params: Params) -> Answer:
    """The value of a version, by id, by stage, or the current one; refused while its key cannot be used."""
    secret = living(tx, params["SecretId"])
    stage = params.get("VersionStage") or (None if "VersionId" in params else CURRENT)
    for identifier, version in secret["_versions"].items():
        has_stage = stage is None or stage in version["stages"]
        if has_stage and version["value"] and params.get("VersionId", identifier) == identifier:
            _check_decryptable(tx, secret)
            return {
                "ARN": secret["ARN"],
                "Name": secret["Name"],
                "VersionId": identifier,
                "VersionStages": version["stages"],
                "CreatedDate": version["created"],
                **version["value"],
            }
    what = f"staging label: {stage}" if stage else f"VersionId: {params['VersionId']}"
    raise ServiceError("ResourceNotFoundException", f"Secrets Manager can't find the specified secret value for {what}")


def describe_secret(tx: Transaction, params: Params) -> Answer:
    """Everything about a secret but its value; also of one that waits for its deletion."""
    return _described(find_secret(tx, params["SecretId"]))


def list_secrets(tx: Transaction, params: Params) -> Answer:
    """The secrets of the region, without those that wait for their deletion unless asked."""
    wanted = [secret for secret in tx.all(KIND) if params.get("IncludePlannedDeletion") or "DeletedDate" not in secret]
    for rule in params.get("Filters", []):
        wanted = [secret for secret in wanted if _matches(secret, rule)]
    shown, token = page(wanted, params.get("NextToken"), params.get("MaxResults", 100))
    entries = []
    for secret in shown:
        entry = _described(secret)
        entry["SecretVersionsToStages"] = entry.pop("VersionIdsToStages")
        entries.append(entry)
    return with_token({"SecretList": entries}, token)


def delete_secret(tx: Transaction, params: Params) -> Answer:
    """Delete after 7 to 30 days (30 unless said), or at once when forced."""
    secret = find_secret(tx, params["SecretId"])
    _refuse_owned(secret)
    is_forced = params.get("ForceDeleteWithoutRecovery", False)
    days = params.get("RecoveryWindowInDays")
    refuse_if(
        is_forced and days is not None,
        INVALID_PARAMETER,
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    )
    refuse_if(
        days is not None and not 7 <= days <= 30,
        INVALID_PARAMETER,
        "RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
    )
    if is_forced:
        tx.delete(KIND, secret["Name"])
        tx.delete(ROTATION, secret["Name"])
        return {"ARN": secret["ARN"], "Name": secret["Name"], "DeletionDate": render_time(tx.now)}
    _refuse_deleted(secret)
    secret["DeletedDate"] = render_time(tx.now + timedelta(days=days or 30))
    tx.put(KIND, secret["Name"], secret)
    return {"ARN": secret["ARN"], "Name": secret["Name"], "DeletionDate": secret["DeletedDate"]}


def restore_secret(tx: Transaction, params: Params) -> Answer:
    """Keep a secret that waits for its deletion."""
    secret = find_secret(tx, params["SecretId"])
    secret.pop("DeletedDate", None)
    tx.put(KIND, secret["Name"], secret)
    return {"ARN": secret["ARN"], "Name": secret["Name"]}


def update_secret_version_stage(tx: Transaction, params: Params) -> Answer:
    """Move a stage from one version to another; the previous current one becomes AWSPREVIOUS."""
    secret = living(tx, params["SecretId"])
    stage, versions = params["VersionStage"], secret["_versions"]
    target, source = params.get("MoveToVersionId"), params.get("RemoveFromVersionId")
    for identifier in filter(None, (target, source)):
        refuse_if(identifier not in versions, "ResourceNotFoundException", f"Can't find the version {identifier}.")
    holder = next((key for key, version in versions.items() if stage in version["stages"]), None)
    refuse_if(
        holder and holder not in (source, target),
        INVALID_PARAMETER,
        f"The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently attached to "
        f"version {holder}, so you must explicitly reference that version in RemoveFromVersionId.",
    )
    if target:
        give_stage(versions, target, stage)
    elif source:
        versions[source]["stages"] = [label for label in versions[source]["stages"] if label != stage]
    tx.put(KIND, secret["Name"], secret)
    return {"ARN": secret["ARN"], "Name": secret["Name"]}


def list_secret_version_ids(tx: Transaction, params: Params) -> Answer:
    """The versions of a secret with their stages; those without one only when asked."""
    secret = find_secret(tx, params["SecretId"])
    versions = [
        {"VersionId": key, "VersionStages": version["stages"], "CreatedDate": version["created"]}
        for key, version in secret["_versions"].items()
        if version["stages"] or params.get("IncludeDeprecated")
    ]
    return {"Versions": versions, "ARN": secret["ARN"], "Name": secret["Name"]}


def tag_resource(tx: Transaction, params: Params) -> Answer:
    """Set tags of a secret."""
    secret = living(tx, params["SecretId"])
    tx.put(KIND, secret["Name"], {**secret, "Tags": merged_tags(secret["Tags"], params["Tags"])})
    return {}


def untag_resource(tx: Transaction, params: Params) -> Answer:
    """Take tags off a secret."""
    secret = living(tx, params["SecretId"])
    tx.put(KIND, secret["Name"], {**secret, "Tags": without_tags(secret["Tags"], params["TagKeys"])})
    return {}


def get_random_password(tx: Transaction, params: Params) -> Answer:
    """A password that nobody chose."""
    del tx
    return {"RandomPassword": random_password(params)}


def _add_version(tx: Transaction, secret: Record, params: Params, stages: list[str]) -> str:
    identifier = params.get("ClientRequestToken") or str(uuid.uuid4())
    versions: dict[str, Any] = secret["_versions"]
    value = _value(params)
    known = versions.get(identifier)
    refuse_if(
        known and known["value"] not in ({}, value),
        "ResourceExistsException",
        f"You can't use ClientRequestToken {identifier} because that value is already in use for a version of "
        f"secret {secret['ARN']}.",
    )
    # A rotation begins with a version that has no value yet.
    if not known or not known["value"]:
        stages_kept = known["stages"] if known else []
        versions[identifier] = {"value": value, "stages": stages_kept, "created": render_time(tx.now)}
    for stage in stages:
        give_stage(versions, identifier, stage)
    secret["LastChangedDate"] = render_time(tx.now)
    return str(identifier)


def give_stage(versions: dict[str, Any], target: str, stage: str) -> None:
    """Move a stage to `target`; when it is the current one, its old holder becomes the previous one."""
    holder = next((key for key, version in versions.items() if stage in version["stages"]), None)
    if holder == target:
        return
    if stage == CURRENT and holder:
        for version in versions.values():
            version["stages"] = [label for label in version["stages"] if label != PREVIOUS]
        versions[holder]["stages"].append(PREVIOUS)
    if holder:
        versions[holder]["stages"].remove(stage)
    versions[target]["stages"].append(stage)


def _value(params: Params) -> dict[str, str]:
    refuse_if(
        "SecretBinary" in params,
        INVALID_PARAMETER,
        "The sandbox keeps secret strings only; give SecretString instead of SecretBinary.",
    )
    return {"SecretString": params["SecretString"]} if "SecretString" in params else {}


def find_secret(tx: Transaction, name: str) -> Record:
    """A secret by name, by ARN, or by an ARN without its random suffix."""
    known = tx.get(KIND, name)
    if known is None and name.startswith("arn:"):
        tail = name.split(":secret:", 1)[-1]
        candidates = [tx.get(KIND, tail), tx.get(KIND, tail[:-7])]
        known = next((secret for secret in candidates if secret and secret["ARN"].startswith(name)), None)
    if known is None:
        raise ServiceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
    return known


def living(tx: Transaction, name: str) -> Record:
    """A secret that does not wait for its deletion."""
    secret = find_secret(tx, name)
    _refuse_deleted(secret)
    return secret


def _refuse_deleted(secret: Record) -> None:
    refuse_if(
        "DeletedDate" in secret,
        INVALID_REQUEST,
        "You can't perform this operation on the secret because it was marked for deletion.",
    )


def _described(secret: Record) -> Answer:
    answer = {name: value for name, value in secret.items() if not name.startswith("_")}
    staged = {key: version["stages"] for key, version in secret["_versions"].items() if version["stages"]}
    return {**answer, "VersionIdsToStages": staged}


def _matches(secret: Record, rule: Mapping[str, Any]) -> bool:
    tags: list[dict[str, str]] = secret["Tags"]
    fields = {
        "name": [secret["Name"]],
        "description": [secret.get("Description", "")],
        "tag-key": [tag["Key"] for tag in tags],
        "tag-value": [tag["Value"] for tag in tags],
    }
    held = fields.get(rule.get("Key", "all"), [value for values in fields.values() for value in values])
    return any(value.startswith(wanted) for wanted in rule.get("Values", []) for value in held)


def _check_key(tx: Transaction, name: str) -> None:
    other = re.search(r"alias/aws/(?!secretsmanager$)", name)
    refuse_if(other, INVALID_PARAMETER, f"You can't use {name}, an AWS managed key of another service.")
    key = keys.find(tx, name)
    usable = key is not None and key["KeyState"] == "Enabled"
    refuse_if(not usable, "EncryptionFailure", f"The key {name} is not enabled or does not exist in this region.")


def _check_decryptable(tx: Transaction, secret: Record) -> None:
    if "KmsKeyId" in secret:
        key = keys.find(tx, secret["KmsKeyId"])
        is_usable = key is not None and key["KeyState"] == "Enabled"
        state = key["KeyState"] if key else "gone"
        message = f"Secrets Manager can't decrypt the protected secret text using the provided KMS key ({state})."
        refuse_if(not is_usable, "DecryptionFailure", message)


def _suffix() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(6))


HANDLERS: Final[Table] = {
    "CreateSecret": create_secret,
    "PutSecretValue": put_secret_value,
    "UpdateSecret": update_secret,
    "GetSecretValue": get_secret_value,
    "DescribeSecret": describe_secret,
    "ListSecrets": list_secrets,
    "DeleteSecret": delete_secret,
    "RestoreSecret": restore_secret,
    "UpdateSecretVersionStage": update_secret_version_stage,
    "ListSecretVersionIds": list_secret_version_ids,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "GetRandomPassword": get_random_password,
}
