"""Every operation of RDS that the sandbox answers, in one visible table."""

from __future__ import annotations

from typing import Final

from mainstay.sandbox.rds import (
    automated_backups,
    deletion,
    events,
    exports,
    instances,
    modify,
    option_groups,
    parameter_groups,
    power,
    proxies,
    proxy_targets,
    replicas,
    replication,
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
    **power.HANDLERS,
    **deletion.HANDLERS,
    **replicas.HANDLERS,
    **snapshots.HANDLERS,
    **restore.HANDLERS,
    **automated_backups.HANDLERS,
    **replication.HANDLERS,
    **parameter_groups.HANDLERS,
    **option_groups.HANDLERS,
    **subnet_groups.HANDLERS,
    **events.HANDLERS,
    **exports.HANDLERS,
    **proxies.HANDLERS,
    **proxy_targets.HANDLERS,
    **tags.HANDLERS,
    **versions.HANDLERS,
}
"""By operation of botocore's service `rds`."""

__all__ = ["HANDLERS"]
