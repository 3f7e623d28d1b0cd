"""Encryption keys: one for the database, so that no other service can use the key of the data."""

from __future__ import annotations

from mainstay.plan.passes.draft import Draft, kept_on_delete, kept_on_replace, tags
from mainstay.plan.passes.logical import DATABASE_KEY
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.resources import Key, KeyAlias
from mainstay.plan.values import ACCOUNT, PARTITION, Ref, join
from mainstay.spec import Spec


def build_keys(spec: Spec, draft: Draft) -> Draft:
    """The draft with the database's key."""
    return draft.adding(
        *key(spec, DATABASE_KEY, "database", "Database storage, backups, secret and insights", "protection")
    )


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


def _account_decides() -> Statement:
    # Without it nobody could change the policy any more, and KMS refuses the key (KMS, key-policy-default, 2026-11-20).
    return Statement(
        sid="AccountDecides",
        principals=(Principal("AWS", join("arn:", PARTITION, ":iam::", ACCOUNT, ":root")),),
        actions=("kms:*",),
        resources=("*",),
    )
