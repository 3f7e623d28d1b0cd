"""A beat in PostgreSQL."""

from __future__ import annotations

from typing import Final

from mainstay.functions.postgres.connection import PostgresDatabase
from mainstay.probe.canary import HEARTBEAT, KEPT_DAYS, MARKERS, POSTGRES_CANARY

# A number of our own for the lock; it ends with the session (PostgreSQL 17 manual, explicit-locking, 2026-11-21).
_LOCK: Final = 7_236_833_512_019_442_277


def beat(database: PostgresDatabase) -> str | None:
    """Write one marker, alone, and delete what is too old to be restored; None while somebody else is at it."""
    if not database.rows(f"SELECT pg_try_advisory_lock({_LOCK})")[0][0]:
        return None
    if database.rows(f"SELECT to_regclass('{MARKERS}')")[0][0] is None:
        for statement in POSTGRES_CANARY:
            database.execute(statement)
    row = database.rows(
        f"INSERT INTO {MARKERS} (run) VALUES ($1) "
        "RETURNING to_char(written_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
        (HEARTBEAT,),
    )[0]
    database.execute(
        f"DELETE FROM {MARKERS} WHERE run = '{HEARTBEAT}' AND written_at < now() - interval '{KEPT_DAYS} days'"
    )
    return str(row[0])
