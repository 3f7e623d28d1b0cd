"""Base backups: a copy of a running cluster that becomes a snapshot only when it is whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from mainstay.core.clock import parse_time, render_time
from mainstay.core.errors import AnswerIsNo
from mainstay.engines.binaries import Binaries
from mainstay.engines.home import write_private
from mainstay.engines.identity import Identity
from mainstay.engines.postgres.cluster import Cluster
from mainstay.engines.postgres.lsn import Lsn
from mainstay.engines.postgres.session import ask
from mainstay.engines.process import run
from mainstay.engines.snapshots import new_snapshot, no_snapshot, read_marker, write_marker

PASSWORD: Final = "administrator.pass"  # noqa: S105 - the name of a file
MANIFEST: Final = "backup_manifest"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole base backup: log positions, the time it ended (aware, UTC, the server's clock), timeline, bytes."""

    directory: Path
    start_lsn: Lsn
    end_lsn: Lsn
    ended_at: datetime
    timeline: int
    size_bytes: int
    version: str

    @property
    def data(self) -> Path:
        """The copy of the data directory."""
        return self.directory / "data"

    @property
    def password_file(self) -> Path:
        """The administrator's password as it was then (0600)."""
        return self.directory / PASSWORD

    @classmethod
    def load(cls, directory: Path) -> Self:
        """The snapshot in this directory. Error: InputRefused when it is not there or was never finished."""
        marker = read_marker(directory)
        try:
            return cls(
                directory,
                Lsn.parse(marker["start_lsn"]),
                Lsn.parse(marker["end_lsn"]),
                parse_time(marker["ended_at"]),
                int(marker["timeline"]),
                int(marker["size_bytes"]),
                str(marker["version"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise no_snapshot(directory, error) from error

    def _marker(self) -> dict[str, object]:
        return {
            "start_lsn": str(self.start_lsn),
            "end_lsn": str(self.end_lsn),
            "ended_at": render_time(self.ended_at),
            "timeline": self.timeline,
            "size_bytes": self.size_bytes,
            "version": self.version,
        }


def take_backup(source: Cluster, into: Path, *, timeout_s: float = 6 * 3600.0) -> Snapshot:
    """Copy a running cluster, with the log that makes it consistent, into the new directory `into`.

    The ready marker is written last and the directory renamed after it; what fails is removed.
    Errors: InputRefused when `into` exists, EnvironmentLacking when the disk is full, TargetRefused.
    """
    with new_snapshot(into, source.identity) as building:
        _copy(source, building / "data", timeout_s)
        write_private(building / PASSWORD, source.password_file.read_text(), source.identity)
        write_marker(building, _describe(source, building)._marker(), source.identity)
    return Snapshot.load(into)


def _copy(source: Cluster, data: Path, timeout_s: float) -> None:
    argv = [
        source.binaries.program("pg_basebackup"), "-d", source.conninfo, "-D", str(data),
        "--format=plain", "--wal-method=stream", "--checkpoint=fast", "--manifest-checksums=CRC32C",
    ]  # fmt: skip
    run(argv, identity=source.identity, timeout_s=timeout_s)


def _describe(source: Cluster, directory: Path) -> Snapshot:
    manifest: dict[str, Any] = json.loads((directory / "data" / MANIFEST).read_bytes())  # a document of PostgreSQL's
    ranges = manifest["WAL-Ranges"]
    with source.session() as opened:
        # Asked after the end: a time that is late by milliseconds is safe, one that is early is not.
        ended_at: datetime = ask(opened, "SELECT clock_timestamp()")[0]
    return Snapshot(
        directory,
        Lsn.parse(ranges[0]["Start-LSN"]),
        Lsn.parse(ranges[-1]["End-LSN"]),
        ended_at.astimezone(UTC),
        int(ranges[-1]["Timeline"]),
        sum(int(file["Size"]) for file in manifest["Files"]),
        source.binaries.version,
    )


def verify_backup(snapshot: Snapshot, binaries: Binaries, identity: Identity, *, timeout_s: float = 3600.0) -> None:
    """Compare every file with the manifest, and parse the log that comes with it.

    Error: AnswerIsNo, with the damaged files' names.
    """
    argv = [binaries.program("pg_verifybackup"), str(snapshot.data)]
    answer = run(argv, identity=identity, timeout_s=timeout_s, must_succeed=False)
    if answer.returncode != 0:
        raise AnswerIsNo(
            "snapshot is damaged",
            detail="\n".join([f"{snapshot.directory}:", *answer.stderr.strip().splitlines()[:8]]),
            hint="do not restore from it; take another one and look at the storage",
        )
