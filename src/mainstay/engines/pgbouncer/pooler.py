"""One PgBouncer: its directory, its files, its start and its end.

A home holds `pgbouncer.ini`, `userlist.txt` and `console.pass` (0600, the server user's own), and `pgbouncer.log`.
"""

from __future__ import annotations

import secrets
import shutil
import signal as signals
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg.rows import dict_row

from mainstay.core.errors import EnvironmentLacking, TargetRefused
from mainstay.engines.home import log_since, write_private
from mainstay.engines.identity import Identity
from mainstay.engines.pgbouncer.configuration import CONSOLE, CONSOLE_USER, PoolWish, render_ini, render_userlist
from mainstay.engines.pgbouncer.programs import Program
from mainstay.engines.process import ProcessProof, is_alive_and_ours, proof_of, signal, spawn_detached, terminate

READY_S: Final = 10.0
READY_POLL_S: Final = 0.01
CONSOLE_S: Final = 2  # libpq takes no less
STOP_MODE: Final = "polite"  # SIGTERM ends it at once, SIGINT only when the last query has ended (pgbouncer(1))
SHOWN_LINES: Final = 8
PORT_IN_USE: Final = "port in use"
INI: Final = "pgbouncer.ini"
PID: Final = "pgbouncer.pid"


@dataclass(frozen=True, slots=True)
class Pooler:
    """A pool's home, its loopback address, its program and its user. Nothing is kept in memory but these."""

    home: Path
    host: str
    port: int
    program: Program
    identity: Identity

    @property
    def ini(self) -> Path:
        """What it reads; also the marker of its process."""
        return self.home / INI

    @property
    def userlist(self) -> Path:
        """Names and passwords (0600)."""
        return self.home / "userlist.txt"

    @property
    def log_path(self) -> Path:
        """Where it writes what it has to say."""
        return self.home / "pgbouncer.log"

    def configure(self, wish: PoolWish, logins: Mapping[str, str]) -> bool:
        """Write the files; whether anything is new in them, for which `reload` is due."""
        self.identity.own_directory(self.home)
        users = {**logins, CONSOLE_USER: self._console_password()}
        wanted = {self.userlist: render_userlist(users), self.ini: self._ini(wish)}
        changed = {path: text for path, text in wanted.items() if not path.exists() or path.read_text() != text}
        for path, text in changed.items():
            write_private(path, text, self.identity)
        return bool(changed)

    def _ini(self, wish: PoolWish) -> str:
        return render_ini(wish, self.host, self.port, self.userlist)

    def _console_password(self) -> str:
        path = self.home / "console.pass"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24), self.identity)
        return path.read_text()

    def start(self) -> ProcessProof:
        """Start it and wait until its console answers; one that runs already is taken.

        Errors: EnvironmentLacking when the port is in use, TargetRefused with the end of its log.
        """
        running = self.find_proof()
        if running is not None:
            return running
        begins_at = self.log_path.stat().st_size if self.log_path.exists() else 0
        proof = spawn_detached(
            [str(self.program.path), str(self.ini)],
            identity=self.identity,
            env=self.program.environment,
            log_path=self.log_path,
            cwd=self.home,
        )
        write_private(self.home / PID, str(proof.pid), self.identity)
        try:
            self._await_ready(proof, begins_at)
        except BaseException:
            terminate(proof, "kill")
            raise
        return proof

    def _await_ready(self, proof: ProcessProof, begins_at: int) -> None:
        deadline = time.monotonic() + READY_S
        while not self.is_ready():
            if time.monotonic() >= deadline or not is_alive_and_ours(proof):
                raise self._trouble(log_since(self.log_path, begins_at))
            time.sleep(READY_POLL_S)

    def _trouble(self, log: str) -> EnvironmentLacking | TargetRefused:
        detail = "\n".join([f"PgBouncer on {self.host}:{self.port}:", *log.splitlines()[-SHOWN_LINES:]])
        if "Address already in use" in log:
            return EnvironmentLacking(PORT_IN_USE, detail=detail, hint="see what listens there with `ss -ltnp`")
        return TargetRefused("pool did not start", detail=detail, hint=f"the whole story is in {self.log_path}")

    def find_proof(self) -> ProcessProof | None:
        """The proof of the process that runs on our files."""
        return find_proof(self.home)

    def reload(self) -> None:
        """Have it read its files again; its clients notice nothing. Error: TargetRefused when it does not run."""
        proof = self.find_proof()
        if proof is None or not signal(proof, signals.SIGHUP):
            raise TargetRefused(
                "pool is not running",
                detail=f"{self.home} has no running PgBouncer that could read its files.",
                hint="start it; it reads them then",
            )

    def stop(self) -> None:
        """End it when it runs, and its clients' connections with it."""
        proof = self.find_proof()
        if proof is not None:
            terminate(proof, STOP_MODE)

    def erase(self) -> None:
        """Stop it and remove its home."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def is_ready(self) -> bool:
        """Whether its console answers."""
        try:
            self._ask("SHOW VERSION")
        except psycopg.Error:
            return False
        return True

    def pools(self) -> list[dict[str, object]]:
        """Its pools as `SHOW POOLS` tells of them, without its console. Error: TargetRefused when nobody answers."""
        try:
            return [pool for pool in self._ask("SHOW POOLS") if pool["database"] != CONSOLE]
        except psycopg.Error as error:
            raise TargetRefused(
                "pool does not answer", detail=f"{self.host}:{self.port}: {error}", hint=f"see {self.log_path}"
            ) from error

    def _ask(self, command: str) -> list[dict[str, object]]:
        with psycopg.connect(
            host=self.host, port=self.port, user=CONSOLE_USER, password=self._console_password(), dbname=CONSOLE,
            sslmode="require", gssencmode="disable", connect_timeout=CONSOLE_S, autocommit=True,
            prepare_threshold=None, row_factory=dict_row,
        ) as opened:  # fmt: skip
            # Bytes: the console's words are no SQL, and no text of a caller's.
            return opened.execute(command.encode()).fetchall()


def find_proof(home: Path) -> ProcessProof | None:
    """The proof of the PgBouncer that runs on the files of this home; it takes no program to look for it."""
    try:
        text = (home / PID).read_text().strip()
    except FileNotFoundError:
        return None
    return proof_of(int(text), str(home / INI)) if text.isdecimal() else None
