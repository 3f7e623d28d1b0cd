"""Backup vaults with their policy, lock and notifications; the last two and the policy are honoured.

A deletion is refused where a policy denies it (whatever the condition of the statement: who asks is not known here),
and where a lock keeps what is in the vault.
"""

from __future__ import annotations

import fnmatch
import json
from datetime import timedelta
from typing import Final

from mainstay.core.clock import parse_time, render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services import keys
from mainstay.sandbox.services.backup.requests import (
    EXISTS,
    INVALID,
    MISSING,
    MOST_DAYS,
    REFUSED,
    check_between,
    check_name,
)
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
    with_token,
)
from mainstay.sandbox.state import Record, Transaction

VAULT, POINT = "backup:vault", "backup:point"
NAME: Final = r"[a-zA-Z0-9\-_]{2,50}"
DENIED: Final = "AccessDeniedException"
LEAST_GRACE_DAYS: Final = 3
LOCK: Final = ("Locked", "MinRetentionDays", "MaxRetentionDays", "LockDate")


def create_backup_vault(tx: Transaction, params: Params) -> Answer:
    """An empty vault, with its own key or the service's."""
    name = params["BackupVaultName"]
    check_name(name, "BackupVaultName", NAME)
    exists = tx.get(VAULT, name) is not None
    refuse_if(exists, EXISTS, f"Backup vault with the same name already exists: {name}")
    given = params.get("EncryptionKeyArn")
    key = keys.find(tx, given or "alias/aws/backup")
    is_usable = key is not None and key["KeyState"] == "Enabled"
    refuse_if(not is_usable, INVALID, f"The KMS key {given} does not exist here or is not enabled.")
    vault: Record = {
        "BackupVaultName": name,
        "BackupVaultArn": tx.arn("backup", f"backup-vault:{name}"),
        "VaultType": "BACKUP_VAULT",
        "VaultState": "AVAILABLE",
        "EncryptionKeyArn": key["Arn"] if key else "",
        "CreationDate": render_time(tx.now),
        "CreatorRequestId": params.get("CreatorRequestId", ""),
        "Locked": False,
        "_policy": None,
        "_notifications": None,
        "_tags": dict(params.get("BackupVaultTags", {})),
    }
    tx.put(VAULT, name, vault)
    return {member: vault[member] for member in ("BackupVaultName", "BackupVaultArn", "CreationDate")}


def describe_backup_vault(tx: Transaction, params: Params) -> Answer:
    """A vault, and how many recovery points it holds."""
    return _shown(tx, require_vault(tx, params["BackupVaultName"]))


def list_backup_vaults(tx: Transaction, params: Params) -> Answer:
    """The vaults of the region."""
    found = [_shown(tx, vault) for vault in tx.all(VAULT)]
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults", 1000), code=INVALID)
    return with_token({"BackupVaultList": shown}, token)


def delete_backup_vault(tx: Transaction, params: Params) -> Answer:
    """Remove an empty vault."""
    vault = require_vault(tx, params["BackupVaultName"])
    check_allowed(vault, "backup:DeleteBackupVault")
    refuse_if(points_of(tx, vault), REFUSED, "Backup vault cannot be deleted because it contains recovery points")
    tx.delete(VAULT, vault["BackupVaultName"])
    return {}


def put_access_policy(tx: Transaction, params: Params) -> Answer:
    """Set who may do what with a vault."""
    vault = require_vault(tx, params["BackupVaultName"])
    text = params.get("Policy", "")
    policy_document(text, code=INVALID, message="The specified policy document is not valid JSON with statements.")
    tx.put(VAULT, vault["BackupVaultName"], {**vault, "_policy": text})
    return {}


def get_access_policy(tx: Transaction, params: Params) -> Answer:
    """The policy of a vault."""
    vault = require_vault(tx, params["BackupVaultName"])
    refuse_if(vault["_policy"] is None, MISSING, f"Vault access policy not found: {vault['BackupVaultName']}")
    return {**_named(vault), "Policy": vault["_policy"]}


def delete_access_policy(tx: Transaction, params: Params) -> Answer:
    """Take the policy off a vault."""
    vault = require_vault(tx, params["BackupVaultName"])
    check_allowed(vault, "backup:DeleteBackupVaultAccessPolicy")
    tx.put(VAULT, vault["BackupVaultName"], {**vault, "_policy": None})
    return {}


def put_lock(tx: Transaction, params: Params) -> Answer:
    """Lock a vault: in governance mode, or for good once so many days have passed."""
    vault = require_vault(tx, params["BackupVaultName"])
    _refuse_final(tx, vault)
    least, most = params.get("MinRetentionDays"), params.get("MaxRetentionDays")
    check_between(least, "MinRetentionDays", 1, MOST_DAYS)
    check_between(most, "MaxRetentionDays", 1, MOST_DAYS)
    refuse_if(least and most and least > most, INVALID, "MinRetentionDays must not be greater than MaxRetentionDays.")
    grace = params.get("ChangeableForDays")
    check_between(grace, "ChangeableForDays", LEAST_GRACE_DAYS, MOST_DAYS)
    kept = {member: value for member, value in vault.items() if member not in LOCK}
    lock = {member: params[member] for member in ("MinRetentionDays", "MaxRetentionDays") if member in params}
    until = {"LockDate": render_time(tx.now + timedelta(days=grace))} if grace else {}
    tx.put(VAULT, vault["BackupVaultName"], {**kept, **lock, **until, "Locked": True})
    return {}


def delete_lock(tx: Transaction, params: Params) -> Answer:
    """Unlock a vault, unless its lock has become final."""
    vault = require_vault(tx, params["BackupVaultName"])
    _refuse_final(tx, vault)
    kept = {member: value for member, value in vault.items() if member not in LOCK}
    tx.put(VAULT, vault["BackupVaultName"], {**kept, "Locked": False})
    return {}


def put_notifications(tx: Transaction, params: Params) -> Answer:
    """Tell a topic of the same account and region of these events."""
    vault = require_vault(tx, params["BackupVaultName"])
    topic = params["SNSTopicArn"]
    is_topic = topic.startswith(tx.arn("sns", "")) and not topic.endswith(".fifo")
    refuse_if(not is_topic, INVALID, f"{topic} is not the ARN of a standard topic of this account and region.")
    refuse_if(not params["BackupVaultEvents"], INVALID, "BackupVaultEvents must not be empty.")
    notifications = {member: params[member] for member in ("SNSTopicArn", "BackupVaultEvents")}
    tx.put(VAULT, vault["BackupVaultName"], {**vault, "_notifications": notifications})
    return {}


def get_notifications(tx: Transaction, params: Params) -> Answer:
    """Whom a vault tells, and of what."""
    vault = require_vault(tx, params["BackupVaultName"])
    told = vault["_notifications"]
    refuse_if(told is None, MISSING, f"Failed reading notifications from database for Backup vault {params}.")
    return {**_named(vault), **told}


def delete_notifications(tx: Transaction, params: Params) -> Answer:
    """Tell nobody any more."""
    vault = require_vault(tx, params["BackupVaultName"])
    tx.put(VAULT, vault["BackupVaultName"], {**vault, "_notifications": None})
    return {}


def require_vault(tx: Transaction, name: str) -> Record:
    """The vault of this name, by which AWS Backup tells a stranger no more than that it may not."""
    found = tx.get(VAULT, name)
    if found is None:
        raise ServiceError(MISSING, f"Backup vault not found: {name}")
    return found


def points_of(tx: Transaction, vault: Record) -> list[Record]:
    """The recovery points in a vault, oldest first."""
    return [point for point in tx.all(POINT) if point["BackupVaultName"] == vault["BackupVaultName"]]


def check_allowed(vault: Record, action: str) -> None:
    """Refuse what a statement of the vault's policy denies."""
    document = json.loads(vault["_policy"]) if vault["_policy"] else {"Statement": []}
    is_denied = any(
        statement["Effect"] == "Deny"
        and any(fnmatch.fnmatch(action.lower(), each.lower()) for each in as_list(statement.get("Action")))
        for statement in statements(document)
    )
    refuse_if(is_denied, DENIED, f"Insufficient privileges to perform this action: the vault's policy denies {action}.")


def _refuse_final(tx: Transaction, vault: Record) -> None:
    is_final = "LockDate" in vault and parse_time(vault["LockDate"]) <= tx.now
    refuse_if(is_final, REFUSED, f"Vault Lock configuration is immutable: {vault['BackupVaultName']}")


def _named(vault: Record) -> Answer:
    return {member: vault[member] for member in ("BackupVaultName", "BackupVaultArn")}


def _shown(tx: Transaction, vault: Record) -> Answer:
    return {**public(vault), "NumberOfRecoveryPoints": len(points_of(tx, vault))}


HANDLERS: Final[Table] = {
    "CreateBackupVault": create_backup_vault,
    "DescribeBackupVault": describe_backup_vault,
    "ListBackupVaults": list_backup_vaults,
    "DeleteBackupVault": delete_backup_vault,
    "PutBackupVaultAccessPolicy": put_access_policy,
    "GetBackupVaultAccessPolicy": get_access_policy,
    "DeleteBackupVaultAccessPolicy": delete_access_policy,
    "PutBackupVaultLockConfiguration": put_lock,
    "DeleteBackupVaultLockConfiguration": delete_lock,
    "PutBackupVaultNotifications": put_notifications,
    "GetBackupVaultNotifications": get_notifications,
    "DeleteBackupVaultNotifications": delete_notifications,
}
