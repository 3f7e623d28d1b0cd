"""One MySQL server: its directory, its configuration, its start and its end.

A home looks as MariaDB's does, and the administrator comes in the same way; what differs is overridden here.
"""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import pymysql

from mainstay.engines.home import write_private
from mainstay.engines.mariadb import cluster as mariadb
from mainstay.engines.mariadb.cluster import ADMIN, named_safely
from mainstay.engines.mariadb.configuration import ADMIN_USER, quoted, render_settings
from mainstay.engines.mariadb.session import ask, literal, named, quoted_name, tell
from mainstay.engines.mysql.configuration import Wanted
from mainstay.engines.mysql.programs import Programs
from mainstay.engines.mysql.template import copy_template, make_data

# The heartbeat has the name that RDS gives to its own.
HEARTBEAT: Final = "mysql.rds_heartbeat2"
# RDS User Guide, "Master user account privileges", MySQL 8.4 (read 2026-11-20): neither SUPER nor FILE.
MASTER_PRIVILEGES: Final = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES,"
    " CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW,"
    " CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER, CREATE ROLE, DROP ROLE, APPLICATION_PASSWORD_ADMIN,"
    " ROLE_ADMIN, SET_ANY_DEFINER, XA_RECOVER_ADMIN"
)
_READ_ONLY: Final = 1238  # ER_INCORRECT_GLOBAL_LOCAL_VAR: it waits for a restart
_CHANGED: Final = frozenset({"EXPLICIT", "DYNAMIC", "GLOBAL", "SERVER", "PERSISTED"})
_STATE: Final = ("gtid_executed", "gtid_purged")  # variables that are positions, not settings


@dataclass(frozen=True, slots=True)
class Cluster(mariadb.Cluster):
    """A server's home, its loopback address, its programs and its user. Nothing is kept in memory but these."""

    binaries: Programs  # type: ignore[assignment]  # the same place for another engine's programs
    wish: ClassVar[Any] = Wanted

    def initialise(self, master_user: str, master_password: str, *, database: str | None = None) -> None:
        """Make a new server with a master user and, if named, a database. It is not started.

        Errors: InputRefused when there is one already, EnvironmentLacking when the disk is full.
        """
        self.refuse_existing()
        self.prepare()
        password = secrets.token_urlsafe(24)
        write_private(self.password_file, password, self.identity)
        master = f"{literal(named_safely(master_user))}@'%'"
        statements = [
            "SET sql_log_bin = 0",
            *_administrator(password),
            f"CREATE USER {master} IDENTIFIED BY {literal(master_password)}",
            f"GRANT {MASTER_PRIVILEGES} ON *.* TO {master} WITH GRANT OPTION",
            f"CREATE TABLE {HEARTBEAT} (id int PRIMARY KEY, beat_at timestamp(6) NOT NULL)",
            f"INSERT INTO {HEARTBEAT} VALUES (0, UTC_TIMESTAMP(6)), (1, UTC_TIMESTAMP(6))",  # noqa: S608 - a constant
        ]
        if database is not None:
            statements.append(f"CREATE DATABASE {quoted_name(named_safely(database))}")
        self._initialise(statements)
        self.configure({})

    def _initialise(self, statements: list[str]) -> None:
        """Make the data directory, under another name until it is whole."""
        building = self.begin_data()
        script = self._script(statements)
        try:
            make_data(self.binaries, self.identity, building, script)
        finally:
            script.unlink()  # it names passwords
        building.rename(self.data_directory)

    def _script(self, statements: list[str]) -> Path:
        script = self.side / "initial.sql"
        write_private(script, "".join(f"{statement};\n" for statement in statements), self.identity)
        return script

    def initialise_feeder(self) -> dict[str, str]:
        """Make a new server to replay logs from, with an administrator and nobody else, from the template."""
        self.refuse_existing()
        self.prepare()
        copy_template(self.binaries, self.identity, self.data_directory)
        password = secrets.token_urlsafe(24)
        write_private(self.password_file, password, self.identity)
        return {"init_file": str(self._script(["SET sql_log_bin = 0", *_administrator(password)]))}

    def command(self) -> list[str]:
        """How the server is started."""
        return [
            *self.binaries.command("mysqld"), f"--defaults-file={self.side / 'server.cnf'}",
            f"--datadir={self.data_directory}",
        ]  # fmt: skip

    def reload(self) -> None:
        """Bring the running server's dynamic settings to what is asked for; the others wait for a restart.

        Error: TargetRefused when it does not run or refuses a value.
        """
        wanted = Wanted.load(self.settings_file)
        effective = self._effective(wanted)
        with self.session(timeout_s=30.0) as opened:
            rows = named(opened, "SELECT * FROM performance_schema.variables_info")
            sources = {str(row["VARIABLE_NAME"]): str(row["VARIABLE_SOURCE"]) for row in rows}
            present = {str(row["Variable_name"]): str(row["Value"]) for row in named(opened, "SHOW GLOBAL VARIABLES")}
            for name, value in effective.items():
                if name in present and not _same(present[name], value):
                    _set(opened, name, _value(value))
            for name in sorted(present.keys() - effective.keys() - {*_STATE}):
                if sources.get(name) in _CHANGED:
                    _set(opened, name, "DEFAULT")
            if self.authority is not None:
                tell(opened, "ALTER INSTANCE RELOAD TLS")

    def is_in_recovery(self) -> bool:
        """Whether it is a standby or a replica."""
        with self.session() as opened:
            return bool(named(opened, "SHOW REPLICA STATUS"))

    def set_password(self, role: str, password: str) -> None:
        """Change a user's password, over loopback and, where the server has a certificate, TLS."""
        with self.session() as opened:
            tell(opened, f"ALTER USER {literal(role)}@'%' IDENTIFIED BY {literal(password)}")

    def server_uuid(self) -> str:
        """The first half of its transactions' ids; the server chooses it at its first start."""
        with self.session() as opened:
            return str(ask(opened, "SELECT @@server_uuid")[0])

    def _effective(self, wanted: Wanted) -> dict[str, str]:  # type: ignore[override]  # the wish of this engine
        return wanted.effective(self._own())

    def _own(self) -> dict[str, str]:
        return {
            **self.binaries.places(),
            "bind_address": self.host,
            "port": str(self.port),
            "server_id": str(self.server_id),
            "tmpdir": str(self.home / "tmp"),
        }

    def _write(self, wanted: Wanted) -> None:  # type: ignore[override]  # the wish of this engine
        client = {"host": self.host, "port": str(self.port), "user": ADMIN_USER}
        if self.password_file.exists():
            client["password"] = self.password()
        lines = [render_settings(client, "client").rstrip()]
        if wanted.tls is not None:
            lines += [f"ssl-ca = {quoted(str(wanted.tls.authority))}", "ssl-mode = VERIFY_CA"]
        else:
            lines += ["get-server-public-key"]
        write_private(self.client_file, "\n".join(lines) + "\n", self.identity)
        text = render_settings(wanted.written(self._own()), "mysqld")
        write_private(self.side / "server.cnf", text, self.identity)
        # Last: it is what the next change starts from.
        write_private(self.settings_file, wanted.as_json(), self.identity)


def _administrator(password: str) -> list[str]:
    return [
        f"CREATE USER {ADMIN} IDENTIFIED BY {literal(password)}",
        f"GRANT ALL PRIVILEGES ON *.* TO {ADMIN} WITH GRANT OPTION",
    ]


def _set(opened: Any, name: str, value: str) -> None:
    """Set one variable, where it can be set without a restart."""
    try:
        tell(opened, f"SET GLOBAL {name} = {value}")
    except pymysql.err.MySQLError as error:
        if error.args[0] != _READ_ONLY:
            raise


def _same(present: str, wanted: str) -> bool:
    number = mariadb.number_of(wanted)
    if number is not None:
        with contextlib.suppress(ValueError):
            return float(present) == float(number)
    return mariadb.switched(present) == mariadb.switched(wanted)


def _value(wanted: str) -> str:
    number = mariadb.number_of(wanted)
    return number if number is not None else literal(wanted)
