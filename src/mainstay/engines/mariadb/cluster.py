"""One MariaDB server: its directory, its configuration, its start and its end.

A cluster's home holds `data/`, `side/` (configuration, passwords and certificates, 0700) and `server.log`, as a
PostgreSQL cluster's does. The administrator comes over loopback TCP only, with TLS where the server has it.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Final

import pymysql

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.engines.home import log_since, write_private
from mainstay.engines.mariadb.configuration import ADMIN_USER, STANDBY_VARIABLES, Wanted, quoted, render_settings
from mainstay.engines.mariadb.programs import Programs
from mainstay.engines.mariadb.server_log import trouble
from mainstay.engines.mariadb.session import (
    Session,
    ask,
    literal,
    named,
    open_session,
    password_hash,
    quoted_name,
    session,
    tell,
)
from mainstay.engines.mariadb.template import bootstrap, clone_template
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.process import ProcessProof, is_alive_and_ours, proof_of, spawn_detached, terminate
from mainstay.engines.server import Server

ADMIN: Final = f"'{ADMIN_USER}'@'127.%'"  # from loopback only
SERVERS: Final = frozenset({"mariadbd", "mysqld"})  # and not the programs that copy their data
READY_POLL_S: Final = 0.005
READY_S: Final = 1.0  # for a greeting: a stranger on the port may never give one
# SIGTERM is MariaDB's clean shutdown; it has no fast one, and a killed server recovers at its next start.
STOPS: Final[Mapping[str, str]] = MappingProxyType(
    {"smart": "clean", "fast": "clean", "polite": "clean", "immediate": "kill", "kill": "kill"}
)
# RDS User Guide, "Master user account privileges", MariaDB 10.11 (read 2026-11-20): neither SUPER nor FILE.
MASTER_PRIVILEGES: Final = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES,"
    " CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, BINLOG MONITOR, CREATE VIEW, SHOW VIEW,"
    " CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER, REPLICATION SLAVE ADMIN, SLAVE MONITOR"
)


@dataclass(frozen=True, slots=True)
class Cluster(Server):
    """One MariaDB server."""

    binaries: Programs
    wish: ClassVar[Any] = Wanted
    stops: ClassVar[Mapping[str, str]] = STOPS

    @property
    def password_file(self) -> Path:
        """The administrator's password (0600)."""
        return self.side / f"{ADMIN_USER}.pass"

    @property
    def client_file(self) -> Path:
        """The option file by which the administrator's programs connect (0600)."""
        return self.side / "client.cnf"

    @property
    def server_id(self) -> int:
        """The server's number in its transactions' ids: new for each new home, also where another one was."""
        return int((self.side / "server-id").read_text())

    @property
    def authority(self) -> Path | None:
        """The authority of the server's certificate; None when it has none."""
        tls = self.wish.load(self.settings_file).tls
        return tls.authority if tls is not None else None

    def initialise(self, master_user: str, master_password: str, *, database: str | None = None) -> None:
        """Make a new server with a master user and, if named, a database. It is not started.

        Errors: InputRefused when there is one already, EnvironmentLacking when the disk is full.
        """
        self.refuse_existing()
        self.prepare()
        clone_template(self.binaries, self.identity, self.data_directory)
        password = secrets.token_urlsafe(24)
        write_private(self.password_file, password, self.identity)
        master = f"{literal(named_safely(master_user))}@'%'"
        statements = [
            "FLUSH PRIVILEGES",
            f"CREATE USER {ADMIN} IDENTIFIED VIA mysql_native_password USING '{password_hash(password)}'",
            f"GRANT ALL PRIVILEGES ON *.* TO {ADMIN} WITH GRANT OPTION",
            f"CREATE USER {master} IDENTIFIED VIA mysql_native_password USING '{password_hash(master_password)}'",
            f"GRANT {MASTER_PRIVILEGES} ON *.* TO {master} WITH GRANT OPTION",
        ]
        if database is not None:
            statements.append(f"CREATE DATABASE {quoted_name(named_safely(database))} CHARACTER SET utf8mb4")
        bootstrap(self.binaries, self.identity, self.data_directory, statements)
        self.configure({})

    def initialise_feeder(self) -> dict[str, str]:
        """Make a new server to replay logs from; the settings that it needs beside the usual ones."""
        self.initialise("feeder", secrets.token_urlsafe(24))
        return {}

    def prepare(self) -> None:
        """Create the home and its directories, owned by the server's user."""
        for directory in (self.home, self.side, self.home / "tmp"):
            self.identity.own_directory(directory)
        if not (self.side / "server-id").exists():
            write_private(self.side / "server-id", str(1 + secrets.randbelow(2**32 - 2)), self.identity)

    def start(self, *, timeout_s: float = 30.0, must_accept: bool = True) -> ProcessProof:
        """Start the server and wait until it lets the administrator in (unless `must_accept` is off).

        Errors: TargetRefused with the log's errors, or when it is not ready in time (it is stopped then);
        EnvironmentLacking when the port is in use or the disk full.
        """
        running = self.find_proof() or self._take_in()
        if running is not None:
            return running
        log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        proof = spawn_detached(
            self.command(),
            identity=self.identity,
            env=self.binaries.environment,
            log_path=self.log_path,
            cwd=self.home,
            marker=str(self.data_directory),
        )
        write_private(self.side / "server.pid", str(proof.pid), self.identity)
        if not must_accept:
            return proof
        try:
            self.await_ready(proof, timeout_s, log_start)
        except BaseException:
            terminate(proof, "kill")
            raise
        return proof

    def _take_in(self) -> ProcessProof | None:
        """A server on these data that nobody wrote down, since who started it was killed: another would wait for it."""
        for proof in find_by_directory(self.data_directory, self.identity, SERVERS):
            write_private(self.side / "server.pid", str(proof.pid), self.identity)
            return proof
        return None

    def command(self) -> list[str]:
        """How the server is started."""
        return [
            self.binaries.program("mariadbd"),
            f"--defaults-file={self.side / 'server.cnf'}",
            f"--datadir={self.data_directory}",
        ]

    def await_ready(self, proof: ProcessProof, timeout_s: float, log_start: int = 0) -> None:
        """Wait until a started server lets the administrator in; errors as in `start`, but nothing is stopped."""
        deadline = time.monotonic() + timeout_s
        while not self.is_ready():
            is_over = time.monotonic() >= deadline
            if is_over or not is_alive_and_ours(proof):
                summary = "server not ready in time" if is_over else "server did not start"
                after = f", after {timeout_s:g} s" if is_over else ""
                where = f"{self.data_directory} on {self.host}:{self.port}{after}"
                raise trouble(summary, where, log_since(self.log_path, log_start))
            time.sleep(READY_POLL_S)

    def reload(self) -> None:
        """Bring the running server's dynamic settings to what is asked for; the others wait for a restart.

        MariaDB does not read its files again, so each setting that differs is set by a statement.
        Error: TargetRefused when it does not run or refuses a value.
        """
        wanted = self.effective()
        with self.session() as opened:
            variables = {str(each["VARIABLE_NAME"]).lower(): each for each in named(opened, _VARIABLES)}
            is_standby = variables["rpl_semi_sync_slave_enabled"]["GLOBAL_VALUE"] == "ON"
            for name, variable in variables.items():
                if is_standby and name in STANDBY_VARIABLES:
                    continue
                if name in wanted and not _same(variable, wanted[name]):
                    tell(opened, f"SET GLOBAL {name} = {_value(variable, wanted[name])}")
                elif name not in wanted and name not in _STATE and variable["GLOBAL_VALUE_ORIGIN"] in _CHANGED:
                    tell(opened, f"SET GLOBAL {name} = DEFAULT")
            if self.authority is not None:
                tell(opened, "FLUSH SSL")

    def find_proof(self) -> ProcessProof | None:
        """The proof of the server that runs on our data directory."""
        try:
            text = (self.side / "server.pid").read_text().strip()
        except FileNotFoundError:
            return None
        return proof_of(int(text), str(self.data_directory)) if text.isdecimal() else None

    def is_ready(self) -> bool:
        """Whether the server lets the administrator in now."""
        try:
            open_session(self.host, self.port, self.password(), ca=self.authority, timeout_s=READY_S).close()
        except pymysql.err.MySQLError:
            return False
        return True

    def password(self) -> str:
        """The administrator's password. Error: TargetRefused when its file is missing."""
        try:
            return self.password_file.read_text().strip()
        except OSError as error:
            raise TargetRefused(
                "administrator's password is missing",
                detail=f"{self.password_file}: {error.strerror}.",
                hint="the server is not initialised, or another user owns it",
            ) from error

    @contextmanager
    def session(self, database: str | None = None, *, timeout_s: float = 5.0) -> Iterator[Session]:
        """An administrator's session; no statement may take longer than the time. Error: TargetRefused."""
        with session(
            self.host, self.port, self.password(), database=database, timeout_s=timeout_s, ca=self.authority
        ) as opened:
            yield opened

    def is_in_recovery(self) -> bool:
        """Whether it is a standby or a replica."""
        with self.session() as opened:
            return bool(named(opened, "SHOW SLAVE STATUS"))

    def set_password(self, role: str, password: str) -> None:
        """Change a user's password; the server sees the hash only."""
        with self.session() as opened:
            tell(opened, f"SET PASSWORD FOR {literal(role)}@'%' = '{password_hash(password)}'")

    def version(self) -> str:
        """What the running server calls itself."""
        with self.session() as opened:
            return str(ask(opened, "SELECT version()")[0])

    def effective(self) -> dict[str, str]:
        """What the server is to run with, by name, whoever asked for it."""
        return self._effective(self.wish.load(self.settings_file))

    def _effective(self, wanted: Wanted) -> dict[str, str]:
        share = self.binaries.directory("share/mysql")
        return wanted.effective(
            {
                "bind_address": self.host,
                "port": str(self.port),
                "server_id": str(self.server_id),
                "lc_messages_dir": str(share),
                "character_sets_dir": str(share / "charsets"),
                "plugin_dir": str(self.binaries.directory("lib/mysql/plugin")),
                "tmpdir": str(self.home / "tmp"),
            }
        )

    def _write(self, wanted: Wanted) -> None:
        client = {"host": self.host, "port": str(self.port), "user": ADMIN_USER}
        if self.password_file.exists():
            client["password"] = self.password()
        lines = [render_settings(client, "client").rstrip()]
        if wanted.tls is not None:
            lines.append(f"ssl-ca = {quoted(str(wanted.tls.authority))}")
        write_private(self.client_file, "\n".join(lines) + "\n", self.identity)
        write_private(self.side / "server.cnf", render_settings(self._effective(wanted)), self.identity)
        # Last: it is what the next change starts from.
        write_private(self.settings_file, wanted.as_json(), self.identity)


_VARIABLES: Final = (
    "SELECT VARIABLE_NAME, GLOBAL_VALUE, GLOBAL_VALUE_ORIGIN, VARIABLE_TYPE FROM information_schema.SYSTEM_VARIABLES"
    " WHERE READ_ONLY = 'NO' AND VARIABLE_SCOPE <> 'SESSION ONLY' AND GLOBAL_VALUE IS NOT NULL"
)
_CHANGED: Final = ("CONFIG", "SQL")
_STATE: Final = ("gtid_binlog_state", "gtid_slave_pos")  # variables that are positions, not settings
_SIZES: Final[Mapping[str, int]] = MappingProxyType({"K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4})
_DECIMAL: Final = re.compile(r"\d+(\.\d+)?")
_SWITCHES: Final[Mapping[str, str]] = MappingProxyType({"0": "OFF", "1": "ON", "OFF": "OFF", "ON": "ON"})


def number_of(text: str) -> str | None:
    """A number, with its unit of K to T worked out; None for other text."""
    if _DECIMAL.fullmatch(text):
        return text
    digits, unit = text[:-1], text[-1:].upper()
    return str(int(digits) * _SIZES[unit]) if digits.isdecimal() and unit in _SIZES else None


def _same(variable: Mapping[str, Any], wanted: str) -> bool:
    present = str(variable["GLOBAL_VALUE"])
    if variable["VARIABLE_TYPE"] == "BOOLEAN":
        return switched(wanted) == present
    number = number_of(wanted)
    if number is None or not _DECIMAL.fullmatch(present):
        return present.lower() == wanted.lower()
    return float(present) == float(number)


def switched(text: str) -> str:
    """`ON` or `OFF` for any spelling of a switch; other text in capitals."""
    return _SWITCHES.get(text.upper(), text.upper())


def _value(variable: Mapping[str, Any], wanted: str) -> str:
    number = number_of(wanted)
    return number if number is not None and variable["VARIABLE_TYPE"] not in ("VARCHAR", "SET") else literal(wanted)


def named_safely(name: str) -> str:
    """A name that can stand in one line of SQL. Error: InputRefused for another."""
    if not name or any(c in name for c in "\0\n\r;"):
        raise InputRefused(
            "name not possible",
            detail=f"{name!r} cannot be the name of a user or database.",
            hint="use letters, digits and underscores",
        )
    return name
