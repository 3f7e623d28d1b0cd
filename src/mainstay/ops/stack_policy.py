"""What must not be lost by an update: the kinds, the refusal, and the stack policy that makes it hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from mainstay.core.errors import InputRefused
from mainstay.ops.aws.stack_states import Change
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import BackupVault, Bucket, DbInstance, Key, Opaque, Resource

# Replacing or removing one of these loses data, or makes backups unreadable (facts F.1 to F.3, 2026-11-20).
PRECIOUS_TYPES: Final = frozenset(
    {
        "AWS::RDS::DBInstance",
        "AWS::RDS::DBCluster",
        "AWS::KMS::Key",
        "AWS::KMS::ReplicaKey",
        "AWS::Backup::BackupVault",
        "AWS::S3::Bucket",
        "AWS::CloudFormation::Stack",
    }
)
_PRECIOUS_KINDS: Final = (DbInstance, Key, BackupVault, Bucket)


def precious(region: RegionPlan) -> tuple[str, ...]:
    """The keys of the databases, keys, buckets and vaults of a plan, in its order."""
    return tuple(resource.key for resource in region.resources if _is_precious(resource))


def _is_precious(resource: Resource) -> bool:
    if isinstance(resource, Opaque):
        return resource.type in PRECIOUS_TYPES
    return isinstance(resource, _PRECIOUS_KINDS)


def policy(keys: Iterable[str]) -> dict[str, object]:
    """A stack policy under which updates neither replace nor delete these; everything else is allowed, because a
    stack policy denies what it does not name (CloudFormation User Guide, protect-stack-resources, 2026-11-20).
    """
    allow = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
    named = [f"LogicalResourceId/{key}" for key in keys]
    deny = {"Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"], "Principal": "*", "Resource": named}
    return {"Statement": [allow, deny] if named else [allow]}


def losses(changes: Iterable[Change]) -> list[Change]:
    """The changes that remove or replace, or may replace, something precious."""
    return [
        change
        for change in changes
        if change.type in PRECIOUS_TYPES
        and (change.action in ("Remove", "Dynamic") or change.replacement in ("True", "Conditional"))
    ]


def refuse_losses(changes: Iterable[Change], confirmed: Collection[str]) -> None:
    """InputRefused when something precious would go and its logical id is not among `confirmed`."""
    open_ones = [change for change in losses(changes) if change.logical_id not in confirmed]
    if open_ones:
        raise InputRefused(
            "this would lose data",
            detail="\n".join(map(_sentence, open_ones)),
            hint="take the change back, or confirm each by its name: "
            + " ".join(f"--confirm {change.logical_id}" for change in open_ones),
        )


def _sentence(change: Change) -> str:
    name = f"{change.logical_id} ({change.type}, {change.physical_id or 'no id yet'})"
    if change.action == "Remove":
        fate = {"Retain": "leave the stack and stay", "Snapshot": "be deleted after a snapshot"}.get(change.kept)
        return f"{name} would {fate or 'be deleted'}."
    may = "would" if change.replacement == "True" else "may"
    why = f" because of {', '.join(change.properties)}" if change.properties else ""
    return f"{name} {may} be replaced by a new, empty one{why}."
