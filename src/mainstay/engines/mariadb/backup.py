"""Base backups: a copy of a running server that becomes a snapshot only when it is whole.

The copy stays as mariadb-backup made it; a restore prepares a copy of the copy, as a prepared one cannot be
prepared to anything else any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from mainstay.core.clock import parse_time, render_time
from mainstay.engines import snapshots
from mainstay.engines.home import write_private
from mainstay.engines.mariadb.archive import heartbeat
from mainstay.engines.mariadb.cluster import Cluster
from mainstay.engines.mariadb.gtid import Gtid
from mainstay.engines.mariadb.replication import copied_until, copy_running
from mainstay.engines.snapshots import PASSWORD, new_snapshot, read_marker, sums, write_marker


@dataclass(frozen=True, slots=True)
class Snapshot(snapshots.Snapshot):
    """A base backup. The last transaction in it is `gtid`; the copy is not prepared."""

    gtid: Gtid | None

    @classmethod
    def load(cls, directory: Path) -> Self:
        """The snapshot in this directory. Error: InputRefused when it is not there or was never finished."""
        marker = read_marker(directory)
        gtid = Gtid.parse(marker["gtid"]) if marker["gtid"] else None
        ended_at = parse_time(marker["ended_at"])
        return cls(directory, ended_at, int(marker["size_bytes"]), str(marker["version"]), gtid)


def take_backup(source: Cluster, into: Path, *, timeout_s: float = 6 * 3600.0) -> Snapshot:
    """Copy a running server, with the log that makes it consistent, into the new directory `into`.

    The ready marker is written last and the directory renamed after it; what fails is removed.
    Errors: InputRefused when `into` exists, EnvironmentLacking when the disk is full, TargetRefused.
    """
    with new_snapshot(into, source.identity) as building:
        copy_running(source, source, building / "data", timeout_s)
        write_private(building / PASSWORD, source.password(), source.identity)
        write_marker(building, _describe(source, building), source.identity)
    return Snapshot.load(into)


def _describe(source: Cluster, directory: Path) -> dict[str, object]:
    files = sums(directory / "data")
    gtid = copied_until(directory / "data")
    # A heartbeat after the end: a time that is late by milliseconds is safe, and one that the log tells exactly.
    ended_at = heartbeat(source).at
    return {
        "gtid": str(gtid) if gtid is not None else "",
        "ended_at": render_time(ended_at),
        "size_bytes": sum(size for size, _ in files.values()),
        "version": source.binaries.version,
        "files": files,
    }
