"""Base backups of MySQL: a CLONE of a running server that becomes a snapshot only when it is whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from mainstay.core.clock import parse_time, render_time
from mainstay.engines import snapshots
from mainstay.engines.home import write_private
from mainstay.engines.mysql.archive import heartbeat
from mainstay.engines.mysql.cluster import Cluster
from mainstay.engines.mysql.gtid import GtidSet
from mainstay.engines.mysql.replication import clone, executed
from mainstay.engines.snapshots import PASSWORD, new_snapshot, read_marker, sums, write_marker


@dataclass(frozen=True, slots=True)
class Snapshot(snapshots.Snapshot):
    """A base backup. `gtids` are transactions that are surely in it."""

    gtids: GtidSet

    @classmethod
    def load(cls, directory: Path) -> Self:
        """The snapshot in this directory. Error: InputRefused when it is not there or was never finished."""
        marker = read_marker(directory)
        ended_at = parse_time(marker["ended_at"])
        gtids = GtidSet.parse(marker["gtids"])
        return cls(directory, ended_at, int(marker["size_bytes"]), str(marker["version"]), gtids)


def take_backup(source: Cluster, into: Path, *, timeout_s: float = 6 * 3600.0) -> Snapshot:
    """Copy a running server into the new directory `into`.

    The ready marker is written last and the directory renamed after it; what fails is removed.
    Errors: InputRefused when `into` exists, EnvironmentLacking when the disk is full, TargetRefused.
    """
    with new_snapshot(into, source.identity) as building:
        with source.session() as opened:
            gtids = executed(opened)
        clone(source, building / "data", timeout_s)
        # A heartbeat after the end: a time that is late by milliseconds is safe.
        ended_at = heartbeat(source).at
        write_private(building / PASSWORD, source.password(), source.identity)
        files = sums(building / "data")
        marker = {
            "gtids": gtids,
            "ended_at": render_time(ended_at),
            "size_bytes": sum(size for size, _ in files.values()),
            "version": source.binaries.version,
            "files": files,
        }
        write_marker(building, marker, source.identity)
    return Snapshot.load(into)
