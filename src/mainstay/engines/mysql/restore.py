"""Restores of MySQL: a snapshot, and the archive up to a point in time, become a new server.

The archived logs are given to a server of their own, the feeder, and the restored data follow it as a replica up to
the last transaction wanted. That is found before anything is copied, and compared with what was reached.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mainstay.core.errors import TargetRefused
from mainstay.engines.certificates import ServerCertificate
from mainstay.engines.copying import Copied, copy_tree
from mainstay.engines.home import begin_data, write_private
from mainstay.engines.mariadb.archive import Archive
from mainstay.engines.mariadb.restore import POLL_S, STEP_S, feeder_of, refuse_series
from mainstay.engines.mariadb.session import Session, ask, literal, tell
from mainstay.engines.mysql.backup import Snapshot
from mainstay.engines.mysql.cluster import Cluster
from mainstay.engines.mysql.replication import executed, follow_statements, forget_logs, replica_status
from mainstay.engines.mysql.timeline import Leg, Route, read_log, route_to_end, route_to_time
from mainstay.engines.process import ProcessProof, terminate
from mainstay.engines.snapshots import copy_checked, refuse_time, verify_sums

# While replaying, a crash only means to begin again: nothing is forced to disk until the point is reached. One worker,
# because a replay that stops after given transactions has to apply them in order.
REPLAY_SETTINGS: Final = {
    "innodb_flush_log_at_trx_commit": "0",
    "sync_binlog": "0",
    "replica_parallel_workers": "1",
    "read_only": "ON",
}


@dataclass(frozen=True, slots=True)
class RestoredInfo:
    """A restored server that takes writes: its process, the point it reached, and the seconds of each phase.

    `reached_time` is when the last transaction that was replayed was committed (aware, UTC), None if there was none.
    `unsure` counts transactions that may or may not belong to the target: none, since each tells its microsecond.
    """

    proof: ProcessProof
    reached: str
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
    settings: Mapping[str, str] | None = None,
    tls: ServerCertificate | None = None,
    force_ssl: bool = True,
    timeout_s: float = 6 * 3600.0,
    progress: Copied | None = None,
) -> RestoredInfo:
    """Restore a snapshot into a new cluster and leave it running, with `settings`.

    Without `archive` the result is the snapshot's own end; with it, every commit up to and including `target_time`
    (aware), or all that is archived.

    Errors: AnswerIsNo for a snapshot whose files are not those that were backed up, before anything of it is started;
    InputRefused for a time that is naive or not after the snapshot's end, and for a home that has data;
    TargetRefused when the target cannot be reached, with what is missing; EnvironmentLacking when the disk is full.
    Whatever fails, no data are left.
    """
    into.refuse_existing()
    refuse_series("MySQL", snapshot, into)
    route = _route(snapshot, archive, target_time)
    try:
        started = time.monotonic()
        copied_bytes = _copy(snapshot, into, progress)
        copy_s = time.monotonic() - started
        replay_s = _replay(into, route, {**(settings or {}), **REPLAY_SETTINGS}, time.monotonic() + timeout_s)
        into.configure(settings or {}, tls=tls, force_ssl=force_ssl)
        starting = time.monotonic()
        proof = into.start(timeout_s=timeout_s)
    except BaseException:
        into.discard()
        raise
    ready_s = replay_s + time.monotonic() - starting
    return RestoredInfo(proof, route.goal, route.reached_time, 0, copy_s, replay_s, ready_s, copied_bytes)


def _route(snapshot: Snapshot, archive: Archive | None, target_time: datetime | None) -> Route:
    if target_time is not None:
        refuse_time(snapshot.directory, snapshot.ended_at, target_time, has_archive=archive is not None)
    if archive is None:
        return Route((), str(snapshot.gtids), None)
    log = read_log(archive, snapshot.gtids)
    if target_time is None:
        return route_to_end(log, snapshot.gtids)
    return route_to_time(log, target_time, snapshot.gtids)


def _copy(snapshot: Snapshot, into: Cluster, progress: Copied | None) -> int:
    into.prepare()
    building = begin_data(into.home)
    copied = copy_checked(
        lambda: copy_tree(snapshot.data, building, identity=into.identity, progress=progress),
        lambda: verify_sums(snapshot),
    )
    write_private(into.password_file, snapshot.password_file.read_text(), into.identity)
    building.rename(into.data_directory)
    return copied


def _replay(into: Cluster, route: Route, settings: Mapping[str, str], deadline: float) -> float:
    """Bring the copy to the route's end, and leave it stopped, with a log that begins there; the seconds it took."""
    if not route.legs:
        return 0.0
    started = time.monotonic()
    into.configure(settings)
    proof = into.start()
    for leg in route.legs:
        _replay_leg(into, leg, deadline)
    with into.session() as opened:
        _refuse_strange(opened, route)
    into.stop(proof)
    # Its log repeats the archive's; what it has replayed is kept in a table of its own.
    forget_logs(into.data_directory)
    return time.monotonic() - started


def _refuse_strange(opened: Session, route: Route) -> None:
    """Error: TargetRefused when the data hold a transaction that does not belong to the point, or lack one."""
    here = executed(opened)
    strange, lacking = (
        str(ask(opened, "SELECT GTID_SUBTRACT(%s, %s)", pair)[0]) for pair in ((here, route.goal), (route.goal, here))
    )
    if strange or lacking:
        raise TargetRefused(
            "restore did not end where it should",
            detail=f"Beyond the point: {strange or 'nothing'}. Missing: {lacking or 'nothing'}.",
            hint="compare the archive with its source, or restore from a later backup",
        )


def _replay_leg(into: Cluster, leg: Leg, deadline: float) -> None:
    """Follow a server that has these logs, up to the leg's last transaction."""
    feeder = feeder_of(into, leg.files)
    proof = feeder.start()
    try:
        with into.session(timeout_s=STEP_S) as opened:
            tell(opened, follow_statements(feeder)[0])
            tell(opened, f"START REPLICA UNTIL SQL_AFTER_GTIDS = {literal(leg.until)}")
            _await_stop(opened, leg, deadline)
            tell(opened, "STOP REPLICA")
            tell(opened, "RESET REPLICA ALL")
    finally:
        terminate(proof, "kill")
        feeder.erase()


def _await_stop(opened: Session, leg: Leg, deadline: float) -> None:
    while (status := replica_status(opened)) is not None:
        if ask(opened, "SELECT GTID_SUBSET(%s, @@global.gtid_executed)", (leg.until,))[0]:
            return
        trouble = str(status["Last_SQL_Error"] or status["Last_IO_Error"] or "")
        if time.monotonic() >= deadline or (trouble and "No" in (status["Replica_SQL_Running"], _receiving(status))):
            raise TargetRefused(
                "replay stopped",
                detail=f"The replay towards {leg.until} stopped at {executed(opened)}: {trouble or 'too slow'}",
                hint="compare the archive with its source, or restore from a later backup",
            )
        time.sleep(POLL_S)


def _receiving(status: Mapping[str, object]) -> str:
    """`Connecting` counts as receiving: the feeder may only be a moment late."""
    return str(status["Replica_IO_Running"])
