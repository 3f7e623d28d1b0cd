"""RDS in the sandbox: requests are checked as RDS checks them, and written down as what should be.

Nothing here starts a process: the supervisor makes the records real and writes back what became of them.
"""

from __future__ import annotations

from typing import Final

from mainstay.sandbox.rds import (
    automated_backups,
    events,
    instances,
    lifecycle,
    modify,
    parameter_groups,
    replicas,
    restore,
    snapshots,
    subnet_groups,
    tags,
    versions,
)
from mainstay.sandbox.services.handler import Table

HANDLERS: Final[Table] = {
    **instances.HANDLERS,
    **modify.HANDLERS,
    **lifecycle.HANDLERS,
    **replicas.HANDLERS,
    **snapshots.HANDLERS,
    **restore.HANDLERS,
    **automated_backups.HANDLERS,
    **parameter_groups.HANDLERS,
    **subnet_groups.HANDLERS,
    **events.HANDLERS,
    **tags.HANDLERS,
    **versions.HANDLERS,
}
"""By operation of botocore's service `rds`."""

__all__ = ["HANDLERS"]
