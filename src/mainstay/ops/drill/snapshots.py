"""The snapshot or recovery point that a drill restores: found, refused when it cannot be, and told why it was chosen.

A recovery point of a database is a snapshot of RDS that AWS Backup keeps; its ARN names both (AWS Backup Developer
Guide, restoring-rds, 2026-11-21).
"""

from __future__ import annotations

from mainstay.core.clock import render_time
from mainstay.core.errors import InputRefused, NotFound
from mainstay.ops.aws.backup import RecoveryPoint
from mainstay.ops.aws.rds_states import SnapshotState
from mainstay.ops.drill.state import Drill


def find_snapshot(drill: Drill) -> SnapshotState:
    """The snapshot that is asked for, whole and of the source. Errors: NotFound, InputRefused."""
    point = _point(drill) if drill.request.vaults else None
    name = point.arn if point else drill.request.snapshot or ""
    snapshot = drill.there.doors.rds.snapshot(name)
    _refuse(drill, snapshot)
    drill.way = {
        "kind": "recovery point" if point else "snapshot",
        "region": drill.there.region,
        "name": name,
        "reason": _reason(drill, snapshot, point),
    }
    return snapshot


def _point(drill: Drill) -> RecoveryPoint:
    """The recovery point by its ARN, or the newest whole one of the source."""
    request, source = drill.request, drill.require_source()
    suffix = f":db:{source.identifier}"
    held = [one for vault in request.vaults for one in drill.there.doors.backup.points(vault)]
    ours = [one for one in held if one.is_complete and one.source_arn.endswith(suffix)]
    asked = [one for one in ours if request.snapshot in (None, one.arn)]
    if not asked:
        wanted = f"recovery point {request.snapshot}" if request.snapshot else "recovery point"
        raise NotFound(
            "no such recovery point",
            detail=f"{', '.join(request.vaults)} in {drill.there.region} holds no {wanted} of "
            f"{source.identifier} that is complete ({len(ours)} others are).",
            hint="take the ARN of one of these, or leave it to `latest`" if ours else "wait for the first backup job",
        )
    return max(asked, key=lambda one: one.taken_at)


def _refuse(drill: Drill, snapshot: SnapshotState) -> None:
    source = drill.require_source()
    if snapshot.source_resource_id != source.resource_id:
        raise InputRefused(
            "a snapshot of something else",
            detail=f"{snapshot.identifier} was taken of {snapshot.instance_id} ({snapshot.source_resource_id}), and "
            f"{source.identifier} is {source.resource_id}.",
            hint=f"name a snapshot of {source.identifier}",
        )
    if snapshot.status != "available" or snapshot.taken_at is None:
        raise InputRefused(
            "a snapshot that is not whole",
            detail=f"{snapshot.identifier} is {snapshot.status}.",
            hint="wait until it is available",
        )


def _reason(drill: Drill, snapshot: SnapshotState, point: RecoveryPoint | None) -> str:
    moment = render_time(snapshot.taken_at) if snapshot.taken_at else "no known moment"
    chosen = "it was asked for" if drill.request.snapshot else f"it is the newest in {point.vault if point else ''}"
    return f"{chosen}; it holds the data of {moment}"
