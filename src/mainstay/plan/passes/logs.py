"""Log groups, made before the instances that write into them: those that RDS makes itself keep everything for ever."""

from __future__ import annotations

from mainstay.core.naming import logical_id
from mainstay.core.units import Duration
from mainstay.plan.passes.draft import Draft, kept_on_delete, kept_on_replace, tags
from mainstay.plan.passes.logical import DATABASE_KEY, instances
from mainstay.plan.resources import LogGroup
from mainstay.plan.values import Ref
from mainstay.spec import Spec


def log_group_key(instance: str, log: str) -> str:
    """The logical id of an instance's log group: `DatabasePostgresqlLog`."""
    return logical_id(instance, log, "log")


def log_group(spec: Spec, key: str, name: str, keep: int, path: str) -> LogGroup:
    """A log group that keeps for so many seconds what is written into it, and outlives the stack.

    A log quotes what is in the database, so it is encrypted with the database's key.
    """
    return LogGroup(
        key=key,
        name=name,
        retention=Duration(keep),
        key_id=Ref(DATABASE_KEY),
        on_delete=kept_on_delete(spec),
        on_replace=kept_on_replace(spec),
        tags=tags(spec),
        origin=spec.origin_of(path),
    )


def build_logs(spec: Spec, draft: Draft) -> Draft:
    """The draft with a log group for each exported log of each instance."""
    groups = [
        # RDS decides this name (RDS User Guide, USER_LogAccess.Procedural.UploadtoCloudWatch, 2026-11-20).
        log_group(
            spec,
            log_group_key(instance, log),
            f"/aws/rds/instance/{identifier}/{log}",
            spec.monitoring.logs.keep,
            "monitoring.logs",
        )
        for instance, identifier in instances(spec).items()
        for log in spec.log_exports
    ]
    return draft.adding(*groups)
