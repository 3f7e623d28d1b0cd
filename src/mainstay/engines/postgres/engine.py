"""PostgreSQL as one of the engines."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mainstay.engines.binaries import Binaries, find_postgres
from mainstay.engines.engine import Engine
from mainstay.engines.identity import Identity
from mainstay.engines.postgres import archive, backup, replication, restore
from mainstay.engines.postgres.cluster import Cluster
from mainstay.engines.postgres.wire import POSTGRES_WIRE


def _find(major: str, identity: Identity) -> Binaries:
    return find_postgres(int(major), identity=identity)


def _unfound(version: str) -> Binaries:
    return Binaries(Path("/"), version, int(version.partition(".")[0]), "system")


def _follow(standby: Cluster, primary: Cluster, name: str, *, acknowledges: bool) -> None:
    replication.follow(standby, primary, name)


def _lag_s(primary: Cluster, replica: Cluster, name: str) -> float | None:
    states = (state for state in replication.streaming_state(primary) if state.name == name)
    return next((state.replay_lag_s or 0.0 for state in states), None)


POSTGRES: Final = Engine(
    name="postgres",
    label="PostgreSQL",
    beat_s=0.3,
    wire=POSTGRES_WIRE,
    role_settings=("primary_conninfo", "recovery_target_timeline", "synchronous_standby_names"),
    settings_signs=(
        "postgresql.conf", "invalid value for parameter", "could not map anonymous shared memory",
        "unrecognized configuration parameter", "must be less than", "could not access file",
    ),
    find=_find,
    unfound=_unfound,
    cluster=Cluster,
    archive=archive.Archive,
    base_copy=replication.base_copy,
    copy_stopped=replication.copy_stopped,
    standby_settings=replication.standby_settings,
    replica_settings=replication.standby_settings,
    follow=_follow,
    promote=replication.promote,
    require_synchronous=replication.require_synchronous,
    drop_synchronous=replication.drop_synchronous,
    wait_streaming=replication.wait_streaming,
    lag_s=_lag_s,
    unacknowledged=replication.unacknowledged,
    start_archiver=archive.start_archiver,
    drop_slot=archive.drop_slot,
    pulse=archive.pulse,
    latest_restorable=archive.latest_restorable,
    fence=archive.fence,
    take_backup=backup.take_backup,
    load_snapshot=backup.Snapshot.load,
    restore=restore.restore,
)  # fmt: skip
