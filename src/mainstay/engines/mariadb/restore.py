"""Restores: a snapshot, and the archive up to a point in time, become a new server.

The archived logs are given to a server of their own, the feeder, and the restored data follow it as a replica up to
one transaction: 26-29 MB of log a second, where `mariadb-binlog | mariadb` replays 5 (2026-11-20). The transaction is
found before anything is copied, so a target that cannot be reached is an error: never an earlier state that looks
as if all were well.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.engines.certificates import ServerCertificate
from mainstay.engines.copying import Copied, copy_tree
from mainstay.engines.home import begin_data, write_private
from mainstay.engines.mariadb.archive import Archive
from mainstay.engines.mariadb.backup import Snapshot
from mainstay.engines.mariadb.cluster import Cluster
from mainstay.engines.mariadb.configuration import BINLOG
from mainstay.engines.mariadb.gtid import Gtid, last_gtid
from mainstay.engines.mariadb.replication import follow_statements, forget_logs, prepare_copy, slave_status
from mainstay.engines.mariadb.session import Session, ask, literal, tell
from mainstay.engines.mariadb.timeline import Leg, Route, read_log, route_to_end, route_to_time
from mainstay.engines.ports import reserve_internal
from mainstay.engines.process import ProcessProof, terminate
from mainstay.engines.snapshots import copy_checked, refuse_time, verify_sums

POLL_S: Final = 0.01
STEP_S: Final = 30.0
# While replaying, a crash only means to begin again: nothing is forced to disk until the point is reached.
REPLAY_SETTINGS: Final = {"innodb_flush_log_at_trx_commit": "0", "sync_binlog": "0"}


AnyCluster = TypeVar("AnyCluster", bound=Cluster)


@dataclass(frozen=True, slots=True)
class RestoredInfo:
    """A restored server that takes writes: its process, the point it reached, and the seconds of each phase.

    `reached_time` is the time of the last transaction that was replayed (aware, UTC), None if there was none;
    `ready_s` runs from the first start to the last one's first session and contains `replay_s`.
    `unsure` counts transactions that were left out though they may have come before the target: those between the
    last heartbeat before it and the next one, in the target's own second.
    """

    proof: ProcessProof
    reached: Gtid | None
    reached_time: datetime | None
    unsure: int
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
    must_reach: Gtid | None = None,
    settings: Mapping[str, str] | None = None,
    tls: ServerCertificate | None = None,
    force_ssl: bool = True,
    timeout_s: float = 6 * 3600.0,
    progress: Copied | None = None,
) -> RestoredInfo:
    """Restore a snapshot into a new cluster and leave it running, with `settings`.

    Without `archive` the result is the snapshot's own end; with it, every commit up to and including `target_time`
    (aware), or all that is archived. `must_reach` refuses a result that ends earlier.

    Errors: AnswerIsNo for a snapshot whose files are not those that were backed up, before anything of it is started;
    InputRefused for a time that is naive or not after the snapshot's end, and for a home that has data;
    TargetRefused when the target cannot be reached, with the point reached and what is missing;
    EnvironmentLacking when the disk is full. Whatever fails, no data are left.
    """
    into.refuse_existing()
    refuse_series("MariaDB", snapshot, into)
    route = _route(snapshot, archive, target_time)
    _refuse_short(route.goal or snapshot.gtid, must_reach)
    try:
        started = time.monotonic()
        copied_bytes = _copy(snapshot, into, timeout_s, progress)
        copy_s = time.monotonic() - started
        replay_s = _replay(into, route, {**(settings or {}), **REPLAY_SETTINGS}, time.monotonic() + timeout_s)
        into.configure(settings or {}, tls=tls, force_ssl=force_ssl)
        starting = time.monotonic()
        proof = into.start(timeout_s=timeout_s)
    except BaseException:
        into.discard()
        raise
    ready_s = replay_s + time.monotonic() - starting
    reached = route.goal or snapshot.gtid
    return RestoredInfo(proof, reached, route.reached_time, route.unsure, copy_s, replay_s, ready_s, copied_bytes)


def _route(snapshot: Snapshot, archive: Archive | None, target_time: datetime | None) -> Route:
    if target_time is not None:
        refuse_time(snapshot.directory, snapshot.ended_at, target_time, has_archive=archive is not None)
    if archive is None:
        return Route((), None, None)
    log = read_log(archive, snapshot.gtid)
    return route_to_end(log) if target_time is None else route_to_time(log, target_time)


def refuse_series(label: str, snapshot: Any, into: Cluster) -> None:
    """Error: InputRefused for a snapshot (Any: of either engine) that another series took."""
    if snapshot.series != into.binaries.series:
        raise InputRefused(
            "snapshot of another version",
            detail=f"{snapshot.directory} was taken by {label} {snapshot.version}, not {into.binaries.series}.",
            hint="restore it with the programs of its own series, and upgrade afterwards",
        )


def _refuse_short(reached: Gtid | None, must_reach: Gtid | None) -> None:
    if must_reach is not None and (reached is None or reached.sequence < must_reach.sequence):
        raise TargetRefused(
            "restore ended too early",
            detail=f"It would reach {reached or 'nothing'}, but {must_reach} was asked for.",
            hint="the archive ends there; compare its files with the source's",
        )


def _copy(snapshot: Snapshot, into: Cluster, timeout_s: float, progress: Copied | None) -> int:
    into.prepare()
    building = begin_data(into.home)
    copied = copy_checked(
        lambda: copy_tree(snapshot.data, building, identity=into.identity, progress=progress),
        lambda: verify_sums(snapshot),
    )
    prepare_copy(into, building, timeout_s)
    write_private(into.password_file, snapshot.password_file.read_text(), into.identity)
    position = f"{snapshot.gtid}\n" if snapshot.gtid is not None else ""
    write_private(building / f"{BINLOG}.state", position, into.identity)
    building.rename(into.data_directory)
    return copied


def _replay(into: Cluster, route: Route, settings: Mapping[str, str], deadline: float) -> float:
    """Bring the copy to the route's end, and leave it stopped, with a log that begins there; the seconds it took."""
    if not route.legs:
        return 0.0
    started = time.monotonic()
    into.configure({**settings, "read_only": "ON"})
    proof = into.start()
    for leg in route.legs:
        _replay_leg(into, leg, deadline)
    into.stop(proof)
    # Its log repeats the archive's. RESET MASTER would do the same in a second and a half.
    forget_logs(into.data_directory)
    write_private(into.data_directory / f"{BINLOG}.state", f"{route.goal}\n", into.identity)
    return time.monotonic() - started


def _replay_leg(into: Cluster, leg: Leg, deadline: float) -> None:
    """Follow a server that has these logs, up to the leg's last transaction."""
    feeder = feeder_of(into, leg.files)
    proof = feeder.start()
    try:
        with into.session(timeout_s=STEP_S) as opened:
            *prepare, _ = follow_statements(feeder)
            for statement in prepare:
                tell(opened, statement)
            tell(opened, f"START SLAVE UNTIL master_gtid_pos = {literal(str(leg.until))}")
            _await_stop(opened, leg.until, deadline)
            tell(opened, "STOP SLAVE")
            tell(opened, "RESET SLAVE ALL")
    finally:
        terminate(proof, "kill")
        feeder.erase()


def feeder_of(into: AnyCluster, files: Sequence[Path]) -> AnyCluster:
    """A server of the same engine within the same home, not started, that has these logs as its own."""
    with reserve_internal([(into.host, into.port)]) as reserved:
        feeder = type(into)(into.home / "feeder", reserved.host, reserved.port, into.binaries, into.identity)
    if feeder.home.exists():
        feeder.erase()
    own = feeder.initialise_feeder()
    # Copies: a server closes the last log that it finds, and an archive must not change.
    for path in files:
        shutil.copyfile(path, feeder.data_directory / path.name)
        into.identity.own(feeder.data_directory / path.name, 0o600)
    index = "".join(f"./{path.name}\n" for path in files)
    write_private(feeder.data_directory / f"{BINLOG}.index", index, into.identity)
    feeder.configure({**own, "innodb_buffer_pool_size": "16M", "read_only": "ON", "binlog_expire_logs_seconds": "0"})
    return feeder


def _await_stop(opened: Session, until: Gtid, deadline: float) -> None:
    while (status := slave_status(opened)) is not None:
        trouble = str(status["Last_SQL_Error"] or status["Last_IO_Error"] or "")
        has_stopped = status["Slave_SQL_Running"] == "No"
        reached = last_gtid(str(ask(opened, "SELECT @@global.gtid_slave_pos")[0]))
        if has_stopped and reached == until:
            return
        if time.monotonic() >= deadline or has_stopped or (trouble and status["Slave_IO_Running"] == "No"):
            raise TargetRefused(
                "replay stopped",
                detail=f"The replay towards {until} stopped at {reached or 'its beginning'}: {trouble or 'too slow'}",
                hint="compare the archive with its source, or restore from a later backup",
            )
        time.sleep(POLL_S)
