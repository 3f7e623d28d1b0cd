"""One PostgreSQL server: its directory, its configuration, its start and its end.

A cluster's home holds `data/` (what initdb makes), `side/` (configuration, passwords and certificates, 0700) and
`server.log`. Configuration lies outside `data/`, so that a copy of the data never brings a stranger's with it.
"""

from __future__ import annotations

import secrets
import signal as signals
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import psycopg
from psycopg.conninfo import make_conninfo

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.engines.binaries import Binaries
from mainstay.engines.home import log_since, write_private
from mainstay.engines.postgres.configuration import ADMIN_ROLE, Wanted
from mainstay.engines.postgres.interlock import forget_zombie, remove_segment
from mainstay.engines.postgres.server_log import trouble
from mainstay.engines.postgres.session import (
    Session,
    ask,
    change_password,
    open_session,
    pass_line,
    read_password,
    session,
)
from mainstay.engines.postgres.template import clone_template, single_user
from mainstay.engines.process import (
    ProcessProof,
    is_alive_and_ours,
    proof_of,
    signal,
    spawn_detached,
    terminate,
)
from mainstay.engines.server import Server
from mainstay.probe.scram import scram_verifier

READY_POLL_S: Final = 0.003
PID_FILE_STATUS: Final = 7  # the line of postmaster.pid with the state (miscadmin.h, LOCK_FILE_LINE_PM_STATUS)
_RELOAD: Final = signals.SIGHUP


@dataclass(frozen=True, slots=True)
class Cluster(Server):
    """One PostgreSQL server."""

    binaries: Binaries
    wish: ClassVar[Any] = Wanted

    @property
    def password_file(self) -> Path:
        """The administrator's password, in libpq's form (0600)."""
        return self.side / f"{ADMIN_ROLE}.pass"

    @property
    def conninfo(self) -> str:
        """How the administrator's programs connect: no password in it, only the file that holds it."""
        return make_conninfo(
            host=self.host, port=self.port, user=ADMIN_ROLE, passfile=str(self.password_file), sslmode="disable"
        )

    def initialise(self, master_user: str, master_password: str, *, database: str | None = None) -> None:
        """Make a new cluster with a master role and, if named, a database that belongs to it. It is not started.

        Errors: InputRefused when there is one already, EnvironmentLacking when the disk is full.
        """
        self.refuse_existing()
        self.prepare()
        clone_template(self.binaries, self.identity, self.data_directory)
        password = secrets.token_urlsafe(24)
        write_private(self.password_file, pass_line(password), self.identity)
        master = _identifier(master_user)
        statements = [
            f"ALTER ROLE {ADMIN_ROLE} PASSWORD '{scram_verifier(password)}'",
            f"CREATE ROLE {master} LOGIN CREATEDB CREATEROLE PASSWORD '{scram_verifier(master_password)}'",
            f"GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO {master} WITH ADMIN OPTION",
        ]
        if database is not None and database != "postgres":
            statements.append(f"CREATE DATABASE {_identifier(database)} OWNER {master}")
        single_user(self.binaries, self.identity, self.data_directory, "postgres", tuple(statements))
        self.configure({})

    def prepare(self) -> None:
        """Create the home and its side directory, owned by the server's user."""
        self.identity.own_directory(self.home)
        self.identity.own_directory(self.side)

    def start(self, *, timeout_s: float = 30.0, must_accept: bool = True) -> ProcessProof:
        """Start the server and wait until it lets the administrator in (unless `must_accept` is off).

        Errors: TargetRefused with the log's FATAL lines, or when it is not ready in time (it is stopped then);
        EnvironmentLacking when the port is in use or the disk full.
        """
        running = self.find_proof()
        if running is not None:
            return running
        forget_zombie(self.data_directory)
        log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        proof = spawn_detached(
            [
                self.binaries.program("postgres"),
                f"--config-file={self.side / 'postgresql.conf'}",
                "-D",
                str(self.data_directory),
            ],
            identity=self.identity,
            log_path=self.log_path,
            cwd=self.home,
        )
        if not must_accept:
            return proof
        try:
            self.await_ready(proof, timeout_s, log_start)
        except BaseException:
            terminate(proof, "immediate")
            raise
        return proof

    def await_ready(self, proof: ProcessProof, timeout_s: float, log_start: int = 0) -> None:
        """Wait until a started server lets the administrator in; errors as in `start`, but nothing is stopped.

        Its pid file tells when it is (`pg_ctl -w` reads it too); asking by connecting would fill the log of a long
        replay with refusals.
        """
        deadline = time.monotonic() + timeout_s
        while not (self._says_ready(proof) and self.is_ready()):
            is_over = time.monotonic() >= deadline
            if is_over or not is_alive_and_ours(proof):
                summary = "server not ready in time" if is_over else "server did not start"
                where = (
                    f"{self.data_directory} on {self.host}:{self.port}, after {timeout_s:g} s"
                    if is_over
                    else (f"{self.data_directory} on {self.host}:{self.port}")
                )
                raise trouble(summary, where, log_since(self.log_path, log_start))
            time.sleep(READY_POLL_S)

    def _says_ready(self, proof: ProcessProof) -> bool:
        lines = self._pid_file()
        return len(lines) > PID_FILE_STATUS and lines[0] == str(proof.pid) and lines[PID_FILE_STATUS].strip() == "ready"

    def _pid_file(self) -> list[str]:
        try:
            return (self.data_directory / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def reload(self) -> None:
        """Have the server read its files again. Error: TargetRefused when it does not run."""
        proof = self.find_proof()
        if proof is None or not signal(proof, _RELOAD):
            raise TargetRefused(
                "server is not running",
                detail=f"{self.data_directory} has no running server that could read its settings.",
                hint="start it; it reads them then",
            )

    def find_proof(self) -> ProcessProof | None:
        """The proof of the server that runs on our data directory, from its own pid file."""
        lines = self._pid_file()
        if not lines or not lines[0].isdecimal():
            return None
        return proof_of(int(lines[0]), str(self.data_directory))

    def is_ready(self) -> bool:
        """Whether the server lets the administrator in now."""
        try:
            with open_session(self.host, self.port, read_password(self.password_file)):
                return True
        except psycopg.Error:
            return False

    @contextmanager
    def session(self, database: str = "postgres", *, timeout_s: float = 5.0) -> Iterator[Session]:
        """An administrator's session. Error: TargetRefused."""
        with session(self.host, self.port, self.password_file, database=database, timeout_s=timeout_s) as opened:
            yield opened

    def is_in_recovery(self) -> bool:
        """Whether it is a standby or still replaying."""
        with self.session() as opened:
            return bool(ask(opened, "SELECT pg_is_in_recovery()")[0])

    def timeline(self) -> int:
        """The timeline that it writes or follows."""
        with self.session() as opened:
            if ask(opened, "SELECT pg_is_in_recovery()")[0]:
                query = (
                    "SELECT coalesce(received_tli, timeline_id)"
                    " FROM pg_control_checkpoint() LEFT JOIN pg_stat_wal_receiver ON true"
                )
                return int(ask(opened, query)[0])
            return written_timeline(opened)

    def set_password(self, role: str, password: str) -> None:
        """Change a role's password; the server sees the verifier only."""
        with self.session() as opened:
            change_password(opened, role, password)

    def _forget(self) -> None:
        remove_segment(self._pid_file(), self.identity)

    def _write(self, wanted: Wanted) -> None:
        own = {
            "cluster_name": self.home.name[:63],
            "hba_file": str(self.side / "pg_hba.conf"),
            "listen_addresses": self.host,
            "log_destination": "stderr",  # our log file; the reasons of a failed start are read from it
            "logging_collector": "off",
            "port": str(self.port),
            "unix_socket_directories": "",
        }
        write_private(self.side / "pg_hba.conf", wanted.hba(), self.identity)
        write_private(self.side / "postgresql.conf", wanted.configuration(own), self.identity)
        # Last: it is what the next change starts from.
        write_private(self.settings_file, wanted.as_json(), self.identity)


def written_timeline(opened: Session) -> int:
    """The timeline that a primary writes; its control file names the old one until its first checkpoint."""
    return int(str(ask(opened, "SELECT pg_walfile_name(pg_current_wal_insert_lsn())")[0])[:8], 16)


def _identifier(name: str) -> str:
    if not name or any(c in name for c in "\0\n\r;"):
        raise InputRefused(
            "name not possible",
            detail=f"{name!r} cannot be the name of a role or database.",
            hint="use letters, digits and underscores",
        )
    return '"' + name.replace('"', '""') + '"'
