"""Standbys and replicas of MySQL: CLONE, following by GTID, semi-synchronous commit, promotion.

A commit waits until the standby has it in its relay log (AFTER_SYNC, without a time limit). Any replica that
acknowledges would do for the server, so only the standby is given that role.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from mainstay.engines.copying import copy_tree
from mainstay.engines.home import write_private
from mainstay.engines.mariadb import followers
from mainstay.engines.mariadb.configuration import ADMIN_USER, BINLOG
from mainstay.engines.mariadb.followers import (
    SOURCE_FILE,
    Promotion,
    Words,
    begin_copy,
    finish_copy,
    refuse_late,
    refuse_no_standby,
    remove_logs,
)
from mainstay.engines.mariadb.session import Session, ask, literal, named, tell
from mainstay.engines.mysql.cluster import HEARTBEAT, Cluster
from mainstay.engines.replica_ahead import ReplicaAhead

# By these a standby is one; everything else comes from its parameter group.
ROLE_SETTINGS: Final = (
    "init_file", "read_only", "report_host", "rpl_semi_sync_source_enabled", "rpl_semi_sync_replica_enabled",
)  # fmt: skip
# Servers of other homes have them; each server has its own from its first start on.
NOT_COPIED: Final = (f"{BINLOG}.", "relay.", "relay-log.info", "auto.cnf", "server.", "ibtmp1", "mysqld-auto.cnf")


def base_copy(primary: Cluster, into: Cluster, *, timeout_s: float = 3600.0) -> None:
    """Copy a running primary's data into a new cluster's home; the copy goes on where the copy ended.

    Errors: InputRefused when `into` has data, EnvironmentLacking when the disk is full, TargetRefused.
    """
    building = begin_copy(into)
    try:
        clone(primary, building, timeout_s)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    finish_copy(primary, into, building)


def clone(primary: Cluster, directory: Path, timeout_s: float) -> None:
    """Copy the data of a running server, as of the copy's end, into a new directory (MySQL's CLONE plugin).

    Its transactions are kept in the copy itself, so a server that starts on it knows where to go on.
    """
    with primary.session(timeout_s=timeout_s) as opened:
        tell(opened, f"CLONE LOCAL DATA DIRECTORY = {literal(str(directory))}")


def copy_stopped(primary: Cluster, into: Cluster) -> None:
    """Copy the data of a primary that is shut down: the quick way to a standby before the first start.

    Error: TargetRefused while the primary runs.
    """
    primary.refuse_running()
    building = begin_copy(into)
    copy_tree(primary.data_directory, building, identity=into.identity)
    forget_logs(building)
    finish_copy(primary, into, building)


def forget_logs(data: Path) -> None:
    """Remove the logs of a stopped server's data, and what else belongs to the server and not to its data."""
    remove_logs(data, NOT_COPIED)


def standby_settings(
    primary: Cluster, standby: Cluster, application_name: str, *, acknowledges: bool = True
) -> dict[str, str]:
    """The settings by which `standby` follows `primary` under this name; how is in a file (0600).

    Only one that `acknowledges` may stand in for the primary: a read replica must not.
    """
    standby.prepare()
    text = "\n".join(["STOP REPLICA;", *follow_statements(primary)]) + "\n"
    write_private(standby.side / SOURCE_FILE, text, standby.identity)
    return {
        "init_file": str(standby.side / SOURCE_FILE),
        "read_only": "ON",
        "report_host": application_name,
        "rpl_semi_sync_replica_enabled": "ON" if acknowledges else "OFF",
    }


def follow_statements(primary: Cluster) -> list[str]:
    """The statements by which a server follows this one; a server reads them, one a line, at each start."""
    tls = (
        f"SOURCE_SSL=1, SOURCE_SSL_CA={literal(str(primary.authority))}"
        if primary.authority
        else "SOURCE_SSL=0, GET_SOURCE_PUBLIC_KEY=1"
    )
    return [
        f"CHANGE REPLICATION SOURCE TO SOURCE_HOST={literal(primary.host)}, SOURCE_PORT={primary.port},"
        f" SOURCE_USER='{ADMIN_USER}', SOURCE_PASSWORD={literal(primary.password())}, SOURCE_CONNECT_RETRY=1,"
        f" SOURCE_RETRY_COUNT=86400, SOURCE_HEARTBEAT_PERIOD=5, SOURCE_AUTO_POSITION=1, {tls};",
        "START REPLICA;",
    ]


def follow(standby: Cluster, primary: Cluster, application_name: str, *, acknowledges: bool = False) -> None:
    """Make a running standby follow another primary from now on.

    Error: ReplicaAhead when it has transactions that the new primary lacks; it must then be made anew, from a copy.
    """
    with standby.session(timeout_s=30.0) as opened:
        tell(opened, "STOP REPLICA")
        _refuse_ahead(standby, opened, primary)
        standby.change_settings(standby_settings(primary, standby, application_name, acknowledges=acknowledges))
        tell(opened, f"SET GLOBAL rpl_semi_sync_replica_enabled = {'ON' if acknowledges else 'OFF'}")
        for statement in follow_statements(primary):
            tell(opened, statement)


def _refuse_ahead(standby: Cluster, opened: Session, primary: Cluster) -> None:
    mine = executed(opened)
    with primary.session() as other:
        ahead = str(ask(other, "SELECT GTID_SUBTRACT(%s, @@global.gtid_executed)", (mine,))[0])
    if ahead:
        raise ReplicaAhead(
            "replica is ahead of its new primary",
            detail=f"{standby.home} has {ahead}, which {primary.host}:{primary.port} never received.",
            hint="nobody was told of that commit; make the replica anew from a copy of the new primary",
        )


def executed(opened: Session) -> str:
    """Every transaction that a server has, as a set."""
    return str(ask(opened, "SELECT @@global.gtid_executed")[0]).replace("\n", "")


def promote(cluster: Cluster, timeout_s: float = 30.0) -> Promotion:
    """Make a standby a primary: it replays all that it has received, then takes writes.

    Errors: NoStandby when it is none, TargetRefused when it does not end its replay in time.
    """
    started = time.monotonic()
    with cluster.session(timeout_s=max(1.0, timeout_s) + 5.0) as opened:
        tell(opened, "STOP REPLICA IO_THREAD")
        received = str(_require_status(cluster, opened)["Retrieved_Gtid_Set"] or "").replace("\n", "")
        late = ask(opened, "SELECT WAIT_FOR_EXECUTED_GTID_SET(%s, %s)", (received, max(0.001, timeout_s)))[0]
        if late:
            raise refuse_late(cluster, received, timeout_s)
        tell(opened, "STOP REPLICA")
        reached = executed(opened)
        cluster.change_settings(dict.fromkeys(ROLE_SETTINGS))
        tell(opened, "SET GLOBAL rpl_semi_sync_replica_enabled = OFF, GLOBAL read_only = OFF")
        # Last: until then it is a standby, so that a promotion which was cut short is begun again.
        tell(opened, "RESET REPLICA ALL")
    return Promotion(reached, time.monotonic() - started)


def _require_status(cluster: Cluster, opened: Session) -> Mapping[str, Any]:
    status = replica_status(opened)
    if status is None:
        raise refuse_no_standby(cluster)
    return status


def replica_status(opened: Session) -> Mapping[str, Any] | None:
    """How a follower fares, in the server's own words; None when it follows nobody."""
    found = named(opened, "SHOW REPLICA STATUS")
    return found[0] if found else None


WORDS: Final = Words(
    followers="SHOW REPLICAS",
    standing="SHOW REPLICA STATUS",
    source="source",
    acknowledge=f"UPDATE {HEARTBEAT} SET beat_at = SYSDATE(6) WHERE id = 0",  # noqa: S608 - a constant
)
require_synchronous = partial(followers.require_synchronous, WORDS)
drop_synchronous = partial(followers.drop_synchronous, WORDS)
streaming_state = partial(followers.streaming_state, WORDS)
unacknowledged = partial(followers.unacknowledged, WORDS)
wait_streaming = partial(followers.wait_streaming, WORDS)
