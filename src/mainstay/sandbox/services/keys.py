"""KMS keys as every service meets them: found by id, ARN or alias, and usable or not."""

from __future__ import annotations

import uuid
from typing import Final

from mainstay.core.clock import parse_time, render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.state import Record, Transaction

KEY: Final = "kms:key"
ALIAS: Final = "kms:alias"


def find(tx: Transaction, name: str) -> Record | None:
    """The key behind a key id, key ARN, alias name or alias ARN of this region; None when there is none.

    An `alias/aws/<service>` comes into being with its AWS managed key when it is first named, as in KMS.
    """
    short = name.rsplit(":", 1)[-1] if name.startswith("arn:") else name
    if name.startswith("arn:") and name.split(":")[3] != tx.region:
        return None
    if short.startswith("alias/"):
        alias = tx.get(ALIAS, short)
        if alias is None and short.startswith("alias/aws/"):
            return _managed(tx, short)
        return find(tx, alias["TargetKeyId"]) if alias else None
    key = tx.get(KEY, short.removeprefix("key/"))
    return None if key is None or _is_gone(tx, key) else key


def require(tx: Transaction, name: str) -> Record:
    """The key behind a name, or KMS's own NotFoundException."""
    key = find(tx, name)
    if key is not None:
        return key
    short = name.rsplit(":", 1)[-1] if name.startswith("arn:") else name
    if short.startswith("alias/"):
        raise ServiceError("NotFoundException", f"Alias {tx.arn('kms', short)} is not found.")
    arn = name if name.startswith("arn:") else tx.arn("kms", f"key/{name}")
    raise ServiceError("NotFoundException", f"Key '{arn}' does not exist")


def require_usable(tx: Transaction, name: str) -> Record:
    """The key, enabled; else RDS's KMSKeyNotAccessibleFault, which names its state.

    Code and status: botocore 1.44.5, rds, KMSKeyNotAccessibleFault (400).
    """
    key = find(tx, name)
    if key is None or key["KeyState"] != "Enabled":
        state = f"is in state {key['KeyState']}" if key else "does not exist in this region"
        raise ServiceError(
            "KMSKeyNotAccessibleFault", f"The specified KMS key [{name}] {state}, or you don't have permission to it."
        )
    return key


def new(tx: Transaction, *, policy: str, description: str = "", manager: str = "CUSTOMER") -> Record:
    """A record of an enabled symmetric key, not yet put."""
    identifier = str(uuid.uuid4())
    return {
        "AWSAccountId": tx.account,
        "KeyId": identifier,
        "Arn": tx.arn("kms", f"key/{identifier}"),
        "CreationDate": render_time(tx.now),
        "Enabled": True,
        "Description": description,
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": manager,
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
        "_policy": policy,
        "_rotates": manager == "AWS",
        "_rotation_days": 365,
        "_tags": [],
    }


def _managed(tx: Transaction, alias: str) -> Record:
    service = alias.removeprefix("alias/aws/")
    key = new(tx, policy="{}", description=f"Default key that protects my {service} data", manager="AWS")
    tx.put(KEY, key["KeyId"], key)
    tx.put(
        ALIAS,
        alias,
        {"AliasName": alias, "AliasArn": tx.arn("kms", alias), "TargetKeyId": key["KeyId"]},
    )
    return key


def _is_gone(tx: Transaction, key: Record) -> bool:
    return "DeletionDate" in key and parse_time(key["DeletionDate"]) <= tx.now
