"""A connection to MySQL or MariaDB, and a reading transaction whose output depends on the data alone."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pymysql
from pymysql.cursors import Cursor, DictCursor, SSCursor

from mainstay.probe.mysql.flavours import Flavour, flavour_of
from mainstay.probe.patience import GRACE_S, LONGEST_S, cut_now
from mainstay.probe.session import Answer
from mainstay.probe.transcript import Listener, as_bytes

HOME: Final = "mysql"  # where a login without a database goes: every server has it
SYSTEM_SCHEMAS: Final = ("mysql", "sys", "information_schema", "performance_schema", "innodb")
# Each of these changes how a value is written as text, what a name means, or how many rows come. Sources: MySQL 8.4
# manual, "Server System Variables"; MariaDB documentation, the page of the same name; 2026-11-21.
PINNED: Final[Mapping[str, object]] = {
    "time_zone": "+00:00",
    "sql_mode": "",
    "sql_select_limit": 2**64 - 1,
    "max_sort_length": 65_536,
    "sql_quote_show_create": 1,
    "lc_time_names": "en_US",
    "div_precision_increment": 4,
}


class MysqlConnection:
    """PyMySQL's connection with the few words that the operations use of every driver's."""

    def __init__(self, raw: Any) -> None:  # Any: PyMySQL publishes no types
        self.raw = raw
        self.listener: Listener | None = None
        self.flavour: Flavour = flavour_of(str(raw.get_server_info()))
        self.database = str((raw.db or b"").decode() if isinstance(raw.db, bytes) else raw.db or "")

    @property
    def closed(self) -> bool:
        """Whether it is over, by us or by the server."""
        return not self.raw.open

    def execute(self, statement: str, parameters: Sequence[Any] | None = None, /) -> Answer:
        """Run one statement; the rows are taken at once. Errors: pymysql.err.MySQLError."""
        answer: Answer = self._executed(Cursor, statement, parameters)
        return answer

    def streamed(self, statement: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query as the server writes them, one at a time and never all in memory."""
        with self._as_written(), self.raw.cursor(SSCursor) as cursor:
            cursor.execute(statement)
            yield from cursor

    def named(self, statement: str) -> list[dict[str, Any]]:
        """The rows by column name, for SHOW statements whose columns differ between versions."""
        found: list[dict[str, Any]] = list(self._executed(DictCursor, statement, None).fetchall())
        return found

    @contextmanager
    def _as_written(self) -> Iterator[None]:
        """Without the driver's own types: text, or bytes where the column is binary."""
        known, self.raw.decoders = self.raw.decoders, {}
        try:
            yield
        finally:
            self.raw.decoders = known

    def insert(self, statement: str, parameters: Sequence[Any]) -> int:
        """Run one INSERT; the id that the server gave the row."""
        return int(self._executed(Cursor, statement, parameters).lastrowid)

    def _executed(self, kind: type, statement: str, parameters: Sequence[Any] | None) -> Any:
        cursor = self.raw.cursor(kind)
        if self.listener is None:
            cursor.execute(statement, parameters)
            return cursor
        with self.listener.asking(statement, parameters) as answered:
            cursor.execute(statement, parameters)
            answered.rows = _as_bytes(cursor) if cursor.description else None
        return cursor

    def close(self) -> None:
        """End it; one that is over already stays over."""
        if not self.closed:
            self.raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _as_bytes(cursor: Any) -> list[list[bytes | None]]:
    """The rows of an answer as text, which stay to be fetched."""
    rows = cursor.fetchall()
    if rows:
        cursor.scroll(0, mode="absolute")
    return [as_bytes(row.values() if isinstance(row, dict) else row) for row in rows]


def listen(connection: MysqlConnection, listener: Listener) -> None:
    """Have every statement of a connection written down from now on, but for those whose rows come one at a time."""
    connection.listener = listener


def connect(
    *,
    host: str,
    port: int,
    user: str,
    password: str,
    database: str | None,
    ca_bundle: Path | None,
    timeout_s: int,
    dialled: tuple[str, int] | None = None,
) -> MysqlConnection:
    """A connection in autocommit mode, over TLS with issuer and name verified, or without TLS for no bundle.

    With `dialled`, an address and a port, it is opened there; the certificate is still that of `host`.
    Errors: pymysql.err.MySQLError.
    """
    try:
        raw = pymysql.connect(
            host=host,
            port=port,
            user=user,
            password=password.encode(),  # PyMySQL would take text as Latin-1
            database=database or HOME,
            ssl=_trusting(ca_bundle) if ca_bundle else None,
            ssl_disabled=ca_bundle is None,
            connect_timeout=timeout_s,
            read_timeout=timeout_s,  # a server that hangs takes the connection and never greets
            charset="utf8mb4",
            autocommit=True,
            program_name="mainstay",
            defer_connect=True,
        )
        # PyMySQL verifies the name `host`, whatever socket it is given.
        raw.connect(_dial(dialled, timeout_s) if dialled else None)
    # PyMySQL reading half an answer of a server that hangs up (1.2, seen 2026-11-21).
    except (ValueError, IndexError) as error:
        raise pymysql.err.OperationalError(2013, f"the server hung up: {error}") from error
    raw._read_timeout = LONGEST_S + GRACE_S  # the driver has no public name for changing it
    return MysqlConnection(raw)


def _dial(dialled: tuple[str, int], timeout_s: int) -> socket.socket:
    try:
        return socket.create_connection(dialled, timeout=timeout_s)
    except OSError as error:
        raise pymysql.err.OperationalError(2003, f"{dialled[0]}:{dialled[1]}: {error}") from error


def _trusting(bundle: Path) -> ssl.SSLContext:
    """Issuer and name are verified. Without the checks that Python 3.13 added, which refuse authorities older than them
    (ssl documentation, create_default_context, 2026-11-21); libpq has none of these.
    """
    context = ssl.create_default_context(cafile=str(bundle))
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


@contextmanager
def reading(connection: MysqlConnection, *, timeout_s: float) -> Iterator[MysqlConnection]:
    """One read-only transaction on one snapshot of all databases, with the pinned settings.

    `timeout_s` holds for each statement. Errors: pymysql's own.
    """
    pinned = {**PINNED, **connection.flavour.pinned}
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    connection.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    try:
        for name, value in pinned.items():
            connection.execute(f"SET SESSION {name} = %s", (value,))
        with bounded(connection, timeout_s):
            yield connection
    finally:
        if not connection.closed:
            with suppress(pymysql.err.OperationalError):  # nobody is there any more, and nothing is left to undo
                connection.execute("ROLLBACK")
                connection.execute("SET " + ", ".join(f"SESSION {name} = DEFAULT" for name in pinned))


def cut(connection: MysqlConnection) -> None:
    """End the connection on which another thread waits; the server sees it at the end of its statement."""
    line = connection.raw._sock  # the driver has no public name for it
    if line is not None:
        cut_now(line.fileno())


@contextmanager
def bounded(connection: MysqlConnection, timeout_s: float) -> Iterator[None]:
    """A limit for each statement of the block."""
    name, value_for = connection.flavour.timeout
    known, connection.raw._read_timeout = connection.raw._read_timeout, timeout_s + GRACE_S
    connection.execute(f"SET SESSION {name} = %s", (value_for(timeout_s),))
    try:
        yield
    finally:
        connection.raw._read_timeout = known
        if not connection.closed:
            connection.execute(f"SET SESSION {name} = DEFAULT")


def quoted(*names: str) -> str:
    """An identifier, or a dotted path of them, in backticks, so that no name can be anything but a name."""
    return ".".join("`" + name.replace("`", "``") + "`" for name in names)


def one(answer: Answer) -> tuple[Any, ...]:
    """The only row of an answer that always has one."""
    row = answer.fetchone()
    if row is None:
        raise LookupError("the server answered without a row")
    return row
