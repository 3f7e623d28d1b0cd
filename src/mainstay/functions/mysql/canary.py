"""A beat in MySQL and MariaDB."""

from __future__ import annotations

from mainstay.functions.mysql.connection import MysqlDatabase
from mainstay.probe.canary import CANARY_SCHEMA, HEARTBEAT, KEPT_DAYS, MARKERS, MYSQL_CANARY, MYSQL_HAS_CANARY


def beat(database: MysqlDatabase) -> str | None:
    """Write one marker, alone, and delete what is too old to be restored; None while somebody else is at it.

    The lock ends with the session (MySQL 8.4 manual, "Locking Functions", 2026-11-21). The clock is read before the
    insert, so that the transaction begins after `written_at`.
    """
    if database.rows(f"SELECT GET_LOCK('{CANARY_SCHEMA}', 0)")[0][0] != 1:
        return None
    if not database.rows(MYSQL_HAS_CANARY)[0][0]:
        for statement in MYSQL_CANARY:
            database.execute(statement)
    now = str(database.rows("SELECT CAST(UTC_TIMESTAMP(6) AS CHAR)")[0][0])
    database.execute(f"INSERT INTO {MARKERS} (written_at, run) VALUES ('{now}', '{HEARTBEAT}')")
    database.execute(
        f"DELETE FROM {MARKERS} WHERE run = '{HEARTBEAT}' AND written_at < UTC_TIMESTAMP() - INTERVAL {KEPT_DAYS} DAY"
    )
    return now.replace(" ", "T") + "Z"
