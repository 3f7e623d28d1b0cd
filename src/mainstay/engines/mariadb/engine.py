"""MariaDB as one of the engines."""

from __future__ import annotations

from functools import partial
from typing import Final

from mainstay.engines.engine import Engine
from mainstay.engines.identity import Identity
from mainstay.engines.mariadb import archive, backup, replication, restore
from mainstay.engines.mariadb.cluster import Cluster
from mainstay.engines.mariadb.programs import Programs, find_mariadb
from mainstay.engines.mariadb.wire import MARIADB_WIRE


def _find(series: str, identity: Identity) -> Programs:
    return find_mariadb(series, identity=identity)


def _unfound(version: str) -> Programs:
    return Programs((), version, "system")


def _lag_s(primary: Cluster, replica: Cluster, name: str) -> float | None:
    with replica.session() as opened:
        status = replication.slave_status(opened)
    behind = status["Seconds_Behind_Master"] if status is not None else None
    return float(behind) if behind is not None else None


MARIADB: Final = Engine(
    name="mariadb",
    label="MariaDB",
    beat_s=0.1,
    wire=MARIADB_WIRE,
    role_settings=replication.ROLE_SETTINGS,
    settings_signs=(
        "unknown variable", "unknown option", "ambiguous option", "Error while setting value", "Unknown suffix",
        "Wrong value", "Cannot allocate memory for the buffer pool",
    ),
    find=_find,
    unfound=_unfound,
    cluster=Cluster,
    archive=archive.Archive,
    base_copy=replication.base_copy,
    copy_stopped=replication.copy_stopped,
    standby_settings=replication.standby_settings,
    replica_settings=partial(replication.standby_settings, acknowledges=False),
    follow=replication.follow,
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
