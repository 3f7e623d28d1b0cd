"""The continuous archive: every byte of the write-ahead log, streamed out as it is written.

`pg_receivewal` writes segments into a directory of one instance and one generation of it: two generations in one
directory would let a restore follow the wrong timeline. It flushes as it receives, so the position that the
primary sees flushed is what a restore can count on.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from psycopg.conninfo import make_conninfo

from mainstay.core.errors import TargetRefused
from mainstay.engines.postgres.cluster import Cluster
from mainstay.engines.postgres.configuration import ADMIN_ROLE
from mainstay.engines.postgres.lsn import SEGMENT_BYTES, Lsn, parse_segment_name, segment_name
from mainstay.engines.postgres.session import Session, ask
from mainstay.engines.process import ProcessProof, spawn_detached

POLL_S: Final = 0.003
DIVERGED: Final = "diverged"


@dataclass(frozen=True, slots=True)
class Archive:
    """A directory of log segments, for one instance and one generation of it."""

    directory: Path
    name: str

    @property
    def slot(self) -> str:
        """The replication slot that keeps the log until it is archived."""
        return "archive_" + re.sub(r"[^a-z0-9_]", "_", self.name.lower())[:48]

    def segments(self) -> dict[tuple[int, int], Path]:
        """The files by timeline and segment number; a full one goes before its `.partial`."""
        found: dict[tuple[int, int], Path] = {}
        if not self.directory.is_dir():
            return found
        for path in sorted(self.directory.iterdir(), reverse=True):  # `.partial` comes first and is replaced
            key = parse_segment_name(path.name)
            if key is not None:
                found[key] = path
        return found

    def timeline(self) -> int | None:
        """The newest timeline in the archive; None while it is empty."""
        return max((timeline for timeline, _ in self.segments()), default=None)

    def history(self, timeline: int) -> tuple[tuple[int, Lsn], ...]:
        """The timelines before this one with the positions where they were left, oldest first."""
        path = self.directory / f"{timeline:08X}.history"
        return parse_history(path.read_text()) if path.exists() else ()


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A commit that we made: a time just before it (aware, UTC, the server's clock) and a position after it."""

    at: datetime
    lsn: Lsn


def parse_history(text: str) -> tuple[tuple[int, Lsn], ...]:
    """The lines of a timeline history file (timeline, position, reason)."""
    lines = (line.split() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return tuple((int(parts[0]), Lsn.parse(parts[1])) for parts in lines)


def start_archiver(archive: Archive, primary: Cluster) -> ProcessProof:
    """Archive what this primary writes, from where the archive ends; again after a death or a promotion.

    After a promotion the archive follows the new timeline. What it holds of the old one beyond the switch (it was
    ahead of the standby; nobody was told of those commits) moves to `diverged/`. Error: TargetRefused.
    """
    primary.identity.own_directory(archive.directory)
    with primary.session() as opened:
        _make_slot(opened, archive.slot)
        _set_aside_diverged(archive, opened, primary.timeline())
    conninfo = make_conninfo(primary.conninfo, application_name=archive.slot)
    argv = [
        primary.binaries.program("pg_receivewal"), "-d", conninfo, f"--slot={archive.slot}",
        "--synchronous", "--status-interval=1", "-D", str(archive.directory),
    ]  # fmt: skip
    return spawn_detached(
        argv, identity=primary.identity, log_path=archive.directory.with_name(archive.directory.name + ".log")
    )


def _make_slot(opened: Session, slot: str) -> None:
    exists = opened.execute("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s", (slot,)).fetchone()
    if exists is None:
        opened.execute("SELECT pg_create_physical_replication_slot(%s, immediately_reserve => true)", (slot,))


def drop_slot(archive: Archive, primary: Cluster) -> None:
    """Let the primary forget the archive, whose archiver is stopped: it no longer keeps log for it."""
    with primary.session() as opened:
        opened.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s AND NOT active",
            (archive.slot,),
        )


def _set_aside_diverged(archive: Archive, opened: Session, timeline: int) -> None:
    for old, left_at in parse_history(_history_of(opened, timeline)):
        for (owner, number), path in archive.segments().items():
            if owner != old or number < left_at.segment:
                continue
            if number > left_at.segment:
                aside = archive.directory / DIVERGED
                aside.mkdir(mode=0o700, exist_ok=True)
                path.replace(aside / path.name)
            elif not path.name.endswith(".partial"):
                # Received again from its start; as a full segment the archiver would ask for the one after it.
                path.replace(path.with_name(path.name + ".partial"))


def _history_of(opened: Session, timeline: int) -> str:
    row = ask(opened, "SELECT pg_read_file(%s, 0, 1000000, true)", (f"pg_wal/{timeline:08X}.history",))
    return str(row[0] or "")


def _flushed(archive: Archive, opened: Session) -> Lsn | None:
    row = opened.execute(
        "SELECT max(flush_lsn)::text FROM pg_stat_replication WHERE application_name = %s", (archive.slot,)
    ).fetchone()
    return Lsn.parse(row[0]) if row is not None and row[0] is not None else None


def heartbeat(primary: Cluster) -> Heartbeat:
    """Commit one row, as RDS does in its own database, so that an idle server has a time to restore to.

    It does not wait for standbys: with a dead one it would hang. Error: TargetRefused.
    """
    with primary.session(ADMIN_ROLE) as opened:
        return _beat(opened)


def pulse(archive: Archive, primary: Cluster) -> tuple[Heartbeat, Lsn | None]:
    """A heartbeat, and up to where the archive is on disk after it (None while no archiver is connected).

    In one session, as it comes several times a second: beginning one costs more than the questions. Error:
    TargetRefused.
    """
    with primary.session(ADMIN_ROLE) as opened:
        return _beat(opened), _flushed(archive, opened)


def _beat(opened: Session) -> Heartbeat:
    opened.execute("SET synchronous_commit = local")
    row = ask(opened, "UPDATE heartbeat SET beat_at = clock_timestamp() WHERE id = 1 RETURNING beat_at")
    lsn = ask(opened, "SELECT pg_current_wal_flush_lsn()::text")
    return Heartbeat(row[0].astimezone(UTC), Lsn.parse(str(lsn[0])))


def latest_restorable(heartbeats: Sequence[Heartbeat], archived: Lsn | None) -> datetime | None:
    """The newest time that a restore can reach: recovery needs to see a commit after it, and that commit archived."""
    if archived is None:
        return None
    return max((beat.at for beat in heartbeats if beat.lsn <= archived), default=None)


def wait_archived(archive: Archive, primary: Cluster, lsn: Lsn, timeout_s: float = 30.0) -> None:
    """Wait until the archive is on disk up to this position. Error: TargetRefused at the deadline."""
    deadline = time.monotonic() + timeout_s
    with primary.session() as opened:
        while (flushed := _flushed(archive, opened)) is None or flushed < lsn:
            if time.monotonic() >= deadline:
                raise TargetRefused(
                    "archive does not advance",
                    detail=f"{archive.directory} reached {flushed or 'nothing'} of {lsn} within {timeout_s:g} s.",
                    hint="see whether its archiver runs, and the log beside the directory",
                )
            time.sleep(POLL_S)


def fence(archive: Archive, primary: Cluster, timeout_s: float = 30.0) -> Heartbeat:
    """Make everything committed before now restorable: a heartbeat, waited for until it is archived."""
    beat = heartbeat(primary)
    wait_archived(archive, primary, beat.lsn, timeout_s)
    return beat


def first_missing_segment(archive: Archive, from_lsn: Lsn, to_lsn: Lsn, timeline: int) -> str | None:
    """The first file that a replay between these positions needs and the archive lacks; None when it is whole."""
    have = archive.segments()
    history = archive.history(timeline)
    for number in range(from_lsn.segment, to_lsn.segment + 1):
        wanted = timeline_of(number, timeline, history)
        if (wanted, number) not in have:
            return segment_name(wanted, number)
    return None


def timeline_of(segment: int, timeline: int, history: Sequence[tuple[int, Lsn]]) -> int:
    """On which timeline a replay towards `timeline` reads this segment; one that holds a switch, on the newer."""
    return next((old for old, left_at in history if segment < left_at.segment), timeline)


def archive_end(archive: Archive, timeline: int) -> Lsn | None:
    """The end of the last segment of this timeline in the archive (it may be filled in part); None without any."""
    numbers = [number for owner, number in archive.segments() if owner == timeline]
    return Lsn((max(numbers) + 1) * SEGMENT_BYTES) if numbers else None
