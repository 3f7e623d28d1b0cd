"""What a PostgreSQL database says of itself."""

from __future__ import annotations

from mainstay.functions.database import Database, Inspection, Replication

_DATABASE = """
SELECT current_setting('server_version'), pg_encoding_to_char(encoding), datcollate, current_schema(),
       pg_is_in_recovery()
FROM pg_database WHERE datname = current_database()"""

_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' ORDER BY 1, 2"""

# Lag is 0 while everything received is replayed: the age of the last transaction would grow on a quiet source.
_RECEIVED = """
SELECT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE pid IS NOT NULL), pg_is_wal_replay_paused(),
       CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0::float8
            ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float8 END"""

_SENT = "SELECT count(*) FROM pg_stat_replication"


def inspect(database: Database) -> Inspection:
    """Version, encoding and collation of the current database, replication, and every table."""
    version, encoding, collation, schema, is_standby = database.rows(_DATABASE)[0]
    return Inspection(
        version=str(version),
        character_set=str(encoding),
        collation=str(collation),
        replication=_replication(database, is_standby=bool(is_standby)),
        schema=str(schema or "public"),
        tables=tuple(f"{owner}.{name}" for owner, name in database.rows(_TABLES)),
    )


def count(database: Database, schema: str, table: str) -> int:
    """How many rows a table has, counted."""
    name = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, table))
    return int(database.rows(f"SELECT count(*) FROM {name}")[0][0])


def _replication(database: Database, *, is_standby: bool) -> Replication:
    if not is_standby:
        return Replication("source" if database.rows(_SENT)[0][0] else "none")
    is_receiving, is_paused, lag_s = database.rows(_RECEIVED)[0]
    stopped = [
        text
        for text, holds in (("nothing is received", not is_receiving), ("replay is paused", bool(is_paused)))
        if holds
    ]
    return Replication(
        "replica",
        is_running=not stopped,
        lag_s=None if lag_s is None else float(lag_s),
        detail="; ".join(stopped),
    )
