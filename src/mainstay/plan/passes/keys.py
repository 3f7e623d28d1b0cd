"""Encryption keys: one for the database, so that no other service can use the key of the data."""

from __future__ import annotations

from mainstay.plan.passes.draft import Draft, kept_on_delete, kept_on_replace, tags
from mainstay.plan.passes.logical import DATABASE_KEY
from mainstay.plan.policies import Condition, Policy, Principal, Statement
from mainstay.plan.resources import Key, KeyAlias
from mainstay.plan.values import ACCOUNT, PARTITION, REGION, Ref, arn, join
from mainstay.spec import Spec


def build_keys(spec: Spec, draft: Draft) -> Draft:
    """The draft with the database's key."""
    description = "Database storage, backups, secret, insights and logs"
    return draft.adding(*key(spec, DATABASE_KEY, "database", description, "protection", _log_groups()))


def key(spec: Spec, name: str, alias: str, description: str, path: str, *statements: Statement) -> tuple[Key, KeyAlias]:
    """A key that rotates, with an alias people can read; the account's own policies say who else may use it."""
    origin = spec.origin_of(path)
    return (
        Key(
            key=name,
            description=f"{spec.identifier}: {description}",
            policy=Policy((_account_decides(), *statements)),
            rotates=True,
            is_enabled=True,
            pending_window=spec.protection.key_deletion_window,
            on_delete=kept_on_delete(spec),
            on_replace=kept_on_replace(spec),
            tags=tags(spec, alias),
            origin=origin,
        ),
        KeyAlias(key=f"{name}Alias", name=f"alias/{spec.identifier}-{alias}", target=Ref(name), origin=origin),
    )


def _log_groups() -> Statement:
    """CloudWatch Logs encrypts the log groups of this account (CloudWatch Logs, encrypt-log-data-kms, 2026-11-21)."""
    return Statement(
        sid="LogGroups",
        principals=(Principal("Service", join("logs.", REGION, ".amazonaws.com")),),
        actions=("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
        resources=("*",),
        conditions=(Condition("ArnLike", "kms:EncryptionContext:aws:logs:arn", (arn("logs", "log-group:*"),)),),
    )


def _account_decides() -> Statement:
    # Without it nobody could change the policy any more, and KMS refuses the key (KMS, key-policy-default, 2026-11-20).
    return Statement(
        sid="AccountDecides",
        principals=(Principal("AWS", join("arn:", PARTITION, ":iam::", ACCOUNT, ":root")),),
        actions=("kms:*",),
        resources=("*",),
    )
