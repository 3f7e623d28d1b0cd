"""What a MySQL or MariaDB database says of itself."""

from __future__ import annotations

from typing import Any, Final

from mainstay.functions.database import Inspection, Replication, StatementRefused
from mainstay.functions.mysql.connection import MysqlDatabase

# ER_SPECIFIC_ACCESS_DENIED_ERROR: the login lacks REPLICATION CLIENT (MariaDB: REPLICA MONITOR).
_MAY_NOT: Final = "1227"
_SYSTEM: Final = "('mysql', 'sys', 'information_schema', 'performance_schema')"


def inspect(database: MysqlDatabase) -> Inspection:
    """Version, character set and collation of the current database, replication, and every table."""
    schema, version, character_set, collation = database.rows(
        "SELECT DATABASE(), VERSION(), @@character_set_database, @@collation_database"
    )[0]
    tables = database.rows(
        "SELECT table_schema, table_name FROM information_schema.tables "
        f"WHERE table_type = 'BASE TABLE' AND table_schema NOT IN {_SYSTEM} ORDER BY 1, 2"
    )
    return Inspection(
        version=str(version),
        character_set=str(character_set),
        collation=str(collation),
        replication=_replication(database),
        schema=str(schema or ""),
        tables=tuple(f"{owner}.{name}" for owner, name in tables),
    )


def count(database: MysqlDatabase, schema: str, table: str) -> int:
    """How many rows a table has, counted."""
    name = ".".join("`" + part.replace("`", "``") + "`" for part in (schema, table))
    return int(database.rows(f"SELECT COUNT(*) FROM {name}")[0][0])


def _replication(database: MysqlDatabase) -> Replication:
    """SHOW REPLICA STATUS is in MySQL since 8.0.22 and in MariaDB since 10.5.1 (both manuals, 2026-11-21)."""
    try:
        channels = database.records("SHOW REPLICA STATUS")
    except StatementRefused as refusal:
        if refusal.code != _MAY_NOT:
            raise
        return Replication("unknown", is_running=False, detail="the login may not see it: grant REPLICATION CLIENT")
    if channels:
        return _received(channels)
    sent = database.rows("SELECT COUNT(*) FROM information_schema.processlist WHERE COMMAND LIKE 'Binlog Dump%'")
    return Replication("source" if sent[0][0] else "none")


def _received(channels: list[dict[str, Any]]) -> Replication:
    """The worst of all channels; MySQL says Replica and Source where MariaDB says Slave and Master."""
    stopped = [f"{kind} is {state}" for channel in channels for kind, state in _threads(channel) if state != "Yes"]
    lags = [_of(channel, "Seconds_Behind_Source", "Seconds_Behind_Master") for channel in channels]
    errors = [_of(channel, f"Last_{kind}_Error") for channel in channels for kind in ("IO", "SQL")]
    known = [float(lag) for lag in lags if lag is not None]
    return Replication(
        "replica",
        is_running=not stopped,
        lag_s=max(known) if known and len(known) == len(lags) else None,
        detail="; ".join([*stopped, *(str(error) for error in errors if error)]),
    )


def _threads(channel: dict[str, Any]) -> list[tuple[str, object]]:
    return [
        (f"the {kind} thread", _of(channel, f"Replica_{kind}_Running", f"Slave_{kind}_Running"))
        for kind in ("IO", "SQL")
    ]


def _of(channel: dict[str, Any], *names: str) -> Any:
    """The first of these members that the server's version has."""
    return next((channel[name] for name in names if name in channel), None)
