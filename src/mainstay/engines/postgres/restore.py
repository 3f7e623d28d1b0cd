"""Restores: a snapshot, and the archive up to a point in time, become a new cluster.

The data are put together as `data.partial` and renamed when they are complete, pg_control last, so that what is
cut short can never be started. A target that cannot be reached is an error with the point that was reached:
never a server at an earlier point that looks as if all were well.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from mainstay.core.clock import render_time
from mainstay.core.errors import InputRefused, MainstayError, TargetRefused
from mainstay.engines.certificates import ServerCertificate
from mainstay.engines.copying import Copied, copy_tree
from mainstay.engines.home import log_since, write_private
from mainstay.engines.postgres.archive import Archive, archive_end, first_missing_segment, parse_history
from mainstay.engines.postgres.backup import Snapshot, verify_backup
from mainstay.engines.postgres.cluster import Cluster
from mainstay.engines.postgres.lsn import SEGMENT_BYTES, Lsn
from mainstay.engines.postgres.server_log import NOT_REACHED, RecoveryTold
from mainstay.engines.postgres.session import ask
from mainstay.engines.postgres.template import CONTROL
from mainstay.engines.process import ProcessProof
from mainstay.engines.snapshots import copy_checked, refuse_time

# 1.1 GB base and 1.16 GB log: stock 7.3 s, with these 5.7 s (2 cores, 2026-11-20).
REPLAY_SETTINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "checkpoint_timeout": "1h",
        "max_wal_size": "16GB",
        "recovery_prefetch": "off",
        # Without it the server insists on the source's max_connections and the like, and sessions could come early.
        "hot_standby": "off",
        "log_line_prefix": "%m [%p] ",
        "log_min_messages": "warning",
        "synchronous_standby_names": "",
    }
)
# 4.8 s: not crash-safe, so only for a restore that is thrown away.
THROW_AWAY_SETTINGS: Final[Mapping[str, str]] = MappingProxyType({"fsync": "off", "shared_buffers": "1GB"})


@dataclass(frozen=True, slots=True)
class RestoredInfo:
    """A restored server that takes writes: its process, the point it reached, and the seconds of each phase.

    `reached_time` is the time of the last commit that was replayed (aware, UTC), None if there was none;
    `ready_s` runs from the server's start to its first session and contains `replay_s`.
    """

    proof: ProcessProof
    reached_lsn: Lsn
    reached_time: datetime | None
    timeline: int
    copy_s: float
    replay_s: float
    ready_s: float
    copied_bytes: int


def restore(
    snapshot: Snapshot,
    into: Cluster,
    *,
    archive: Archive | None = None,
    target_time: datetime | None = None,
    timeline: int | None = None,
    must_reach: Lsn | None = None,
    settings: Mapping[str, str] | None = None,
    tls: ServerCertificate | None = None,
    force_ssl: bool = True,
    durable: bool = True,
    timeout_s: float = 6 * 3600.0,
    progress: Copied | None = None,
) -> RestoredInfo:
    """Restore a snapshot into a new cluster and leave it running, with `settings`.

    Without `archive` the result is the snapshot's own end; with it, every commit up to and including `target_time`
    (aware), or all that is archived. `timeline` is the archive's newest unless given. `must_reach` refuses a
    result that ends earlier. `durable=False` replays without fsync, for a restore that is thrown away.

    Errors: AnswerIsNo for a snapshot whose files are not those of its manifest, before anything of it is started;
    InputRefused for a time that is naive or not after the snapshot's end, and for a home that has data;
    TargetRefused when the target cannot be reached, with the point reached and the first missing segment;
    EnvironmentLacking when the disk is full. Whatever fails, no data are left.
    """
    into.refuse_existing()
    _refuse_version(snapshot, into)
    target = _target(snapshot, archive, target_time, timeline)
    try:
        started = time.monotonic()
        copied_bytes = copy_checked(
            lambda: _copy(snapshot, into, progress),
            lambda: verify_backup(snapshot, into.binaries, into.identity, timeout_s=timeout_s),
        )
        copy_s = time.monotonic() - started
        replay = {**(settings or {}), **REPLAY_SETTINGS, **({} if durable else THROW_AWAY_SETTINGS), **target}
        into.configure(replay, tls=tls, force_ssl=force_ssl)
        proof, ready_s = _replay(snapshot, into, archive, target, timeout_s)
        info = _look_at(into, proof, copy_s, ready_s, copied_bytes)
        _refuse_short(into, info, must_reach)
    except BaseException:
        into.discard()
        raise
    into.configure(settings or {}, tls=tls, force_ssl=force_ssl)
    into.reload()
    return info


def _target(
    snapshot: Snapshot, archive: Archive | None, target_time: datetime | None, timeline: int | None
) -> dict[str, str]:
    settings = {"recovery_target_action": "promote"}
    if target_time is not None:
        refuse_time(snapshot.directory, snapshot.ended_at, target_time, has_archive=archive is not None)
    if archive is None:
        # The log that makes the snapshot consistent lies in its own pg_wal.
        return settings | {
            "restore_command": "false",
            "recovery_target": "immediate",
            "recovery_target_timeline": "current",
        }
    goal = timeline or archive.timeline() or snapshot.timeline
    settings |= {"restore_command": restore_command(archive), "recovery_target_timeline": str(goal)}
    if target_time is not None:
        return settings | {"recovery_target_time": recovery_time(target_time)}
    _refuse_gap(snapshot, archive, goal)
    return settings


def recovery_time(moment: datetime) -> str:
    """A time with its offset spelled out: without one the server reads it in its own zone."""
    return moment.astimezone(UTC).isoformat(sep=" ", timespec="microseconds")


def restore_command(archive: Archive) -> str:
    """A shell command that fetches a segment, or the part of it that is there; the path is quoted."""
    directory = shlex.quote(str(archive.directory)).replace("%", "%%")
    return f'for f in {directory}/%f {directory}/%f.partial; do [ -f "$f" ] && exec cp "$f" "%p"; done; exit 1'


def _refuse_version(snapshot: Snapshot, into: Cluster) -> None:
    if snapshot.version.partition(".")[0] != str(into.binaries.major):
        raise InputRefused(
            "snapshot of another major version",
            detail=f"{snapshot.directory} was taken by PostgreSQL {snapshot.version}, not {into.binaries.major}.",
            hint="restore it with the programs of its own major, and upgrade afterwards",
        )


def _refuse_gap(snapshot: Snapshot, archive: Archive, timeline: int) -> None:
    """Replaying to the end takes a gap for the end, and would succeed at an earlier point."""
    end = archive_end(archive, timeline)
    missing = first_missing_segment(archive, snapshot.end_lsn, Lsn(end - 1), timeline) if end is not None else None
    if missing is not None:
        raise TargetRefused(
            "archive has a gap",
            detail=f"{archive.directory} lacks {missing}, though later segments are there.",
            hint="restore to a time before the gap, or from a backup that was taken after it",
        )


def _copy(snapshot: Snapshot, into: Cluster, progress: Copied | None) -> int:
    into.prepare()
    building = into.begin_data()
    copied = copy_tree(snapshot.data, building, identity=into.identity, last=[CONTROL], progress=progress)
    write_private(into.password_file, snapshot.password_file.read_text(), into.identity)
    write_private(building / "recovery.signal", "", into.identity)
    building.rename(into.data_directory)
    return copied


def _replay(
    snapshot: Snapshot, into: Cluster, archive: Archive | None, target: Mapping[str, str], timeout_s: float
) -> tuple[ProcessProof, float]:
    started = time.monotonic()
    proof = into.start(must_accept=False)
    try:
        into.await_ready(proof, timeout_s)
    except TargetRefused as error:
        if NOT_REACHED in log_since(into.log_path):
            raise _unreachable(snapshot, into, archive, target) from error
        raise
    return proof, time.monotonic() - started


def _unreachable(
    snapshot: Snapshot, into: Cluster, archive: Archive | None, target: Mapping[str, str]
) -> MainstayError:
    told = RecoveryTold.read(log_since(into.log_path))
    reached = told.last_record or snapshot.end_lsn
    last = f"last commit at {render_time(told.last_commit)}" if told.last_commit else "no commit was replayed"
    lines = [f"Replay towards {target.get('recovery_target_time', 'the target')} ended at {reached} ({last})."]
    if archive is not None:
        lines.append(_why_it_ends(archive, reached, int(target["recovery_target_timeline"])))
    return TargetRefused(
        "target cannot be reached",
        detail="\n".join(lines),
        hint="choose a time up to the last commit above, or wait until the archive has passed the target",
    )


def _why_it_ends(archive: Archive, reached: Lsn, timeline: int) -> str:
    end = archive_end(archive, timeline)
    missing = first_missing_segment(archive, reached, Lsn(end - 1), timeline) if end else None
    if missing is not None:
        return f"First missing segment: {missing}."
    if end is not None and end - reached > SEGMENT_BYTES:
        return f"The archive goes on until {end}, so the log is damaged after {reached}."
    return "The archive holds no commit after the target."


def _look_at(into: Cluster, proof: ProcessProof, copy_s: float, ready_s: float, copied_bytes: int) -> RestoredInfo:
    told = RecoveryTold.read(log_since(into.log_path))
    timeline = into.timeline()
    with into.session() as opened:
        history = str(ask(opened, "SELECT pg_read_file(%s)", (f"pg_wal/{timeline:08X}.history",))[0])
    # Where the new timeline leaves the old one: the end of the last record, which the log does not tell.
    reached = parse_history(history)[-1][1]
    return RestoredInfo(proof, reached, told.last_commit, timeline, copy_s, told.replay_s, ready_s, copied_bytes)


def _refuse_short(into: Cluster, info: RestoredInfo, must_reach: Lsn | None) -> None:
    if must_reach is not None and info.reached_lsn < must_reach:
        raise TargetRefused(
            "restore ended too early",
            detail=f"{into.data_directory} reached {info.reached_lsn}, but {must_reach} was asked for.",
            hint="the archive ends there or holds a damaged record; compare its segments with the source",
        )
