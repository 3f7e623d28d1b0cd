"""Standbys and replicas of MySQL: CLONE, following by GTID, semi-synchronous commit, promotion.

A commit waits until the standby has it in its relay log (AFTER_SYNC, without a time limit). Any replica that
acknowledges would do for the server, so only the standby is given that role.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.engines.copying import copy_tree
from mainstay.engines.home import begin_data, write_private
from mainstay.engines.mariadb.configuration import ADMIN_USER, BINLOG
from mainstay.engines.mariadb.replication import (
    POLL_S,
    SOURCE_FILE,
    SYNCHRONOUS,
    Promotion,
    ReplicaState,
    synchronous_names,
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
    building = _begin(into)
    try:
        clone(primary, building, timeout_s)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    _finish(primary, into, building)


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
    building = _begin(into)
    copy_tree(primary.data_directory, building, identity=into.identity)
    forget_logs(building)
    _finish(primary, into, building)


def forget_logs(data: Path) -> None:
    """Remove the logs of a stopped server's data, and what else belongs to the server and not to its data."""
    for path in data.iterdir():
        if path.name.startswith(NOT_COPIED):
            path.unlink()


def _begin(into: Cluster) -> Path:
    into.refuse_existing()
    into.prepare()
    return begin_data(into.home)


def _finish(primary: Cluster, into: Cluster, building: Path) -> None:
    write_private(into.password_file, primary.password(), into.identity)
    into.identity.own(building, 0o700)
    building.rename(into.data_directory)


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


def require_synchronous(primary: Cluster, names: Sequence[str]) -> None:
    """Let every commit wait until the standby has it. Error: InputRefused without a name."""
    if not names:
        raise InputRefused("no standby named", detail="A synchronous commit needs a standby.", hint="name one")
    write_private(primary.side / SYNCHRONOUS, "\n".join(names), primary.identity)
    _set_synchronous(primary, "ON")


def drop_synchronous(primary: Cluster) -> None:
    """Stop waiting for standbys: when one is dead, writes stand still until this is done."""
    _set_synchronous(primary, "OFF")


def _set_synchronous(primary: Cluster, switch: str) -> None:
    primary.change_settings({"rpl_semi_sync_source_enabled": switch})
    with primary.session() as opened:
        tell(opened, f"SET GLOBAL rpl_semi_sync_source_enabled = {switch}")


def streaming_state(primary: Cluster) -> list[ReplicaState]:
    """Every follower of the primary, by name."""
    acknowledging = synchronous_names(primary)
    with primary.session() as opened:
        found = sorted(str(each["Host"]) for each in named(opened, "SHOW REPLICAS") if each["Host"])
        rows = named(opened, "SHOW GLOBAL STATUS LIKE 'Rpl_semi%'")
    status = {str(each["Variable_name"]): str(each["Value"]) for each in rows}
    waits = status.get("Rpl_semi_sync_source_status") == "ON" and status.get("Rpl_semi_sync_source_clients") != "0"
    return [ReplicaState(name, "streaming", "sync" if waits and name in acknowledging else "async") for name in found]


def wait_streaming(primary: Cluster, name: str, *, synchronous: bool = False, timeout_s: float = 30.0) -> ReplicaState:
    """Wait until the follower of this name streams (and has what commits wait for).

    Commits in order: one that the standby has acknowledged shows that it has all before it.
    Error: TargetRefused at the deadline.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        for state in streaming_state(primary):
            if state.name == name and (not synchronous or state.sync_state == "sync"):
                if synchronous:
                    acknowledge(primary, max(1.0, deadline - time.monotonic()))
                return state
        if time.monotonic() >= deadline:
            raise TargetRefused(
                "standby does not stream",
                detail=f"'{name}' did not follow {primary.host}:{primary.port} within {timeout_s:g} s.",
                hint="see the standby's server.log for the reason",
            )
        time.sleep(POLL_S)


def acknowledge(primary: Cluster, timeout_s: float) -> None:
    """Commit one row, which the standby must acknowledge. Error: TargetRefused when it does not in time."""
    with primary.session(timeout_s=timeout_s) as opened:
        tell(opened, f"UPDATE {HEARTBEAT} SET beat_at = SYSDATE(6) WHERE id = 0")  # noqa: S608 - a constant


def promote(cluster: Cluster, timeout_s: float = 30.0) -> Promotion:
    """Make a standby a primary: it replays all that it has received, then takes writes.

    Error: TargetRefused when it is none, or does not end its replay in time.
    """
    started = time.monotonic()
    with cluster.session(timeout_s=max(1.0, timeout_s) + 5.0) as opened:
        tell(opened, "STOP REPLICA IO_THREAD")
        received = str(_require_status(cluster, opened)["Retrieved_Gtid_Set"] or "").replace("\n", "")
        late = ask(opened, "SELECT WAIT_FOR_EXECUTED_GTID_SET(%s, %s)", (received, max(0.001, timeout_s)))[0]
        if late:
            raise TargetRefused(
                "standby did not take over",
                detail=f"{cluster.host}:{cluster.port} has not replayed {received} after {timeout_s:g} s.",
                hint=f"see {cluster.log_path}",
            )
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
        raise TargetRefused(
            "server is no standby",
            detail=f"{cluster.host}:{cluster.port} follows no primary.",
            hint="only a standby or a read replica can be promoted",
        )
    return status


def replica_status(opened: Session) -> Mapping[str, Any] | None:
    """How a follower fares, in the server's own words; None when it follows nobody."""
    found = named(opened, "SHOW REPLICA STATUS")
    return found[0] if found else None
