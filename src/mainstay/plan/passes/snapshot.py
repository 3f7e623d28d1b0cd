"""Creation from a snapshot: what the stack remembers of it, and what a restored database takes from it.

Version, port, class, storage and passwords can be given to a restored instance; its master user, database and key are
the snapshot's, and a template that names them is refused or ignored (CloudFormation, AWS::RDS::DBInstance,
DBSnapshotIdentifier; RDS API Reference, RestoreDBInstanceFromDBSnapshot; 2026-11-20).
"""

from __future__ import annotations

import dataclasses
from typing import Any

from mainstay.plan.history import SNAPSHOT, SNAPSHOT_KEY
from mainstay.plan.passes.draft import Draft
from mainstay.plan.passes.logical import DATABASE_KEY
from mainstay.plan.plan import Parameter
from mainstay.plan.values import Attr, Param, Ref, Value
from mainstay.spec import Spec


def build_snapshot(spec: Spec, draft: Draft) -> Draft:
    """The draft with the parameters that remember the snapshot, where the database is made from one."""
    snapshot = spec.database.snapshot
    if snapshot is None:
        return draft
    named = Parameter(
        name=SNAPSHOT,
        default=snapshot.name,
        description="The snapshot that the database was made from. Never change it: that would replace the database",
    )
    key = Parameter(
        name=SNAPSHOT_KEY, default=snapshot.key, description="The key of that snapshot, which encrypts the database"
    )
    return dataclasses.replace(draft, parameters=(*draft.parameters, named, key))


def storage_key(spec: Spec) -> Value[str]:
    """The ARN of the key that encrypts the database's storage and its snapshots."""
    return Param(SNAPSHOT_KEY) if spec.database.snapshot else Attr(DATABASE_KEY, "arn")


def beginning(spec: Spec) -> dict[str, Any]:  # Any: arguments of DbInstance, of many types
    """What the primary is made from: a snapshot, or a name, a master user and a key of its own."""
    if spec.database.snapshot:
        return {"snapshot": Param(SNAPSHOT)}
    return {
        "database_name": spec.database.name,
        "username": spec.credentials.username,
        "is_encrypted": True,
        "key_id": Ref(DATABASE_KEY),
    }
