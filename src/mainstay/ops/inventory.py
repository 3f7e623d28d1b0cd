"""What a stack holds, what becomes of it when the stack is deleted, and what is left afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from mainstay.ops.aws.door import found
from mainstay.ops.aws.stack_states import StackResource
from mainstay.ops.site import Site
from mainstay.plan.values import Json

DATABASE: Final = "AWS::RDS::DBInstance"
_KEY: Final = "AWS::KMS::Key"
LOGS: Final = "AWS::Logs::LogGroup"
_VAULT: Final = "AWS::Backup::BackupVault"


@dataclass(frozen=True, slots=True)
class Fated:
    """A resource of a stack, and its fate: `Delete`, `Retain` or `Snapshot`."""

    logical_id: str
    physical_id: str
    type: str
    fate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Something that is still there: its kind in words, its name, and why."""

    kind: str
    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What a destruction deleted and what it left, in which site (`aws` or `sandbox`) and region."""

    site: str
    region: str
    stack: str
    deleted: tuple[str, ...]
    left: tuple[Left, ...]

    def as_json(self) -> dict[str, object]:
        """The inventory as a JSON document."""
        left = [asdict(item) for item in self.left]
        return {
            "site": self.site,
            "region": self.region,
            "stack": self.stack,
            "deleted": list(self.deleted),
            "left": left,
        }


def fates(resources: Iterable[StackResource], template: str) -> tuple[Fated, ...]:
    """What becomes of each resource that is still there, after the template's deletion policies."""
    written = _policies(template)
    return tuple(
        Fated(
            logical_id=known.logical_id,
            physical_id=known.physical_id,
            type=known.type,
            fate=written.get(known.logical_id) or _default(known.type),
        )
        for known in resources
        if known.physical_id and known.status != "DELETE_COMPLETE"
    )


def _policies(template: str) -> dict[str, str]:
    """Deletion policies by logical id; a template that is no JSON says nothing here."""
    try:
        document: Json = json.loads(template)
    except ValueError:
        return {}
    resources = document.get("Resources") if isinstance(document, Mapping) else None
    found_ones: dict[str, str] = {}
    for key, body in resources.items() if isinstance(resources, Mapping) else ():
        policy = body.get("DeletionPolicy") if isinstance(body, Mapping) else None
        if isinstance(policy, str):
            found_ones[key] = "Retain" if policy.startswith("Retain") else policy
    return found_ones


def _default(type_: str) -> str:
    # A database without a policy is snapshotted, everything else deleted
    # (CloudFormation User Guide, aws-attribute-deletionpolicy, checked 2026-11-20).
    return "Snapshot" if type_ == DATABASE else "Delete"


def left_after(site: Site, fated: Iterable[Fated], replicated: Iterable[str] = ()) -> tuple[Left, ...]:
    """What is still there of a stack that is gone: looked up, not assumed; but for `replicated`, ARNs of automated
    backups in other regions, which outlive their instance there for a retention of their own.
    """
    left = [
        Left(kind="replicated backup", name=arn, why=f"it stays in {arn.split(':')[3]} for its retention there")
        for arn in replicated
    ]
    for item in fated:
        if item.type == DATABASE:
            left += _of_database(site, item)
        elif item.type == _KEY:
            left += _of_key(site, item)
        elif item.type == _VAULT and item.fate == "Retain":
            left += _of_vault(site, item)
        elif item.fate == "Retain":
            left.append(Left(kind=_words(item.type), name=item.physical_id, why="its policy retains it"))
    return tuple(left)


def _of_database(site: Site, item: Fated) -> list[Left]:
    rds, name = site.doors.rds, item.physical_id
    left = []
    state = rds.find_instance(name)
    if state is not None:
        left.append(Left(kind="database", name=name, why=f"it is {state.status}; its policy is {item.fate}"))
    left += [
        Left(kind="snapshot", name=known.identifier, why=f"{known.kind} snapshot of {name}, {known.status}")
        for known in rds.snapshots(name)
        if known.kind == "manual"
    ]
    left += [
        Left(kind="automated backup", name=kept.arn or kept.resource_id, why=f"of {name}, kept for {kept.retention}")
        for kept in rds.automated_backups(name)
        if state is None
    ]
    left += [
        Left(kind="log group", name=group.name, why=f"kept for {group.retention or 'ever'}")
        for group in site.doors.logs.groups(f"/aws/rds/instance/{name}/")
    ]
    return left


def _of_key(site: Site, item: Fated) -> list[Left]:
    state = found(lambda: site.doors.kms.key(item.physical_id))
    if state is None:
        return []
    when = f", gone on {state.deleted_at:%Y-%m-%d}" if state.deleted_at else ""
    return [Left(kind="key", name=item.physical_id, why=f"it is {state.state}{when}")]


def _of_vault(site: Site, item: Fated) -> list[Left]:
    state = site.doors.backup.find_vault(item.physical_id)
    if state is None:
        return []
    return [Left(kind="vault", name=state.name, why=f"its policy retains it, with {state.points} recovery points")]


def _words(type_: str) -> str:
    return {"AWS::S3::Bucket": "bucket", LOGS: "log group", "AWS::SecretsManager::Secret": "secret"}.get(type_, type_)
