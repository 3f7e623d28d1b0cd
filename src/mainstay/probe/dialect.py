"""The dialects: one row an engine, with every question that the operations ask of a database.

A row's functions take the connection that its `connect` makes. The operations choose a row once, by the engine that
RDS names, and never ask again which engine it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mainstay.probe import markers
from mainstay.probe.catalog import Catalog
from mainstay.probe.fingerprint import Fingerprints
from mainstay.probe.ledger import Ledger
from mainstay.probe.markers import Find, Marker, MarkerCheck
from mainstay.probe.mysql import catalog as mysql_catalog
from mainstay.probe.mysql import fingerprint as mysql_fingerprint
from mainstay.probe.mysql import ledger as mysql_ledger
from mainstay.probe.mysql import markers as mysql_markers
from mainstay.probe.mysql import sequences as mysql_sequences
from mainstay.probe.mysql import server as mysql_server
from mainstay.probe.mysql import session as mysql_session
from mainstay.probe.mysql import silence as mysql_silence
from mainstay.probe.mysql import sql_checks as mysql_sql_checks
from mainstay.probe.postgres import catalog as postgres_catalog
from mainstay.probe.postgres import fingerprint as postgres_fingerprint
from mainstay.probe.postgres import index_checks as postgres_index_checks
from mainstay.probe.postgres import ledger as postgres_ledger
from mainstay.probe.postgres import markers as postgres_markers
from mainstay.probe.postgres import sequences as postgres_sequences
from mainstay.probe.postgres import server as postgres_server
from mainstay.probe.postgres import session as postgres_session
from mainstay.probe.postgres import silence as postgres_silence
from mainstay.probe.postgres import sql_checks as postgres_sql_checks
from mainstay.probe.sequences import Sequence as Counter
from mainstay.probe.server import Acting, Setting, Standing, Stream, TableCheck
from mainstay.probe.session import Connection
from mainstay.probe.sql_checks import SqlAnswer
from mainstay.probe.transcript import Listener


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one engine is asked.

    `home` is the database that a login without one goes to. `for_lack_of_tls` are the server's words when it refuses
    a plain connection for that reason, `force_tls` the parameter that makes it do so. `silent_parameters` are those
    with which a server starts so that nothing acts by itself, for what its source's parameter group sets ('' for the
    engine's own value); `acting` looks whether anything does or could, and `silence` switches it off. `stop` asks the
    server to end the statement that another thread waits for, and `cut` ends that thread's connection.
    `shares_snapshots`: `fingerprints` may open connections that see what the first one sees.
    """

    home: str
    for_lack_of_tls: tuple[str, ...]
    force_tls: str
    connect: Callable[..., Connection]
    listen: Callable[[Any, Listener], None]
    quoted: Callable[..., str]
    database_of: Callable[[Any], str]
    databases: Callable[[Any], list[str]]
    size: Callable[[Any], int]
    has_table: Callable[[Any, str], bool]
    version: Callable[[Any], str]
    tls_version: Callable[[Any], str | None]
    settings: Callable[[Any, Iterable[str]], dict[str, Setting]]
    streams: Callable[[Any], list[Stream] | None]
    mark: Callable[[Any], str]
    standing: Callable[[Any, str], Standing]
    log_position: Callable[[Any], str]
    silent_parameters: Callable[[Mapping[str, str]], Mapping[str, str]]
    acting: Callable[[Any], Acting]
    silence: Callable[[Any], Sequence[str]]
    check_tables: Callable[[Any, float], Iterable[TableCheck]]
    shares_snapshots: bool
    stop: Callable[[Any], None]
    cut: Callable[[Any], None]
    fingerprints: Callable[..., Fingerprints]
    sequences: Callable[..., tuple[Counter, ...]]
    catalog: Callable[..., Catalog]
    create_canary: Callable[[Any], None]
    write_marker: Callable[[Any, str], Marker]
    erase_markers: Callable[[Any, Sequence[str]], None]
    database_clock: Callable[[Any], datetime]
    read_markers: Callable[..., tuple[Marker, ...]]
    find_markers: Find
    ask: Callable[..., SqlAnswer]
    ledger: Ledger

    def check_markers(
        self,
        connection: Connection,
        acknowledged: Iterable[Marker],
        target: datetime,
        *,
        since: datetime | None = None,
        timeout_s: float = 60,
    ) -> MarkerCheck:
        """Which markers a database holds that was restored to `target`, or to a moment between `since` and it."""
        return markers.check(self.find_markers, connection, acknowledged, target, since=since, timeout_s=timeout_s)


POSTGRES: Final = Dialect(
    home=postgres_server.HOME,
    for_lack_of_tls=postgres_server.FOR_LACK_OF_TLS,
    force_tls="rds.force_ssl",
    connect=postgres_server.connect,
    listen=postgres_session.listen,
    quoted=postgres_session.quoted,
    database_of=postgres_server.database_of,
    databases=postgres_server.databases,
    size=postgres_server.size,
    has_table=postgres_server.has_table,
    version=postgres_server.version,
    tls_version=postgres_server.tls_version,
    settings=postgres_server.settings,
    streams=postgres_server.streams,
    mark=postgres_server.mark,
    standing=postgres_server.standing,
    log_position=postgres_server.log_position,
    silent_parameters=postgres_silence.silent_parameters,
    acting=postgres_silence.acting,
    silence=postgres_silence.silence,
    check_tables=postgres_index_checks.check_tables,
    shares_snapshots=True,
    stop=postgres_session.stop,
    cut=postgres_session.cut,
    fingerprints=postgres_fingerprint.take,
    sequences=postgres_sequences.take,
    catalog=postgres_catalog.take,
    create_canary=postgres_markers.create_canary,
    write_marker=postgres_markers.write,
    erase_markers=postgres_markers.erase,
    database_clock=postgres_markers.database_clock,
    read_markers=postgres_markers.read_back,
    find_markers=postgres_markers.find,
    ask=postgres_sql_checks.ask,
    ledger=postgres_ledger.LEDGER,
)
MYSQL: Final = Dialect(
    home=mysql_session.HOME,
    for_lack_of_tls=mysql_server.FOR_LACK_OF_TLS,
    force_tls="require_secure_transport",
    connect=mysql_session.connect,
    listen=mysql_session.listen,
    quoted=mysql_session.quoted,
    database_of=mysql_server.database_of,
    databases=mysql_server.databases,
    size=mysql_server.size,
    has_table=mysql_server.has_table,
    version=mysql_server.version,
    tls_version=mysql_server.tls_version,
    settings=mysql_server.settings,
    streams=mysql_server.streams,
    mark=mysql_server.mark,
    standing=mysql_server.standing,
    log_position=mysql_server.log_position,
    silent_parameters=mysql_silence.silent_parameters,
    acting=mysql_silence.acting,
    silence=mysql_silence.silence,
    check_tables=mysql_server.check_tables,
    shares_snapshots=False,
    stop=mysql_session.cut,
    cut=mysql_session.cut,
    fingerprints=mysql_fingerprint.take,
    sequences=mysql_sequences.take,
    catalog=mysql_catalog.take,
    create_canary=mysql_markers.create_canary,
    write_marker=mysql_markers.write,
    erase_markers=mysql_markers.erase,
    database_clock=mysql_markers.database_clock,
    read_markers=mysql_markers.read_back,
    find_markers=mysql_markers.find,
    ask=mysql_sql_checks.ask,
    ledger=mysql_ledger.LEDGER,
)
DIALECTS: Final[Mapping[str, Dialect]] = {"postgres": POSTGRES, "mysql": MYSQL, "mariadb": MYSQL}
"""By the engine's name in RDS."""
