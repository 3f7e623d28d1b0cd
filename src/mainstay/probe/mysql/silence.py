"""What acts by itself in a MySQL or MariaDB server, and how a restored copy is kept from it: before it starts, and
after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from mainstay.probe.mysql.server import settings
from mainstay.probe.mysql.session import MysqlConnection, quoted
from mainstay.probe.server import Acting

# Dynamic, in the parameter groups of both engines on RDS; MySQL's own value is ON since 8.0.3, MariaDB's OFF
# (MySQL 8.4 Reference Manual, events-configuration; MariaDB documentation, event_scheduler, 2026-11-21).
SCHEDULER: Final = "event_scheduler"
_STILL: Final = ("OFF", "DISABLED", "0")
# Both engines' words for the thread that applies another server's log, in every version.
_APPLIERS: Final = ("Slave_SQL_Running", "Replica_SQL_Running")


def silent_parameters(sets: Mapping[str, str]) -> Mapping[str, str]:
    """The parameters of a server in which no event begins, whatever its source sets."""
    return {SCHEDULER: "OFF"}


def acting(connection: MysqlConnection) -> Acting:
    """Whether events are begun or another server's log is applied. Errors: pymysql.MySQLError."""
    scheduler = settings(connection, (SCHEDULER,))
    value = scheduler[SCHEDULER].value if SCHEDULER in scheduler else "not told"
    channels = connection.named("SHOW REPLICA STATUS")
    follows = [name for one in channels for name in _APPLIERS if str(one.get(name, "No")) != "No"]
    acts = [] if value.upper() in _STILL else [f"{SCHEDULER} = {value}"]
    words = f"{SCHEDULER} = {value}, " + ("a replication stream is applied" if follows else "no replication stream")
    return Acting((*acts, *(f"{name} = Yes" for name in follows)), words)


def silence(connection: MysqlConnection) -> Sequence[str]:
    """Disable every event of a restored copy, which would otherwise change it, or the world, by itself; their names."""
    query = "SELECT event_schema, event_name FROM information_schema.events WHERE status = 'ENABLED' ORDER BY 1, 2"
    names = [quoted(str(schema), str(name)) for schema, name in connection.execute(query).fetchall()]
    for name in names:
        connection.execute(f"ALTER EVENT {name} DISABLE")
    return names
