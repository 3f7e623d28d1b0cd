"""What a MySQL or MariaDB server says of itself: databases, version, TLS, settings, replication."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from mainstay.probe.canary import CANARY_SCHEMA
from mainstay.probe.mysql.session import HOME, SYSTEM_SCHEMAS, MysqlConnection, bounded, one, quoted
from mainstay.probe.server import Setting, Standing, Stream, TableCheck
from mainstay.probe.transcript import about

# MySQL says "Connections using insecure transport are prohibited while ..."; MariaDB 10.11 takes the login as it would
# a wrong password (both seen 2026-11-21).
FOR_LACK_OF_TLS: Final = ("insecure transport", "Access denied")
_SOUND: Final = ("OK", "Table is already up to date")
_NOT_CHECKED: Final = "support check"  # "The storage engine for the table doesn't support check"
_IN_ONE_STATEMENT: Final = 100


def database_of(connection: MysqlConnection) -> str:
    """The database that a connection is in."""
    return connection.database


def databases(connection: MysqlConnection) -> list[str]:
    """Every database that the login may see, and `mysql`, with which the server's own catalog is told."""
    hidden = {*SYSTEM_SCHEMAS, CANARY_SCHEMA}
    rows = connection.execute("SELECT schema_name FROM information_schema.schemata ORDER BY 1").fetchall()
    return [HOME, *(str(name) for (name,) in rows if str(name) not in hidden)]


def size(connection: MysqlConnection) -> int:
    """How many bytes the tables take that the login may see, as the server estimates it, indexes included."""
    query = "SELECT COALESCE(SUM(data_length + index_length), 0) FROM information_schema.tables"
    return int(one(connection.execute(query))[0])


def has_table(connection: MysqlConnection, table: str) -> bool:
    """Whether the connection's database has such a table."""
    query = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = %s AND table_name = %s"
    return bool(one(connection.execute(query, (connection.database, table)))[0])


def version(connection: MysqlConnection) -> str:
    """The engine that really answers, and its version."""
    return f"{connection.flavour.label} {one(connection.execute('SELECT VERSION()'))[0]}"


def tls_version(connection: MysqlConnection) -> str | None:
    """The TLS of this connection; None without."""
    row = connection.execute("SHOW SESSION STATUS LIKE 'Ssl_version'").fetchone()
    return str(row[1]) if row and row[1] else None


def settings(connection: MysqlConnection, names: Iterable[str]) -> dict[str, Setting]:
    """Those of these settings that there are. What waits for a restart the server does not know."""
    asked = set(names)
    rows = connection.execute("SHOW GLOBAL VARIABLES").fetchall()
    return {str(name): Setting(str(value)) for name, value in rows if str(name) in asked}


def streams(connection: MysqlConnection) -> list[Stream] | None:
    """To whom the server sends its log."""
    rows = connection.named("SHOW PROCESSLIST")
    sent = [row for row in rows if str(row["Command"]).startswith("Binlog Dump")]
    return [Stream(str(row["User"]), is_streaming=True, kind=str(row["Command"])) for row in sent]


def mark(connection: MysqlConnection) -> str:
    """The place in the log behind everything that is committed. Nothing is written."""
    row = connection.execute(connection.flavour.log_status).fetchone()
    return f"{row[0]}:{row[1]}" if row else ""


def standing(connection: MysqlConnection, place: str) -> Standing:
    """Where a replica stands against a place of its primary's log; one that is none has reached nothing."""
    channels = connection.named("SHOW REPLICA STATUS")
    is_read_only = bool(one(connection.execute("SELECT @@global.read_only"))[0])
    if not channels:
        return Standing(is_read_only=False)
    at = [_of(channels[0], f"Relay_{word}_Log_File", f"Exec_{word}_Log_Pos") for word in ("Source", "Master")]
    has_reached = any(found is not None and found >= _place(place) for found in at)
    return Standing(is_read_only, has_reached)


def _of(channel: dict[str, Any], file: str, position: str) -> tuple[int, int] | None:
    """A place, where the server's version has members of these names."""
    return _place(f"{channel[file]}:{channel[position]}") if file in channel else None


def _place(text: str) -> tuple[int, int]:
    """File number and offset of `mysql-bin.000123:456`."""
    file, _, offset = text.rpartition(":")
    number = file.rpartition(".")[2]
    return (int(number) if number.isdecimal() else 0, int(offset) if offset.isdecimal() else 0)


def log_position(connection: MysqlConnection) -> str:
    """The transactions that a restored copy holds, as global transaction ids; empty where they are not in use."""
    return str(one(connection.execute(connection.flavour.log_position))[0] or "").replace("\n", "")


def check_tables(connection: MysqlConnection, timeout_s: float) -> Sequence[TableCheck]:
    """CHECK TABLE for every table of the database: pages, indexes, and that they agree."""
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'BASE TABLE'"
    if connection.database in SYSTEM_SCHEMAS:
        return ()
    names = [quoted(str(row[0])) for row in connection.execute(query, (connection.database,)).fetchall()]
    found: list[TableCheck] = []
    with bounded(connection, timeout_s):
        for start in range(0, len(names), _IN_ONE_STATEMENT):
            with about("soundness"):
                asked = "CHECK TABLE " + ", ".join(names[start : start + _IN_ONE_STATEMENT])
                rows = connection.execute(asked).fetchall()
            found += _checks(rows)
    return found


def _checks(rows: Iterable[Sequence[Any]]) -> list[TableCheck]:
    """One answer a table: what accuses it, or the last word."""
    words: dict[str, list[str]] = {}
    for table, _, kind, text in rows:
        if kind in ("error", "Error", "warning") or text in _SOUND or _NOT_CHECKED in str(text) or kind == "status":
            words.setdefault(str(table), []).append(str(text))
    return [TableCheck(table, _are_sound(said), "; ".join(dict.fromkeys(said))) for table, said in words.items()]


def _are_sound(said: list[str]) -> bool:
    return all(text in _SOUND or _NOT_CHECKED in text for text in said)
