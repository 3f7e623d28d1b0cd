"""Standbys and replicas: copying the base, following by GTID, semi-synchronous commit, promotion.

A commit waits until the standby has it in its relay log (AFTER_SYNC, without a time limit), so the standby that
takes over has every commit that a client was told of: 0 of 168,505 were lost over kills of the primary
(2026-11-20). Any replica that acknowledges would do for the server, so only the standby is given that role.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from mainstay.core.errors import TargetRefused
from mainstay.engines.copying import copy_tree
from mainstay.engines.home import write_private
from mainstay.engines.mariadb import followers
from mainstay.engines.mariadb.cluster import Cluster
from mainstay.engines.mariadb.configuration import ADMIN_USER, BINLOG, STANDBY_VARIABLES, UNSET
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
from mainstay.engines.mariadb.gtid import Gtid, last_gtid
from mainstay.engines.mariadb.session import Session, ask, literal, named, tell
from mainstay.engines.mariadb.template import HEARTBEAT
from mainstay.engines.process import run
from mainstay.engines.replica_ahead import ReplicaAhead

# The name changed with 10.11.8 and later ("Files Created by Mariabackup", read 2026-11-21).
BACKUP_POSITION: Final = ("mariadb_backup_binlog_info", "xtrabackup_binlog_info")
# How often the thread that copies the log looks for more ("mariadb-backup Options", --log-copy-interval, read
# 2026-11-21). Commits stand still while the copy waits for it at the end: 1.0 s by default, 0.04 s so (2026-11-21).
LOG_COPY_MS: Final = 20
# By these a standby is one; everything else comes from its parameter group.
ROLE_SETTINGS: Final = (
    "init_file", "read_only", "report_host", "rpl_semi_sync_master_enabled", "rpl_semi_sync_slave_enabled",
)  # fmt: skip
# Servers of other homes have them; each server has its own from its first start on.
NOT_COPIED: Final = (f"{BINLOG}.", "relay.", "relay-log.info", "master.info", "server.", "ibtmp1")


def base_copy(primary: Cluster, into: Cluster, *, timeout_s: float = 3600.0) -> None:
    """Copy a running primary's data into a new cluster's home; the copy goes on where the copy ended.

    Errors: InputRefused when `into` has data, EnvironmentLacking when the disk is full, TargetRefused.
    """
    building = begin_copy(into)
    try:
        copy_running(primary, into, building, timeout_s)
        position = prepare_copy(into, building, timeout_s)
        write_private(building / f"{BINLOG}.state", f"{position}\n" if position else "", into.identity)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    finish_copy(primary, into, building)


def copy_running(primary: Cluster, into: Cluster, directory: Path, timeout_s: float) -> None:
    """Copy the data of a running server as they are, still to be prepared, into a new directory."""
    argv = [
        primary.binaries.program("mariadb-backup"), f"--defaults-extra-file={primary.client_file}", "--backup",
        f"--target-dir={directory}", f"--datadir={primary.data_directory}", "--parallel=2",
        f"--log-copy-interval={LOG_COPY_MS}",
    ]  # fmt: skip
    run(argv, identity=into.identity, env=primary.binaries.environment, cwd=primary.home, timeout_s=timeout_s)


def prepare_copy(into: Cluster, directory: Path, timeout_s: float) -> Gtid | None:
    """Make a copy consistent, as of its end; returns the last transaction in it."""
    argv = [into.binaries.program("mariadb-backup"), "--no-defaults", "--prepare", f"--target-dir={directory}"]
    run(argv, identity=into.identity, env=into.binaries.environment, cwd=into.home, timeout_s=timeout_s)
    return copied_until(directory)


def copied_until(directory: Path) -> Gtid | None:
    """The last transaction in a copy, from the file that mariadb-backup left. Error: TargetRefused without one."""
    for name in BACKUP_POSITION:
        if (directory / name).exists():
            columns = (directory / name).read_text().split()  # file, offset, GTID position (absent when empty)
            return last_gtid(columns[2]) if len(columns) > 2 else None
    raise TargetRefused(
        "copy has no position",
        detail=f"{directory} holds neither {' nor '.join(BACKUP_POSITION)}.",
        hint="the source writes no binary log; take the copy from a server that does",
    )


def copy_stopped(primary: Cluster, into: Cluster) -> None:
    """Copy the data of a primary that is shut down: the quick way to a standby before the first start.

    Error: TargetRefused while the primary runs, or when it was killed and must recover first.
    """
    primary.refuse_running()
    building = begin_copy(into)
    copy_tree(primary.data_directory, building, identity=into.identity)
    state = primary.data_directory / f"{BINLOG}.state"
    forget_logs(building)
    write_private(building / f"{BINLOG}.state", state.read_text() if state.exists() else "", into.identity)
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
    statements = follow_statements(primary, is_standby=acknowledges)
    write_private(standby.side / SOURCE_FILE, "\n".join(statements) + "\n", standby.identity)
    return {
        "init_file": str(standby.side / SOURCE_FILE),
        "read_only": "ON",
        "report_host": application_name,
        "rpl_semi_sync_slave_enabled": "ON" if acknowledges else "OFF",
    }


def follow_statements(primary: Cluster, *, is_standby: bool = False) -> list[str]:
    """The statements by which a server follows this one; a server reads them, one a line, at each start.

    All that a follower replays is in its own log too, so its log's end is where it goes on.
    """
    tls = f", MASTER_SSL=1, MASTER_SSL_CA={literal(str(primary.authority))}" if primary.authority else ""
    variables = STANDBY_VARIABLES if is_standby else {}
    return [
        *(f"SET GLOBAL {name} = {value};" for name, value in variables.items()),
        "SET GLOBAL gtid_slave_pos = @@global.gtid_binlog_pos;",
        f"CHANGE MASTER TO MASTER_HOST={literal(primary.host)}, MASTER_PORT={primary.port},"
        f" MASTER_USER='{ADMIN_USER}', MASTER_PASSWORD={literal(primary.password())},"
        f" MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=5, MASTER_USE_GTID=slave_pos"
        f"{tls or ', MASTER_SSL=0'};",
        "START SLAVE;",
    ]


def follow(standby: Cluster, primary: Cluster, application_name: str, *, acknowledges: bool = False) -> None:
    """Make a running standby follow another primary from now on.

    Error: ReplicaAhead when it has transactions that the new primary lacks: a replica is sent each commit before the
    standby has acknowledged it. It must then be made anew, from a copy.
    """
    with standby.session(timeout_s=30.0) as opened:
        tell(opened, "STOP SLAVE")
        _refuse_ahead(standby, opened, primary)
        standby.change_settings(standby_settings(primary, standby, application_name, acknowledges=acknowledges))
        for statement in follow_statements(primary, is_standby=acknowledges):
            tell(opened, statement)


def _refuse_ahead(standby: Cluster, opened: Session, primary: Cluster) -> None:
    mine = last_gtid(str(ask(opened, "SELECT @@global.gtid_binlog_pos")[0]))
    with primary.session() as other:
        state = str(ask(other, "SELECT @@global.gtid_binlog_state")[0])
    theirs = {gtid.server: gtid.sequence for gtid in map(Gtid.parse, filter(None, state.split(",")))}
    if mine is not None and theirs.get(mine.server, 0) < mine.sequence:
        raise ReplicaAhead(
            "replica is ahead of its new primary",
            detail=f"{standby.home} has {mine}, which {primary.host}:{primary.port} never received.",
            hint="nobody was told of that commit; make the replica anew from a copy of the new primary",
        )


def promote(cluster: Cluster, timeout_s: float = 30.0) -> Promotion:
    """Make a standby a primary: it replays all that it has received, then takes writes.

    Errors: NoStandby when it is none, TargetRefused when it does not end its replay in time.
    """
    started = time.monotonic()
    with cluster.session(timeout_s=max(1.0, timeout_s) + 5.0) as opened:
        received = _stop_receiving(cluster, opened)
        if received is not None:
            reached = ask(opened, "SELECT MASTER_GTID_WAIT(%s, %s)", (str(received), max(0.0, timeout_s)))[0]
            if reached != 0:
                raise refuse_late(cluster, received, timeout_s)
        tell(opened, "STOP SLAVE")
        gtid = last_gtid(str(ask(opened, "SELECT @@global.gtid_binlog_pos")[0]))
        cluster.change_settings(dict.fromkeys(ROLE_SETTINGS))
        asked = cluster.effective()
        own = ", ".join(f"GLOBAL {name} = {asked.get(name, UNSET)}" for name in STANDBY_VARIABLES)
        tell(opened, f"SET {own}, GLOBAL rpl_semi_sync_slave_enabled = OFF, GLOBAL read_only = OFF")
        # Last: until then it is a standby, so that a promotion which was cut short is begun again.
        tell(opened, "RESET SLAVE ALL")
    return Promotion(gtid, time.monotonic() - started)


def _stop_receiving(cluster: Cluster, opened: Session) -> Gtid | None:
    tell(opened, "STOP SLAVE IO_THREAD")
    status = slave_status(opened)
    if status is None:
        raise refuse_no_standby(cluster)
    return last_gtid(str(status["Gtid_IO_Pos"] or ""))


def slave_status(opened: Session) -> Mapping[str, Any] | None:
    """How a follower fares, in the server's own words; None when it follows nobody."""
    found = named(opened, "SHOW SLAVE STATUS")
    return found[0] if found else None


WORDS: Final = Words(
    followers="SHOW SLAVE HOSTS",
    standing="SHOW SLAVE STATUS",
    source="master",
    acknowledge=f"REPLACE INTO {HEARTBEAT} VALUES (0, SYSDATE(6))",  # noqa: S608 - a constant
)
require_synchronous = partial(followers.require_synchronous, WORDS)
drop_synchronous = partial(followers.drop_synchronous, WORDS)
streaming_state = partial(followers.streaming_state, WORDS)
unacknowledged = partial(followers.unacknowledged, WORDS)
wait_streaming = partial(followers.wait_streaming, WORDS)
acknowledge = partial(followers.acknowledge, WORDS)
