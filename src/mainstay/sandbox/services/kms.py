"""KMS: customer keys, aliases, policies, rotation, and deletion with its waiting period."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Final

from mainstay import facts
from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services import keys, signing_keys
from mainstay.sandbox.services.handler import (
    Answer,
    Params,
    Table,
    as_list,
    page,
    policy_document,
    public,
    refuse_if,
    statements,
)
from mainstay.sandbox.state import Record, Transaction

INVALID_STATE: Final = "KMSInvalidStateException"


def create_key(tx: Transaction, params: Params) -> Answer:
    """A new key, enabled at once: a symmetric one, or one that signs."""
    policy = params.get("Policy") or _default_policy(tx)
    _check_policy(tx, policy, bypasses=params.get("BypassPolicyLockoutSafetyCheck", False))
    key = keys.new(tx, policy=policy, description=params.get("Description", ""))
    key["_tags"] = params.get("Tags", [])
    key["MultiRegion"] = params.get("MultiRegion", False)
    key |= signing_keys.material(params.get("KeySpec", "SYMMETRIC_DEFAULT"), params.get("KeyUsage"))
    tx.put(keys.KEY, key["KeyId"], key)
    return {"KeyMetadata": public(key)}


def describe_key(tx: Transaction, params: Params) -> Answer:
    """What a key is, by id, ARN or alias."""
    return {"KeyMetadata": public(keys.require(tx, params["KeyId"]))}


def list_keys(tx: Transaction, params: Params) -> Answer:
    """All keys of the region."""
    found, marker = page(tx.all(keys.KEY), params.get("Marker"), params.get("Limit", 100))
    answer = {"Keys": [{"KeyId": key["KeyId"], "KeyArn": key["Arn"]} for key in found], "Truncated": bool(marker)}
    return {**answer, "NextMarker": marker} if marker else answer


def enable_key(tx: Transaction, params: Params) -> Answer:
    """Make a disabled key usable again."""
    return _set_enabled(tx, params, is_enabled=True)


def disable_key(tx: Transaction, params: Params) -> Answer:
    """Stop all use of a key: what is encrypted with it cannot be read until it is enabled."""
    return _set_enabled(tx, params, is_enabled=False)


def schedule_key_deletion(tx: Transaction, params: Params) -> Answer:
    """Delete after a waiting period, the longest unless said (KMS API, ScheduleKeyDeletion, checked 2026-11-20)."""
    key = _in_any_state_but_deletion(tx, params["KeyId"])
    least, most = facts.limit("kms", "least_pending_days"), facts.limit("kms", "most_pending_days")
    days = params.get("PendingWindowInDays", most)
    refuse_if(
        not least <= days <= most,
        "ValidationException",
        f"PendingWindowInDays must be from {least} to {most}, not {days}.",
    )
    gone = render_time(tx.now + timedelta(days=days))
    key |= {"KeyState": "PendingDeletion", "Enabled": False, "DeletionDate": gone}
    tx.put(keys.KEY, key["KeyId"], key)
    return {"KeyId": key["Arn"], "DeletionDate": gone, "KeyState": "PendingDeletion", "PendingWindowInDays": days}


def cancel_key_deletion(tx: Transaction, params: Params) -> Answer:
    """Keep a key that waits for its deletion; it comes back disabled."""
    key = keys.require(tx, params["KeyId"])
    refuse_if(key["KeyState"] != "PendingDeletion", INVALID_STATE, f"{key['Arn']} is not pending deletion.")
    key |= {"KeyState": "Disabled"}
    del key["DeletionDate"]
    tx.put(keys.KEY, key["KeyId"], key)
    return {"KeyId": key["Arn"]}


def update_key_description(tx: Transaction, params: Params) -> Answer:
    """Another description."""
    key = _in_any_state_but_deletion(tx, params["KeyId"])
    tx.put(keys.KEY, key["KeyId"], {**key, "Description": params["Description"]})
    return {}


def put_key_policy(tx: Transaction, params: Params) -> Answer:
    """Replace the key's policy; a policy that locks everybody out is refused."""
    key = _in_any_state_but_deletion(tx, params["KeyId"])
    _check_policy(tx, params["Policy"], bypasses=params.get("BypassPolicyLockoutSafetyCheck", False))
    tx.put(keys.KEY, key["KeyId"], {**key, "_policy": params["Policy"]})
    return {}


def get_key_policy(tx: Transaction, params: Params) -> Answer:
    """The key's policy; it is always called `default`."""
    return {"Policy": keys.require(tx, params["KeyId"])["_policy"], "PolicyName": "default"}


def enable_key_rotation(tx: Transaction, params: Params) -> Answer:
    """Rotate every so many days, a year unless said (KMS API, EnableKeyRotation, checked 2026-11-20)."""
    days = params.get("RotationPeriodInDays", 365)
    least, most = facts.limit("kms", "least_rotation_days"), facts.limit("kms", "most_rotation_days")
    refuse_if(
        not least <= days <= most, "ValidationException", f"RotationPeriodInDays must be {least} to {most}, not {days}."
    )
    return _set_rotation(tx, params, rotates=True, days=days)


def disable_key_rotation(tx: Transaction, params: Params) -> Answer:
    """Rotate no more."""
    return _set_rotation(tx, params, rotates=False, days=365)


def get_key_rotation_status(tx: Transaction, params: Params) -> Answer:
    """Whether, and how often, a key rotates."""
    key = keys.require(tx, params["KeyId"])
    status = {"KeyRotationEnabled": key["_rotates"], "KeyId": key["KeyId"]}
    return {**status, "RotationPeriodInDays": key["_rotation_days"]} if key["_rotates"] else status


def create_alias(tx: Transaction, params: Params) -> Answer:
    """A name for a key, unique in the region; `alias/aws/` is reserved."""
    name = params["AliasName"]
    is_name = re.fullmatch(r"alias/[a-zA-Z0-9/_-]{1,250}", name)
    refuse_if(not is_name, "InvalidAliasNameException", f"'{name}' is not a name of the form alias/...")
    refuse_if(name.startswith("alias/aws/"), "NotAuthorizedException", f"{name} is reserved for AWS")
    arn = tx.arn("kms", name)
    refuse_if(tx.get(keys.ALIAS, name), "AlreadyExistsException", f"An alias with the name {arn} already exists")
    key = _in_any_state_but_deletion(tx, params["TargetKeyId"])
    tx.put(
        keys.ALIAS,
        name,
        {"AliasName": name, "AliasArn": arn, "TargetKeyId": key["KeyId"], "CreationDate": render_time(tx.now)},
    )
    return {}


def update_alias(tx: Transaction, params: Params) -> Answer:
    """Point an alias at another key."""
    alias = _alias(tx, params["AliasName"])
    key = _in_any_state_but_deletion(tx, params["TargetKeyId"])
    tx.put(keys.ALIAS, alias["AliasName"], {**alias, "TargetKeyId": key["KeyId"]})
    return {}


def delete_alias(tx: Transaction, params: Params) -> Answer:
    """Forget a name; the key stays."""
    tx.delete(keys.ALIAS, _alias(tx, params["AliasName"])["AliasName"])
    return {}


def list_aliases(tx: Transaction, params: Params) -> Answer:
    """All aliases, or those of one key."""
    wanted = keys.require(tx, params["KeyId"])["KeyId"] if "KeyId" in params else None
    found = [alias for alias in tx.all(keys.ALIAS) if wanted in (None, alias["TargetKeyId"])]
    shown, marker = page(found, params.get("Marker"), params.get("Limit", 50))
    answer = {"Aliases": shown, "Truncated": bool(marker)}
    return {**answer, "NextMarker": marker} if marker else answer


def tag_resource(tx: Transaction, params: Params) -> Answer:
    """Set tags of a key."""
    key = keys.require(tx, params["KeyId"])
    names = {tag["TagKey"] for tag in params["Tags"]}
    key["_tags"] = [tag for tag in key["_tags"] if tag["TagKey"] not in names] + params["Tags"]
    tx.put(keys.KEY, key["KeyId"], key)
    return {}


def untag_resource(tx: Transaction, params: Params) -> Answer:
    """Take tags off a key."""
    key = keys.require(tx, params["KeyId"])
    key["_tags"] = [tag for tag in key["_tags"] if tag["TagKey"] not in params["TagKeys"]]
    tx.put(keys.KEY, key["KeyId"], key)
    return {}


def list_resource_tags(tx: Transaction, params: Params) -> Answer:
    """The tags of a key."""
    return {"Tags": keys.require(tx, params["KeyId"])["_tags"], "Truncated": False}


def _set_enabled(tx: Transaction, params: Params, *, is_enabled: bool) -> Answer:
    key = _in_any_state_but_deletion(tx, params["KeyId"])
    key |= {"Enabled": is_enabled, "KeyState": "Enabled" if is_enabled else "Disabled"}
    tx.put(keys.KEY, key["KeyId"], key)
    return {}


def _set_rotation(tx: Transaction, params: Params, *, rotates: bool, days: int) -> Answer:
    key = _in_any_state_but_deletion(tx, params["KeyId"])
    refuse_if(key["KeyState"] == "Disabled", "DisabledException", f"{key['Arn']} is disabled.")
    is_asymmetric = key["KeySpec"] != "SYMMETRIC_DEFAULT"
    refuse_if(is_asymmetric, "UnsupportedOperationException", f"{key['Arn']} is asymmetric, and never rotates.")
    tx.put(keys.KEY, key["KeyId"], {**key, "_rotates": rotates, "_rotation_days": days})
    return {}


def _in_any_state_but_deletion(tx: Transaction, name: str) -> Record:
    key = keys.require(tx, name)
    refuse_if(key["KeyState"] == "PendingDeletion", INVALID_STATE, f"{key['Arn']} is pending deletion.")
    return key


def _alias(tx: Transaction, name: str) -> Record:
    missing = ServiceError("NotFoundException", f"Alias {tx.arn('kms', name)} is not found.")
    return tx.require(keys.ALIAS, name, missing)


def _default_policy(tx: Transaction) -> str:
    root = {"AWS": tx.arn("iam", "root", region=False)}
    statement = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "Enable IAM User Permissions", **statement}]})


def _check_policy(tx: Transaction, text: str, *, bypasses: bool) -> None:
    """Refuse what KMS refuses: no policy at all, and one under which nobody here could ever change it again."""
    code = "MalformedPolicyDocumentException"
    document = policy_document(text, code=code, message="The policy is not a valid JSON policy document.")
    ours = {"*", tx.account, tx.arn("iam", "root", region=False), tx.arn("iam", "user/sandbox", region=False)}
    for statement in statements(document):
        principal = statement.get("Principal", {})
        named = as_list(principal.get("AWS") if isinstance(principal, dict) else principal)
        actions = {action.lower() for action in as_list(statement.get("Action"))}
        is_admin = actions & {"*", "kms:*", "kms:put*", "kms:putkeypolicy"}
        if statement.get("Effect") == "Allow" and is_admin and ours & set(named):
            return
    refuse_if(not bypasses, code, "The new key policy will not allow you to update the key policy in the future.")


HANDLERS: Final[Table] = {
    "CreateKey": create_key,
    "DescribeKey": describe_key,
    "ListKeys": list_keys,
    "EnableKey": enable_key,
    "DisableKey": disable_key,
    "ScheduleKeyDeletion": schedule_key_deletion,
    "CancelKeyDeletion": cancel_key_deletion,
    "UpdateKeyDescription": update_key_description,
    "PutKeyPolicy": put_key_policy,
    "GetKeyPolicy": get_key_policy,
    "EnableKeyRotation": enable_key_rotation,
    "DisableKeyRotation": disable_key_rotation,
    "GetKeyRotationStatus": get_key_rotation_status,
    "CreateAlias": create_alias,
    "UpdateAlias": update_alias,
    "DeleteAlias": delete_alias,
    "ListAliases": list_aliases,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListResourceTags": list_resource_tags,
    **signing_keys.HANDLERS,
}
