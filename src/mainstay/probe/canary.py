"""The canary: the one schema that is ours at a source, and how each engine is told to make its table.

It imports nothing, because a function that beats inside the network is packed with it and has drivers of its own.
"""

from __future__ import annotations

from typing import Final

CANARY_SCHEMA: Final = "mainstay_canary"
MARKERS: Final = f"{CANARY_SCHEMA}.marker"

POSTGRES_CANARY: Final = (
    f"CREATE SCHEMA IF NOT EXISTS {CANARY_SCHEMA}",
    f"CREATE TABLE IF NOT EXISTS {MARKERS} ("
    "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
    "written_at timestamptz NOT NULL DEFAULT clock_timestamp(), "
    "run text NOT NULL)",
)
MYSQL_CANARY: Final = (
    f"CREATE DATABASE IF NOT EXISTS {CANARY_SCHEMA} CHARACTER SET utf8mb4",
    f"CREATE TABLE IF NOT EXISTS {MARKERS} (id bigint AUTO_INCREMENT PRIMARY KEY, written_at datetime(6) NOT NULL,"
    " run varchar(200) NOT NULL) ENGINE = InnoDB",
)
MYSQL_HAS_CANARY: Final = (
    f"SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '{CANARY_SCHEMA}' AND table_name = 'marker'"
)
LEDGER: Final = f"{CANARY_SCHEMA}.ledger"
"""What the clients of a failover write: each row is named by its client beforehand, so that it can be asked for by
name whether its commit was answered or not."""
POSTGRES_LEDGER: Final = (
    POSTGRES_CANARY[0],
    f"CREATE TABLE IF NOT EXISTS {LEDGER} (run text, client integer, number bigint, PRIMARY KEY (run, client, number))",
)
MYSQL_LEDGER: Final = (
    MYSQL_CANARY[0],
    f"CREATE TABLE IF NOT EXISTS {LEDGER} (run varchar(100), client int, number bigint,"
    " PRIMARY KEY (run, client, number)) ENGINE = InnoDB",
)
HEARTBEAT: Final = "heartbeat"
"""The run that markers of the heartbeat are written under. They are written one at a time, so that each bounds the
one before it."""
KEPT_DAYS: Final = 36
"""How long a heartbeat's markers stay: a day more than an instance can be restored to (RDS User Guide,
USER_WorkingWithAutomatedBackups.BackupRetention, 2026-11-21)."""
