"""What the supervisor has still to do, written down by the handlers: one record an operation.

An operation belongs to one DbiResourceId; those of the same instance run in the order in which they were
written. `done` holds the names of finished steps, so that a supervisor that was killed goes on where it stood.
Secrets in `params` go with the record as soon as it is finished; the state file is the owner's alone (0600).
"""

from __future__ import annotations

from typing import Any, Final

from mainstay.sandbox.rds.records import OPERATION, PROXY, RUNTIME, Record
from mainstay.sandbox.state import Transaction

CREATE: Final = "create"
CREATE_REPLICA: Final = "create-replica"
RESTORE: Final = "restore"
MODIFY: Final = "modify"
REBOOT: Final = "reboot"
STOP: Final = "stop"
START: Final = "start"
PROMOTE: Final = "promote"
SNAPSHOT: Final = "snapshot"
COPY: Final = "copy"  # a snapshot of another region, into files of its own
RELOAD: Final = "reload"
DELETE: Final = "delete"
EXPORT: Final = "export"
ERASE: Final = "erase"  # files of a snapshot or of automated backups that nobody needs any more


def enqueue(tx: Transaction, kind: str, record: Record, **params: Any) -> Record:
    """Write down an operation on the instance of this record; the supervisor sees it within some 20 ms."""
    number = 1 + max((int(found["id"]) for found in tx.all(OPERATION, every_region=True)), default=0)
    # Width fixed, so that text order is the order of writing.
    operation = {
        "id": f"{number:012}",
        "kind": kind,
        "region": tx.region,
        "resource": record["DbiResourceId"],
        "instance": record["DBInstanceIdentifier"],
        "params": params,
        "done": [],
    }
    tx.put(OPERATION, operation["id"], operation)
    return operation


def needs_supervisor(tx: Transaction) -> bool:
    """Whether the sandbox has servers, or anything that somebody must carry out or call in time."""
    if any(tx.all(kind, every_region=True) for kind in (OPERATION, RUNTIME, PROXY, "lambda:event", "secrets:rotation")):
        return True
    return any(
        record.get(member)
        for kind, member in (("cfn:stack", "_operation"), ("secrets:secret", "_rotates_at"), ("events:rule", "_due"))
        for record in tx.all(kind, every_region=True)
    )
